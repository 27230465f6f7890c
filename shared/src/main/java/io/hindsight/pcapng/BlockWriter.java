package io.hindsight.pcapng;

import static io.hindsight.pcapng.LittleEndian.U16;
import static io.hindsight.pcapng.LittleEndian.U32;
import static io.hindsight.pcapng.LittleEndian.U64;
import static io.hindsight.pcapng.LittleEndian.U8;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes one block with options, front to back, into memory that has room for it: {@link #begin}, fields and options, {@link #end}. For
 * blocks that are written once a chunk; packets go through {@link EnhancedPacketBlock}. Not thread-safe.
 */
public final class BlockWriter {
    private final MemorySegment segment;
    private final long start;
    private long position;

    private BlockWriter(MemorySegment segment, long start, int type) {
        this.segment = segment;
        this.start = start;
        segment.set(U32, start, type);
        this.position = start + BlockDescriptor.BODY_OFFSET;
    }

    /** Starts a block of this type at the offset. */
    public static BlockWriter begin(MemorySegment segment, long offset, int type) {
        return new BlockWriter(segment, offset, type);
    }

    public BlockWriter u8(int value) {
        segment.set(U8, position, (byte) value);
        position += Byte.BYTES;
        return this;
    }

    public BlockWriter u16(int value) {
        segment.set(U16, position, (short) value);
        position += Short.BYTES;
        return this;
    }

    public BlockWriter u32(int value) {
        segment.set(U32, position, value);
        position += Integer.BYTES;
        return this;
    }

    public BlockWriter u64(long value) {
        segment.set(U64, position, value);
        position += Long.BYTES;
        return this;
    }

    /** A timestamp as EPB and ISB have it: upper, then lower 32 bits. */
    public BlockWriter timestamp(long timestampNs) {
        return u32((int) (timestampNs >>> 32)).u32((int) timestampNs);
    }

    /** Bytes, zero-padded to a multiple of four. */
    public BlockWriter padded(byte[] bytes) {
        return padded(bytes, bytes.length);
    }

    /** The first {@code length} bytes, zero-padded to a multiple of four. */
    public BlockWriter padded(byte[] bytes, int length) {
        MemorySegment.copy(bytes, 0, segment, U8, position, length);
        position += length;
        for (int pad = BlockDescriptor.align(length) - length; pad > 0; pad--) {
            u8(0);
        }
        return this;
    }

    /** An option. A value longer than {@link OptionDescriptor#MAX_VALUE_LENGTH} is an {@link IllegalArgumentException}. */
    public BlockWriter option(int code, byte[] value) {
        if (value.length > OptionDescriptor.MAX_VALUE_LENGTH) {
            throw new IllegalArgumentException(
                    "option="
                            + code
                            + " has "
                            + value.length
                            + " bytes, at most "
                            + OptionDescriptor.MAX_VALUE_LENGTH
                            + " fit");
        }
        return u16(code).u16(value.length).padded(value);
    }

    /** An option of text, cut at the last whole character where its UTF-8 is longer than an option can hold. */
    public BlockWriter option(int code, String text) {
        return option(code, OptionText.encode(text));
    }

    /** An option of 64 bits. */
    public BlockWriter option64(int code, long value) {
        return u16(code).u16(Long.BYTES).u64(value);
    }

    /** An option that holds a timestamp. */
    public BlockWriter optionTimestamp(int code, long timestampNs) {
        return u16(code).u16(Long.BYTES).timestamp(timestampNs);
    }

    /** The end of the options. */
    public BlockWriter endOfOptions() {
        return u32(OptionDescriptor.END_OF_OPTIONS);
    }

    /**
     * Writes both total lengths.
     *
     * @return bytes of the whole block
     */
    public int end() {
        int totalLength = Math.toIntExact(position + BlockDescriptor.TRAILER_LENGTH - start);
        u32(totalLength);
        segment.set(U32, start + BlockDescriptor.TOTAL_LENGTH_OFFSET, totalLength);
        return totalLength;
    }

    /** Text as option values hold it. */
    private static final class OptionText {
        static byte[] encode(String text) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            if (utf8.length <= OptionDescriptor.MAX_VALUE_LENGTH) {
                return utf8;
            }
            int length = OptionDescriptor.MAX_VALUE_LENGTH;
            while ((utf8[length] & 0xC0) == 0x80) {
                length--;
            }
            return Arrays.copyOf(utf8, length);
        }
    }
}
