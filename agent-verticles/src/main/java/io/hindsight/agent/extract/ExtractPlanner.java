package io.hindsight.agent.extract;

import io.hindsight.agent.ring.SlotInfo;
import io.hindsight.time.EpochNanos;
import io.hindsight.time.TimeWindow;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Finds and pins what the rings hold of a window, and finds what they lack. Stateless; blocks: runs on workers. */
final class ExtractPlanner {
    private static final long DRAIN_TIMEOUT_MS = 3_000;

    private final List<ExtractSource> sources;
    private final Clock clock;

    ExtractPlanner(List<ExtractSource> sources, Clock clock) {
        this.sources = sources;
        this.clock = clock;
    }

    ExtractPlan plan(String session, TimeWindow window, Duration lease) throws InterruptedException {
        List<PlannedChunk> chunks = new ArrayList<>();
        Gaps gaps = new Gaps(window);
        for (ExtractSource source : sources) {
            long drainedNs = EpochNanos.of(clock.instant());
            boolean drained = source.drain().drain(DRAIN_TIMEOUT_MS);
            List<SlotInfo> slots = source.ring().pin(session, lease, window);
            slots.stream()
                    .filter(slot -> slot.mayHoldPartOf(window))
                    .forEach(slot -> chunks.add(new PlannedChunk(source, slot)));
            new GapFinder(source.ring(), window, gaps).find(slots, drainedNs, drained);
        }
        return new ExtractPlan(window, chunks, gaps.sorted());
    }
}
