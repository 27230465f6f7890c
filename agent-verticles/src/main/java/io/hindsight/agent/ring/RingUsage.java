package io.hindsight.agent.ring;

import io.hindsight.time.EpochNanos;
import java.time.Instant;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * How full a ring is and what time it covers. Taken without a lock: exact to what writers did meanwhile.
 *
 * @param capacityBytes of all slots
 * @param usedBytes committed in all slots that can be read
 * @param pinnedBytes of slots that are pinned
 * @param pinsGivenUp pinned chunks that were recycled all the same, since start
 * @param oldestNs smallest time of a record, empty where there is none
 * @param newestNs greatest time of a record, empty where there is none
 */
public record RingUsage(
        long capacityBytes,
        long usedBytes,
        long pinnedBytes,
        long pinsGivenUp,
        OptionalLong oldestNs,
        OptionalLong newestNs) {
    /** Smallest time of a record; null where there is none. */
    public @Nullable Instant oldest() {
        return oldestNs.isPresent() ? EpochNanos.toInstant(oldestNs.getAsLong()) : null;
    }

    /** Greatest time of a record; null where there is none. */
    public @Nullable Instant newest() {
        return newestNs.isPresent() ? EpochNanos.toInstant(newestNs.getAsLong()) : null;
    }

    /** Of a ring whose directory cannot be read. */
    static RingUsage unknown(RingGeometry geometry) {
        return new RingUsage(geometry.capacityBytes(), 0, 0, 0, OptionalLong.empty(), OptionalLong.empty());
    }

    static RingUsage of(SlotDirectory directory, RingGeometry geometry, int pinnedSlots, long pinsGivenUp) {
        long used = 0;
        long oldest = Long.MAX_VALUE;
        long newest = Long.MIN_VALUE;
        for (int slot = 0; slot < directory.slotCount(); slot++) {
            SlotState state = directory.state(slot);
            if (state == SlotState.OPEN || state == SlotState.SEALED) {
                used += directory.committedLength(slot);
                if (directory.recordCount(slot) > 0) {
                    oldest = Math.min(oldest, directory.firstTimestampNs(slot));
                    newest = Math.max(newest, directory.lastTimestampNs(slot));
                }
            }
        }
        return new RingUsage(
                geometry.capacityBytes(),
                used,
                (long) pinnedSlots * geometry.slotSize(),
                pinsGivenUp,
                oldest <= newest ? OptionalLong.of(oldest) : OptionalLong.empty(),
                oldest <= newest ? OptionalLong.of(newest) : OptionalLong.empty());
    }
}
