package io.hindsight.agent.extract;

import io.hindsight.api.Gap;
import io.hindsight.bus.PlannedRing;
import io.hindsight.time.TimeWindow;
import java.util.List;
import java.util.Map;

/**
 * What a session has pinned. Immutable.
 *
 * @param window asked for
 * @param chunks by source, then by sequence
 * @param gaps that were there from the beginning
 * @param rings by source label
 */
record ExtractPlan(TimeWindow window, List<PlannedChunk> chunks, List<Gap> gaps, Map<String, PlannedRing> rings) {
    ExtractPlan {
        chunks = List.copyOf(chunks);
        gaps = List.copyOf(gaps);
        rings = Map.copyOf(rings);
    }
}
