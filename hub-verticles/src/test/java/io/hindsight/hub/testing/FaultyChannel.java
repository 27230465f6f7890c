package io.hindsight.hub.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/** A real file that fails as disks do: writes that take little, or nothing more after a while; syncs that fail; writes that are slow. */
public final class FaultyChannel extends FileChannel {
    private final FileChannel real;
    private final Faults faults;
    private long written;

    /** What goes wrong. */
    public static final class Faults {
        /** Most bytes that one write takes. */
        public volatile int shortWriteBytes = Integer.MAX_VALUE;

        /** After so many bytes the volume is full. */
        public volatile long fullAfterBytes = Long.MAX_VALUE;

        /** Whether syncs fail. */
        public volatile boolean failsSync;

        /** Each write waits for a permit. */
        public volatile Semaphore permits = new Semaphore(Integer.MAX_VALUE);

        /** How many syncs were asked for. */
        public final AtomicInteger syncs = new AtomicInteger();
    }

    public FaultyChannel(FileChannel real, Faults faults) {
        this.real = real;
        this.faults = faults;
    }

    @Override
    public long write(ByteBuffer[] buffers, int offset, int length) throws IOException {
        for (int i = offset; i < offset + length; i++) {
            if (buffers[i].hasRemaining()) {
                return write(buffers[i]);
            }
        }
        return 0;
    }

    @Override
    public int write(ByteBuffer buffer) throws IOException {
        faults.permits.acquireUninterruptibly();
        if (written >= faults.fullAfterBytes) {
            throw new IOException("No space left on device");
        }
        ByteBuffer part = buffer.slice(buffer.position(), Math.min(buffer.remaining(), faults.shortWriteBytes));
        int count = real.write(part);
        buffer.position(buffer.position() + count);
        written += count;
        return count;
    }

    @Override
    public void force(boolean metadata) throws IOException {
        faults.syncs.incrementAndGet();
        if (faults.failsSync) {
            throw new IOException("Input/output error");
        }
        real.force(metadata);
    }

    @Override
    public int read(ByteBuffer buffer) throws IOException {
        return real.read(buffer);
    }

    @Override
    public long read(ByteBuffer[] buffers, int offset, int length) throws IOException {
        return real.read(buffers, offset, length);
    }

    @Override
    public int read(ByteBuffer buffer, long position) throws IOException {
        return real.read(buffer, position);
    }

    @Override
    public int write(ByteBuffer buffer, long position) throws IOException {
        return real.write(buffer, position);
    }

    @Override
    public long position() throws IOException {
        return real.position();
    }

    @Override
    public FileChannel position(long newPosition) throws IOException {
        real.position(newPosition);
        return this;
    }

    @Override
    public long size() throws IOException {
        return real.size();
    }

    @Override
    public FileChannel truncate(long size) throws IOException {
        real.truncate(size);
        return this;
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel target) throws IOException {
        return real.transferTo(position, count, target);
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long position, long count) throws IOException {
        return real.transferFrom(source, position, count);
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long position, long size) throws IOException {
        return real.map(mode, position, size);
    }

    @Override
    public FileLock lock(long position, long size, boolean shared) throws IOException {
        return real.lock(position, size, shared);
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) throws IOException {
        return real.tryLock(position, size, shared);
    }

    @Override
    protected void implCloseChannel() throws IOException {
        real.close();
    }
}
