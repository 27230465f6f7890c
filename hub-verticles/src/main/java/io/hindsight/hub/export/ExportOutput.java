package io.hindsight.hub.export;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * The buffer that an export fills now. What does not fit is kept, by reference, and goes first into the next buffer; a sink looks at
 * {@link #remaining} before each record, so that is at most one record and the blocks that belong to it. Owned by the export's thread.
 */
final class ExportOutput {
    private final Queue<MemorySegment> carried = new ArrayDeque<>();
    private MemorySegment target = MemorySegment.NULL;
    private long position;
    private long total;

    /** Takes another buffer and puts in what was carried over. */
    void attach(MemorySegment buffer) {
        target = buffer;
        position = 0;
        while (!carried.isEmpty() && position < target.byteSize()) {
            MemorySegment next = carried.peek();
            long fits = Math.min(next.byteSize(), target.byteSize() - position);
            copy(next, 0, fits);
            if (fits == next.byteSize()) {
                carried.remove();
            } else {
                replaceFirst(next.asSlice(fits));
            }
        }
    }

    private void replaceFirst(MemorySegment rest) {
        int others = carried.size() - 1;
        carried.remove();
        carried.add(rest);
        for (int i = 0; i < others; i++) {
            carried.add(carried.remove());
        }
    }

    /** Lets go of the buffer. @return bytes that it holds */
    long detach() {
        target = MemorySegment.NULL;
        return position;
    }

    /** Room in the buffer; none while anything waits for the next one. */
    long remaining() {
        return carried.isEmpty() ? target.byteSize() - position : 0;
    }

    boolean isCarrying() {
        return !carried.isEmpty();
    }

    /** The buffer, for changes to what was just appended. */
    MemorySegment target() {
        return target;
    }

    /** Bytes put into all buffers. */
    long totalBytes() {
        return total;
    }

    /**
     * Appends bytes that do not change until the next buffer is full.
     *
     * @return where they start in {@link #target}
     */
    long append(MemorySegment source, long offset, long length) {
        long start = position;
        long fits = Math.min(length, remaining());
        copy(source, offset, fits);
        if (fits < length) {
            carried.add(source.asSlice(offset + fits, length - fits));
        }
        return start;
    }

    void append(byte[] bytes) {
        append(MemorySegment.ofArray(bytes), 0, bytes.length);
    }

    private void copy(MemorySegment source, long offset, long length) {
        MemorySegment.copy(source, offset, target, position, length);
        position += length;
        total += length;
    }
}
