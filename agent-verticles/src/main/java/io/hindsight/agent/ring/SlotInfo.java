package io.hindsight.agent.ring;

import io.hindsight.chunk.DropCause;
import io.hindsight.time.TimeWindow;
import java.util.List;

/**
 * A slot's directory entry at one moment. Immutable.
 *
 * @param index of the slot, from 0
 * @param sequence of its chunk
 * @param state of the slot
 * @param committedLength bytes of the chunk that may be read
 * @param committedCrc CRC32C of the committed bytes after the SHB
 * @param firstTimestampNs smallest of its records; of an open slot maybe of one that is not committed yet
 * @param lastTimestampNs greatest of its records, likewise
 * @param recordCount likewise
 * @param writer which filled it
 * @param flags {@link io.hindsight.chunk.ChunkFlag} masks
 * @param run of the recorder
 * @param drops by {@link DropCause}, since the writer's previous chunk
 */
public record SlotInfo(
        int index,
        long sequence,
        SlotState state,
        int committedLength,
        int committedCrc,
        long firstTimestampNs,
        long lastTimestampNs,
        int recordCount,
        int writer,
        int flags,
        int run,
        List<Long> drops) {
    public SlotInfo {
        drops = List.copyOf(drops);
    }

    /** The same, of a slot whose memory cannot be had. */
    SlotInfo broken() {
        return new SlotInfo(
                index,
                sequence,
                SlotState.CORRUPT,
                committedLength,
                committedCrc,
                firstTimestampNs,
                lastTimestampNs,
                recordCount,
                writer,
                flags,
                run,
                drops);
    }

    /** Whether it can be read and holds at least one record. */
    public boolean hasRecords() {
        return recordCount > 0 && committedLength > 0 && (state == SlotState.OPEN || state == SlotState.SEALED);
    }

    /** Whether a record of the window may be in it. */
    public boolean mayHoldPartOf(TimeWindow window) {
        return hasRecords() && window.overlaps(firstTimestampNs, lastTimestampNs);
    }

    /** Records lost of this cause since the writer's previous chunk. */
    public long dropped(DropCause cause) {
        return drops.get(cause.position());
    }
}
