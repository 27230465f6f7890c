package io.hindsight.pcapng;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.lang.foreign.MemorySegment;

/**
 * Which blocks are records, and when they happened: the one place that trimming, merging and verification ask. Reading
 * a packet's time allocates nothing.
 */
public final class Records {
    private Records() {}

    /** Whether a block of this type counts as a record: packets and journal entries. */
    public static boolean isRecord(int blockType) {
        return blockType == EnhancedPacketBlockDescriptor.TYPE || blockType == JournalExportBlockDescriptor.TYPE;
    }

    /**
     * When the record happened.
     *
     * @param segment holds a block whose framing was checked ({@link BlockCursor})
     * @param block offset of the block
     * @param blockType its type, for which {@link #isRecord} holds
     * @return nanoseconds since the epoch
     * @throws HindsightException INTEGRITY_VIOLATED naming the offset, where a record is too short for its time or carries none
     */
    public static long timestampNs(MemorySegment segment, long block, int blockType) {
        return switch (blockType) {
            case EnhancedPacketBlockDescriptor.TYPE -> packetTimestampNs(segment, block);
            case JournalExportBlockDescriptor.TYPE -> JournalEntryReader.timestampNs(segment, block);
            default -> throw new IllegalArgumentException("A block of type=" + blockType + " is not a record.");
        };
    }

    private static long packetTimestampNs(MemorySegment segment, long block) {
        int length = segment.get(LittleEndian.U32, block + BlockDescriptor.TOTAL_LENGTH_OFFSET);
        if (length < EnhancedPacketBlockDescriptor.DATA_OFFSET + BlockDescriptor.TRAILER_LENGTH) {
            throw new HindsightException(
                    ErrorCode.INTEGRITY_VIOLATED,
                    "No packet block at offset=" + block + ": total length=" + length + " is too short.");
        }
        return EnhancedPacketBlock.timestampNs(segment, block);
    }
}
