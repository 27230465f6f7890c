package io.hindsight.simulation.disk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.OverlappingFileLockException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An open file or folder. Thread-safe by the disk's lock. */
final class DiskChannel extends FileChannel {
    private static final int TRANSFER_LENGTH = 64 << 10;

    private final SimulatedDisk disk;
    private final DiskFileSystem process;
    private final DiskNode node;
    private final DiskPath path;
    private final OpenMode mode;

    // Guarded by the disk.
    private long position;

    DiskChannel(DiskFileSystem process, DiskNode node, DiskPath path, OpenMode mode) {
        this.disk = process.disk();
        this.process = process;
        this.node = node;
        this.path = path;
        this.mode = mode;
    }

    DiskFileSystem process() {
        return process;
    }

    private DiskFile readable() throws IOException {
        requireOpen();
        if (!mode.read()) {
            throw new NonReadableChannelException();
        }
        return file();
    }

    private DiskFile writable() throws IOException {
        requireOpen();
        if (!mode.write()) {
            throw new NonWritableChannelException();
        }
        return file();
    }

    private DiskFile file() throws IOException {
        if (node instanceof DiskFile file) {
            return file;
        }
        throw new IOException("Is a directory");
    }

    private void requireOpen() throws ClosedChannelException {
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        synchronized (disk) {
            int count = disk.read(readable(), path, target, position);
            position += Math.max(0, count);
            return count;
        }
    }

    @Override
    public long read(ByteBuffer[] targets, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, targets.length);
        synchronized (disk) {
            readable();
            long sum = 0;
            for (int index = offset; index < offset + length; index++) {
                int wanted = targets[index].remaining();
                int count = wanted == 0 ? 0 : read(targets[index]);
                if (count < 0) {
                    return sum == 0 ? -1 : sum;
                }
                sum += count;
            }
            return sum;
        }
    }

    @Override
    public int read(ByteBuffer target, long at) throws IOException {
        requirePosition(at);
        synchronized (disk) {
            return disk.read(readable(), path, target, at);
        }
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        synchronized (disk) {
            DiskFile file = writable();
            if (mode.append()) {
                position = file.size();
            }
            int count = written(file, source, position);
            position += count;
            return count;
        }
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, sources.length);
        synchronized (disk) {
            writable();
            long sum = 0;
            for (int index = offset; index < offset + length; index++) {
                if (!sources[index].hasRemaining()) {
                    continue;
                }
                try {
                    sum += write(sources[index]);
                } catch (IOException e) {
                    if (sum == 0) {
                        throw e;
                    }
                    return sum; // what was written counts; the next call fails
                }
                if (sources[index].hasRemaining()) {
                    return sum;
                }
            }
            return sum;
        }
    }

    @Override
    public int write(ByteBuffer source, long at) throws IOException {
        requirePosition(at);
        synchronized (disk) {
            DiskFile file = writable();
            return written(file, source, mode.append() ? file.size() : at);
        }
    }

    private int written(DiskFile file, ByteBuffer source, long at) throws IOException {
        int count = disk.write(file, path, source, at);
        if (mode.forces()) {
            disk.force(file, path);
        }
        return count;
    }

    private static void requirePosition(long at) {
        if (at < 0) {
            throw new IllegalArgumentException("Negative position");
        }
    }

    @Override
    public long position() throws IOException {
        synchronized (disk) {
            requireOpen();
            return mode.append() ? file().size() : position;
        }
    }

    @Override
    public FileChannel position(long newPosition) throws IOException {
        synchronized (disk) {
            requireOpen();
            requirePosition(newPosition);
            position = newPosition;
            return this;
        }
    }

    @Override
    public long size() throws IOException {
        synchronized (disk) {
            requireOpen();
            return file().size();
        }
    }

    @Override
    public FileChannel truncate(long size) throws IOException {
        requirePosition(size);
        synchronized (disk) {
            DiskFile file = writable();
            if (size < file.size()) {
                disk.truncate(file, path, size);
            }
            position = Math.min(position, size);
            return this;
        }
    }

    @Override
    public void force(boolean metaData) throws IOException {
        synchronized (disk) {
            requireOpen();
            disk.force(node, path);
        }
    }

    @Override
    public long transferTo(long at, long count, WritableByteChannel target) throws IOException {
        requirePosition(at);
        readable();
        ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(count, TRANSFER_LENGTH));
        long sum = 0;
        while (sum < count) {
            buffer.clear().limit((int) Math.min(count - sum, buffer.capacity()));
            if (read(buffer, at + sum) <= 0) {
                break;
            }
            int taken = target.write(buffer.flip());
            sum += taken;
            if (buffer.hasRemaining()) {
                break;
            }
        }
        return sum;
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long at, long count) throws IOException {
        requirePosition(at);
        if (at > size()) {
            return 0;
        }
        ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(count, TRANSFER_LENGTH));
        long sum = 0;
        while (sum < count) {
            buffer.clear().limit((int) Math.min(count - sum, buffer.capacity()));
            if (source.read(buffer) <= 0) {
                break;
            }
            buffer.flip();
            while (buffer.hasRemaining()) {
                sum += write(buffer, at + sum);
            }
        }
        return sum;
    }

    /** The whole mapping is the file's memory; it does not end with the arena but when nothing refers to it. */
    @Override
    public MemorySegment map(MapMode mapMode, long offset, long length, Arena arena) throws IOException {
        synchronized (disk) {
            DiskFile file = readable();
            boolean writes = mapMode.equals(MapMode.READ_WRITE);
            if (mapMode.equals(MapMode.PRIVATE)) {
                throw new UnsupportedOperationException("A private mapping is not simulated");
            }
            if (writes && !mode.write()) {
                throw new NonWritableChannelException();
            }
            if (offset + length > file.size()) {
                throw new UnsupportedOperationException("A mapping beyond the end of the file is not simulated");
            }
            MemorySegment mapped = file.map(process, writes).asSlice(offset, length);
            return writes ? mapped : mapped.asReadOnly();
        }
    }

    @Override
    public MappedByteBuffer map(MapMode mapMode, long offset, long length) {
        throw new UnsupportedOperationException("Only segments are mapped on a simulated disk");
    }

    @Override
    public FileLock lock(long offset, long length, boolean shared) throws IOException {
        FileLock lock = tryLock(offset, length, shared);
        if (lock == null) {
            throw new IOException("Resource deadlock avoided: another simulated process has the lock");
        }
        return lock;
    }

    @Override
    public @Nullable FileLock tryLock(long offset, long length, boolean shared) throws IOException {
        if (offset != 0 || length != Long.MAX_VALUE || shared) {
            throw new UnsupportedOperationException("Only whole files are locked on a simulated disk");
        }
        synchronized (disk) {
            DiskFile file = writable();
            DiskLock held = file.lock();
            if (held == null) {
                DiskLock lock = new DiskLock(this);
                file.lock(lock);
                return lock;
            }
            if (held.isOf(process)) {
                throw new OverlappingFileLockException();
            }
            return null;
        }
    }

    boolean holds(DiskLock lock) {
        synchronized (disk) {
            return node instanceof DiskFile file && file.lock() == lock;
        }
    }

    void release(DiskLock lock) {
        synchronized (disk) {
            if (node instanceof DiskFile file && file.lock() == lock) {
                file.lock(null);
            }
        }
    }

    @Override
    protected void implCloseChannel() {
        synchronized (disk) {
            process.closed(this);
            if (node instanceof DiskFile file) {
                DiskLock held = file.lock();
                if (held != null && held.isOf(process)) {
                    file.lock(null);
                }
                disk.closed(file);
            }
        }
    }
}
