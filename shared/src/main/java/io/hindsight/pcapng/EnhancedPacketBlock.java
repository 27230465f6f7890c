package io.hindsight.pcapng;

import static io.hindsight.pcapng.EnhancedPacketBlockDescriptor.CAPTURED_LENGTH_OFFSET;
import static io.hindsight.pcapng.EnhancedPacketBlockDescriptor.DATA_OFFSET;
import static io.hindsight.pcapng.EnhancedPacketBlockDescriptor.FLAGS_OPTIONS_LENGTH;
import static io.hindsight.pcapng.EnhancedPacketBlockDescriptor.INTERFACE_ID_OFFSET;
import static io.hindsight.pcapng.EnhancedPacketBlockDescriptor.OPTION_FLAGS;
import static io.hindsight.pcapng.EnhancedPacketBlockDescriptor.ORIGINAL_LENGTH_OFFSET;
import static io.hindsight.pcapng.EnhancedPacketBlockDescriptor.TIMESTAMP_HIGH_OFFSET;
import static io.hindsight.pcapng.EnhancedPacketBlockDescriptor.TIMESTAMP_LOW_OFFSET;
import static io.hindsight.pcapng.LittleEndian.U16;
import static io.hindsight.pcapng.LittleEndian.U32;
import static io.hindsight.pcapng.LittleEndian.U64;

import java.lang.foreign.MemorySegment;

/**
 * Reads and writes Enhanced Packet Blocks in place ({@link EnhancedPacketBlockDescriptor}). Every method works on the block that starts at
 * {@code block} in {@code segment}; none allocates. Timestamps are in nanoseconds: the interface's resolution is 9 in every section that
 * Hindsight writes. Readers trust nothing but that the block's total length lies inside the segment.
 */
public final class EnhancedPacketBlock {
    private EnhancedPacketBlock() {}

    /**
     * Writes everything but the packet's data; {@code capturedLength} bytes of it belong at {@code block + DATA_OFFSET}. The padding is
     * zeroed.
     *
     * @return bytes of the whole block
     */
    public static int writeFrame(
            MemorySegment segment,
            long block,
            int interfaceId,
            long timestampNs,
            int capturedLength,
            int originalLength,
            int direction) {
        int dataLength = BlockDescriptor.align(capturedLength);
        int totalLength = DATA_OFFSET + dataLength + FLAGS_OPTIONS_LENGTH + BlockDescriptor.TRAILER_LENGTH;
        segment.set(U32, block, EnhancedPacketBlockDescriptor.TYPE);
        segment.set(U32, block + BlockDescriptor.TOTAL_LENGTH_OFFSET, totalLength);
        segment.set(U32, block + INTERFACE_ID_OFFSET, interfaceId);
        segment.set(U32, block + TIMESTAMP_HIGH_OFFSET, (int) (timestampNs >>> 32));
        segment.set(U32, block + TIMESTAMP_LOW_OFFSET, (int) timestampNs);
        segment.set(U32, block + CAPTURED_LENGTH_OFFSET, capturedLength);
        segment.set(U32, block + ORIGINAL_LENGTH_OFFSET, originalLength);
        if (dataLength != capturedLength) {
            // The last word holds data and padding; the data is copied after this.
            segment.set(U32, block + DATA_OFFSET + dataLength - BlockDescriptor.ALIGNMENT, 0);
        }
        long options = block + DATA_OFFSET + dataLength;
        segment.set(U16, options, (short) OPTION_FLAGS);
        segment.set(U16, options + OptionDescriptor.LENGTH_OFFSET, (short) Integer.BYTES);
        segment.set(U32, options + OptionDescriptor.VALUE_OFFSET, direction);
        segment.set(U32, options + OptionDescriptor.VALUE_OFFSET + Integer.BYTES, OptionDescriptor.END_OF_OPTIONS);
        segment.set(U32, options + FLAGS_OPTIONS_LENGTH, totalLength);
        return totalLength;
    }

    /** Number of the interface in its section. */
    public static int interfaceId(MemorySegment segment, long block) {
        return segment.get(U32, block + INTERFACE_ID_OFFSET);
    }

    /** Puts another interface's number in. */
    public static void setInterfaceId(MemorySegment segment, long block, int interfaceId) {
        segment.set(U32, block + INTERFACE_ID_OFFSET, interfaceId);
    }

    /** Nanoseconds since the epoch. */
    public static long timestampNs(MemorySegment segment, long block) {
        long highThenLow = segment.get(U64, block + TIMESTAMP_HIGH_OFFSET);
        return Long.rotateLeft(highThenLow, 32);
    }

    /** Adds nanoseconds to the time. */
    public static void shiftTimestamp(MemorySegment segment, long block, long shiftNs) {
        segment.set(U64, block + TIMESTAMP_HIGH_OFFSET, Long.rotateLeft(timestampNs(segment, block) + shiftNs, 32));
    }

    /** Bytes present. */
    public static int capturedLength(MemorySegment segment, long block) {
        return segment.get(U32, block + CAPTURED_LENGTH_OFFSET);
    }

    /** Bytes on the wire. */
    public static int originalLength(MemorySegment segment, long block) {
        return segment.get(U32, block + ORIGINAL_LENGTH_OFFSET);
    }

    /** Whether the captured length fits into a block of this total length. */
    public static boolean isSound(MemorySegment segment, long block, int totalLength) {
        int minLength = DATA_OFFSET + BlockDescriptor.TRAILER_LENGTH;
        if (totalLength < minLength) {
            return false;
        }
        int capturedLength = capturedLength(segment, block);
        return capturedLength >= 0 && capturedLength <= totalLength - minLength;
    }
}
