package io.hindsight.pcapng;

import static io.hindsight.pcapng.LittleEndian.U16;
import static io.hindsight.pcapng.LittleEndian.U8;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/** Walks the options of one block ({@link OptionDescriptor}), checking that each lies inside its bounds. Not thread-safe. */
public final class OptionCursor {
    private final MemorySegment segment;
    private final long end;
    private long offset;
    private long next;

    /**
     * Options between two offsets of the segment.
     *
     * @param start first option, or the end where there is none
     * @param end the block's second total length
     * @throws HindsightException INTEGRITY_VIOLATED where the bounds are not inside the segment
     */
    public OptionCursor(MemorySegment segment, long start, long end) {
        this.segment = segment;
        this.offset = start;
        this.next = start;
        this.end = end;
        if (start < 0 || start > end || end > segment.byteSize()) {
            throw broken("the block is too short for its options");
        }
    }

    /**
     * Steps to the next option.
     *
     * @return false at the end-of-options, or where the block ends without one
     * @throws HindsightException INTEGRITY_VIOLATED with the offset, where the bytes are no option
     */
    public boolean next() {
        offset = next;
        if (offset == end) {
            return false;
        }
        long room = end - offset - OptionDescriptor.VALUE_OFFSET;
        if (room < 0) {
            throw broken("no room for a code and a length");
        }
        if (code() == OptionDescriptor.END_OF_OPTIONS) {
            next = end;
            return false;
        }
        if (BlockDescriptor.align(length()) > room) {
            throw broken("length=" + length() + " with " + room + " bytes left");
        }
        next = offset + OptionDescriptor.encodedLength(length());
        return true;
    }

    /** Offset of the present option in the segment. */
    public long offset() {
        return offset;
    }

    /** The present option's code. */
    public int code() {
        return Short.toUnsignedInt(segment.get(U16, offset + OptionDescriptor.CODE_OFFSET));
    }

    /** Bytes of the present option's value, without padding. */
    public int length() {
        return Short.toUnsignedInt(segment.get(U16, offset + OptionDescriptor.LENGTH_OFFSET));
    }

    /** The present option's value. */
    public byte[] value() {
        byte[] value = new byte[length()];
        MemorySegment.copy(segment, U8, offset + OptionDescriptor.VALUE_OFFSET, value, 0, value.length);
        return value;
    }

    /** The present option's value as UTF-8. */
    public String text() {
        return new String(value(), StandardCharsets.UTF_8);
    }

    private HindsightException broken(String what) {
        return new HindsightException(
                ErrorCode.INTEGRITY_VIOLATED, "No pcapng option at offset=" + offset + ": " + what + ".");
    }
}
