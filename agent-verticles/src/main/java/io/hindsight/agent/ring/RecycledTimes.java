package io.hindsight.agent.ring;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Until when chunks of each writer are gone. Writers fill their chunks at different speeds, so a chunk that is recycled first may hold records that came later than many that are
 * still there. Not thread-safe: the {@link SlotPool}'s lock guards it.
 */
final class RecycledTimes {
    /** By the writer's number, of which there are as many as capture threads. */
    private final Map<Integer, Long> throughNs = new TreeMap<>();

    /** From what an earlier recorder left, oldest first: chunks of a writer that are not there ended when its next one began, at the latest. */
    RecycledTimes(List<SlotInfo> found) {
        long nextSequence = 1;
        Map<Integer, Integer> missingBefore = new TreeMap<>();
        int missing = 0;
        for (SlotInfo slot : found) {
            missing += slot.sequence() > nextSequence ? 1 : 0;
            nextSequence = slot.sequence() + 1;
            if (slot.hasRecords() && missing > missingBefore.getOrDefault(slot.writer(), 0)) {
                throughNs.merge(slot.writer(), slot.firstTimestampNs(), Math::max);
                missingBefore.put(slot.writer(), missing);
            }
        }
    }

    void recycled(SlotInfo slot) {
        if (slot.recordCount() > 0) {
            throughNs.merge(slot.writer(), slot.lastTimestampNs(), Math::max);
        }
    }

    /** By the writer's number, the last time of a record that may be gone. */
    Map<Integer, Long> throughNs() {
        return Map.copyOf(throughNs);
    }
}
