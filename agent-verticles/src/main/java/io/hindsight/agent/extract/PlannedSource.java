package io.hindsight.agent.extract;

import io.hindsight.agent.ring.SlotInfo;
import io.hindsight.time.TimeWindow;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a session has pinned of one source. Immutable. A thousand sessions may have pinned the same slots: what is known of a slot is shared between them, and
 * a planned chunk is put together when it is asked for.
 *
 * @param source whose ring
 * @param window of its source: records outside are left out
 * @param slots by sequence, as they were when the window was planned
 */
record PlannedSource(ExtractSource source, TimeWindow window, List<SlotInfo> slots) {
    PlannedSource {
        slots = List.copyOf(slots);
    }

    static PlannedSource nothing(ExtractSource source, TimeWindow window) {
        return new PlannedSource(source, window, List.of());
    }

    /** By sequence. */
    Stream<PlannedChunk> chunks() {
        return slots.stream().map(slot -> new PlannedChunk(source, slot, window));
    }
}
