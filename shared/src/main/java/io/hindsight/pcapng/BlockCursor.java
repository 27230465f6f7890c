package io.hindsight.pcapng;

import static io.hindsight.pcapng.LittleEndian.U32;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.lang.foreign.MemorySegment;

/**
 * Walks the blocks of a little-endian section, checking that each lies inside its bounds and ends with the length that it starts with.
 * Allocates nothing while it walks. Not thread-safe.
 */
public final class BlockCursor {
    private final MemorySegment segment;
    private final long end;
    private long offset;
    private int length;

    /** Blocks from {@code start} to {@code end}, both offsets in the segment. */
    public BlockCursor(MemorySegment segment, long start, long end) {
        if (start < 0 || end > segment.byteSize() || start > end) {
            throw new IndexOutOfBoundsException("start=" + start + " end=" + end + " size=" + segment.byteSize());
        }
        this.segment = segment;
        this.offset = start;
        this.end = end;
    }

    /**
     * Steps to the next block.
     *
     * @return false at the end
     * @throws HindsightException INTEGRITY_VIOLATED with the offset, where the bytes are no block
     */
    public boolean next() {
        offset += length;
        length = 0;
        if (offset == end) {
            return false;
        }
        length = checkedLength();
        return true;
    }

    private int checkedLength() {
        long remaining = end - offset;
        if (remaining < BlockDescriptor.MIN_LENGTH) {
            throw broken("only " + remaining + " bytes are left");
        }
        int totalLength = segment.get(U32, offset + BlockDescriptor.TOTAL_LENGTH_OFFSET);
        if (totalLength < BlockDescriptor.MIN_LENGTH
                || totalLength > remaining
                || totalLength % BlockDescriptor.ALIGNMENT != 0) {
            throw broken(
                    "total length=" + Integer.toUnsignedString(totalLength) + " with " + remaining + " bytes left");
        }
        int trailer = segment.get(U32, offset + totalLength - BlockDescriptor.TRAILER_LENGTH);
        if (trailer != totalLength) {
            throw broken(
                    "total length=" + totalLength + " but the block ends with " + Integer.toUnsignedString(trailer));
        }
        return totalLength;
    }

    private HindsightException broken(String what) {
        return new HindsightException(
                ErrorCode.INTEGRITY_VIOLATED, "No pcapng block at offset=" + offset + ": " + what + ".");
    }

    /** Type of the present block. */
    public int type() {
        return segment.get(U32, offset);
    }

    /** Offset of the present block in the segment. */
    public long offset() {
        return offset;
    }

    /** Total length of the present block. */
    public int length() {
        return length;
    }
}
