package io.hindsight.agent.extract;

import io.hindsight.api.Gap;
import io.hindsight.time.TimeWindow;
import java.util.List;

/**
 * What a session has pinned. Immutable.
 *
 * @param window asked for
 * @param chunks by source, then by sequence
 * @param gaps that were there from the beginning
 */
record ExtractPlan(TimeWindow window, List<PlannedChunk> chunks, List<Gap> gaps) {
    ExtractPlan {
        chunks = List.copyOf(chunks);
        gaps = List.copyOf(gaps);
    }
}
