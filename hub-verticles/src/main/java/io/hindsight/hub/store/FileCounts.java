package io.hindsight.hub.store;

import io.hindsight.chunk.ChunkHeader;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.chunk.DropCause;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a data file holds, so far. Immutable.
 *
 * @param bytes length
 * @param chunks chunks
 * @param packets packet records
 * @param records other records
 * @param firstTimestampNs smallest time of its records; {@link Long#MAX_VALUE} while there is none
 * @param lastTimestampNs greatest time of its records; {@link Long#MIN_VALUE} while there is none
 * @param drops records lost while recording, by {@link DropCause} label; causes without loss are absent
 */
public record FileCounts(
        long bytes,
        long chunks,
        long packets,
        long records,
        long firstTimestampNs,
        long lastTimestampNs,
        Map<String, Long> drops) {
    /** An empty file's. */
    public static final FileCounts NONE = new FileCounts(0, 0, 0, 0, Long.MAX_VALUE, Long.MIN_VALUE, Map.of());

    public FileCounts {
        drops = Map.copyOf(drops);
    }

    /** With one more chunk. */
    public FileCounts plus(ChunkHeader chunk) {
        boolean holdsPackets = chunk.source() == ChunkSource.PACKETS;
        boolean empty = chunk.recordCount() == 0;
        return new FileCounts(
                bytes + chunk.lengthBytes(),
                chunks + 1,
                packets + (holdsPackets ? chunk.recordCount() : 0),
                records + (holdsPackets ? 0 : chunk.recordCount()),
                empty ? firstTimestampNs : Math.min(firstTimestampNs, chunk.firstTimestampNs()),
                empty ? lastTimestampNs : Math.max(lastTimestampNs, chunk.lastTimestampNs()),
                plusDrops(chunk));
    }

    /** Whether it holds any record. */
    public boolean hasRecords() {
        return packets + records > 0;
    }

    private Map<String, Long> plusDrops(ChunkHeader chunk) {
        if (chunk.drops().stream().allMatch(dropped -> dropped == 0)) {
            return drops;
        }
        Map<String, Long> sum = new TreeMap<>(drops);
        for (DropCause cause : DropCause.values()) {
            if (chunk.dropped(cause) > 0) {
                sum.merge(cause.label(), chunk.dropped(cause), Long::sum);
            }
        }
        return sum;
    }
}
