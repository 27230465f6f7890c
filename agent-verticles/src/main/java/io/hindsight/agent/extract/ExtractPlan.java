package io.hindsight.agent.extract;

import io.hindsight.api.Gap;
import io.hindsight.bus.PlannedRing;
import io.hindsight.time.TimeWindow;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What a session has pinned. Immutable.
 *
 * @param window asked for
 * @param sources in the order of {@link io.hindsight.chunk.ChunkSource}, those without a chunk too
 * @param gaps that were there from the beginning
 * @param rings by source label
 */
record ExtractPlan(TimeWindow window, List<PlannedSource> sources, List<Gap> gaps, Map<String, PlannedRing> rings) {
    ExtractPlan {
        sources = List.copyOf(sources);
        gaps = List.copyOf(gaps);
        rings = Map.copyOf(rings);
    }

    /** By source, then by sequence. */
    Stream<PlannedChunk> chunks() {
        return sources.stream().flatMap(PlannedSource::chunks);
    }

    int chunkCount() {
        return sources.stream().mapToInt(source -> source.slots().size()).sum();
    }

    /** One for each source, each at the first chunk behind what is durable, by source label. */
    List<SourceCursor> cursors(Map<String, Long> after) {
        return sources.stream()
                .map(planned -> new SourceCursor(planned, after.getOrDefault(planned.source().label(), 0L)))
                .toList();
    }
}
