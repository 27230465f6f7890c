package io.hindsight.chunk;

import io.hindsight.error.HindsightException;
import io.hindsight.pcapng.BlockCursor;
import io.hindsight.pcapng.InterfaceDescriptionBlockDescriptor;
import io.hindsight.pcapng.InterfaceStatisticsBlockDescriptor;
import io.hindsight.pcapng.Records;
import io.hindsight.time.TimeWindow;
import java.lang.foreign.MemorySegment;

/**
 * What the records of a chunk's blocks amount to.
 *
 * @param totalCount records seen
 * @param recordCount those inside the window
 * @param firstTimestampNs smallest time of those inside, 0 where there is none
 * @param lastTimestampNs greatest time of those inside, 0 where there is none
 */
public record RecordScan(int totalCount, int recordCount, long firstTimestampNs, long lastTimestampNs) {
    /**
     * Walks the blocks between two offsets.
     *
     * @throws HindsightException INTEGRITY_VIOLATED with the offset, where the bytes are no block
     */
    public static RecordScan of(MemorySegment chunk, long start, long end, TimeWindow window) {
        int total = 0;
        int inside = 0;
        long first = Long.MAX_VALUE;
        long last = Long.MIN_VALUE;
        BlockCursor blocks = new BlockCursor(chunk, start, end);
        while (blocks.next()) {
            if (Records.isRecord(blocks.type())) {
                total++;
                long timestampNs = Records.timestampNs(chunk, blocks.offset(), blocks.type());
                if (window.contains(timestampNs)) {
                    inside++;
                    first = Math.min(first, timestampNs);
                    last = Math.max(last, timestampNs);
                }
            }
        }
        return inside == 0 ? new RecordScan(total, 0, 0, 0) : new RecordScan(total, inside, first, last);
    }

    /** Where the blocks stop being sound blocks of a chunk of this source, and of these times: between {@code start} and {@code end}. */
    public static int wholeLength(MemorySegment chunk, int start, int end, ChunkSource source, TimeWindow times) {
        int whole = start;
        try {
            RecordCheck check = new RecordCheck(chunk);
            BlockCursor blocks = new BlockCursor(chunk, start, end);
            while (blocks.next()) {
                check.check(blocks, source);
                if (!isKnown(blocks.type())
                        || (Records.isRecord(blocks.type())
                                && !times.contains(Records.timestampNs(chunk, blocks.offset(), blocks.type())))) {
                    return whole;
                }
                whole = Math.toIntExact(blocks.offset() + blocks.length());
            }
        } catch (HindsightException brokenFromHere) {
            return whole;
        }
        return whole;
    }

    private static boolean isKnown(int blockType) {
        return Records.isRecord(blockType)
                || blockType == InterfaceDescriptionBlockDescriptor.TYPE
                || blockType == InterfaceStatisticsBlockDescriptor.TYPE;
    }
}
