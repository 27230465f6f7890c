package io.hindsight.simulation.disk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.attribute.PosixFilePermission;
import java.util.HashSet;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A file's bytes: what programs see, and what of it is on disk. Bytes beyond its size are zero, so that growing needs no clearing.
 *
 * <p>What is not forced is known in one of two ways. A file that is written by calls has a {@link WriteLog}. One that was ever mapped for writing
 * has a copy of what is on disk, page for page, because nobody tells of a store to memory; writes by calls are then pages too. Guarded by the
 * disk; mapped memory is not guarded at all, as ever.
 */
final class DiskFile extends DiskNode {
    static final int PAGE_SIZE = 4096;

    private static final int FIRST_CAPACITY = 512;

    private MemorySegment content = MemorySegment.ofArray(new byte[0]);
    private long size;
    private final WriteLog log = new WriteLog();
    private byte @Nullable [] durablePages;

    /** The processes that have it mapped. */
    private final Set<DiskFileSystem> mappedBy = new HashSet<>();

    // Who holds it: its room is given back when nobody does.
    private boolean linked;
    private int handles;
    private @Nullable DiskLock lock;

    DiskFile(Set<PosixFilePermission> permissions, long modifiedMs) {
        super(permissions, modifiedMs);
    }

    long size() {
        return size;
    }

    boolean isHeld() {
        return linked || handles > 0;
    }

    void linked(boolean hasName) {
        linked = hasName;
    }

    void opened() {
        handles++;
    }

    void closed() {
        handles--;
    }

    @Nullable DiskLock lock() {
        return lock;
    }

    void lock(@Nullable DiskLock newLock) {
        lock = newLock;
    }

    /** Bytes read; -1 at the end. */
    int read(ByteBuffer target, long position) {
        if (!target.hasRemaining()) {
            return 0;
        }
        if (position >= size) {
            return -1;
        }
        int count = (int) Math.min(target.remaining(), size - position);
        MemorySegment.copy(content, position, MemorySegment.ofBuffer(target), 0, count);
        target.position(target.position() + count);
        return count;
    }

    /** Takes {@code count} bytes of the source. */
    void write(ByteBuffer source, int count, long position) throws IOException {
        long end = position + count;
        ensureCapacity(end);
        if (durablePages == null) {
            log.write(content, size, position, count);
        }
        MemorySegment.copy(MemorySegment.ofBuffer(source), 0, content, position, count);
        source.position(source.position() + count);
        size = Math.max(size, end);
    }

    void truncate(long newSize) throws IOException {
        if (newSize >= size) {
            return;
        }
        if (!mappedBy.isEmpty()) {
            throw new IOException("a mapped file cannot be cut on a simulated disk");
        }
        if (durablePages == null) {
            log.truncate(content, size, newSize);
        }
        content.asSlice(newSize, size - newSize).fill((byte) 0);
        size = newSize;
    }

    private void ensureCapacity(long needed) throws IOException {
        if (needed <= content.byteSize()) {
            return;
        }
        if (!mappedBy.isEmpty()) {
            throw new IOException("a mapped file cannot grow on a simulated disk");
        }
        long capacity = Math.max(needed, Math.max(FIRST_CAPACITY, 2 * content.byteSize()));
        content = MemorySegment.ofArray(copy(Math.toIntExact(capacity)));
    }

    private byte[] copy(int capacity) {
        byte[] bytes = new byte[capacity];
        MemorySegment.copy(content, ValueLayout.JAVA_BYTE, 0, bytes, 0, (int) Math.min(size, capacity));
        return bytes;
    }

    /** The file's own memory, from its first byte to its last. */
    MemorySegment map(DiskFileSystem process, boolean writable) {
        if (writable && durablePages == null) {
            durablePages = log.durable(copy((int) size));
            log.clear();
        }
        if (mappedBy.isEmpty()) {
            MemorySegment memory = Arena.ofAuto().allocate(Math.max(1, size), PAGE_SIZE);
            MemorySegment.copy(content, 0, memory, 0, size);
            content = memory;
        }
        mappedBy.add(process);
        return content.asSlice(0, size);
    }

    /** The process is gone: what it still stores to the memory that it had mapped reaches nobody. */
    void unmap(DiskFileSystem process) {
        if (mappedBy.remove(process) && mappedBy.isEmpty()) {
            content = MemorySegment.ofArray(copy((int) size));
        }
    }

    /** All of it is on disk. */
    void force() {
        if (durablePages != null) {
            durablePages = copy((int) size);
        }
        log.force();
    }

    /** A sync failed: the pages count as clean, and no later sync writes them. */
    void forceFailed() {
        log.forceFailed();
    }

    @Override
    void cutPower(RandomGenerator random) {
        super.cutPower(random);
        mappedBy.clear();
        handles = 0;
        lock = null;
        byte[] current = copy((int) size);
        byte[] pages = durablePages;
        byte[] left = pages == null ? log.cutPower(current, random) : PageChoice.of(pages, current, random);
        content = MemorySegment.ofArray(left);
        size = left.length;
        durablePages = pages == null ? null : left.clone();
        log.clear();
    }
}
