package io.hindsight.agent.extract;

import io.hindsight.agent.ring.SlotInfo;
import io.hindsight.api.Gap;
import io.hindsight.bus.HeldChunks;
import io.hindsight.bus.PlannedRing;
import io.hindsight.time.EpochNanos;
import io.hindsight.time.TimeWindow;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds and pins what the rings hold of a window, and finds what they lack. Stateless; blocks: runs on workers. */
final class ExtractPlanner {
    private static final long DRAIN_TIMEOUT_MS = 3_000;

    private final Clock clock;

    ExtractPlanner(Clock clock) {
        this.clock = clock;
    }

    /** {@code held} is what the Hub has already, by source label. */
    ExtractPlan plan(
            List<ExtractSource> sources,
            String session,
            TimeWindow window,
            Duration lease,
            Map<String, HeldChunks> held)
            throws InterruptedException {
        List<PlannedChunk> chunks = new ArrayList<>();
        Gaps gaps = new Gaps(window);
        Map<String, PlannedRing> rings = new HashMap<>();
        for (ExtractSource source : sources) {
            String label = source.label();
            @Nullable HeldChunks has = held.get(label);
            List<PlannedChunk> found =
                    has == null
                            ? planAll(source, session, window, lease, gaps)
                            : planRest(source, session, window, lease, gaps, has);
            chunks.addAll(found);
            rings.put(label, ring(source, found));
        }
        return new ExtractPlan(window, chunks, gaps.sorted(), rings);
    }

    private static PlannedRing ring(ExtractSource source, List<PlannedChunk> found) {
        long createdNs = source.ring().createdNs();
        if (found.isEmpty()) {
            return new PlannedRing(createdNs, 0, 0, 0);
        }
        PlannedChunk first = found.getFirst();
        long firstNs = first.slot().firstTimestampNs();
        int writers = (int) found.stream().map(chunk -> chunk.slot().writer()).distinct().count();
        return new PlannedRing(
                createdNs, first.sequence(), firstNs, found.getLast().sequence(), writers > 1 ? writers : null);
    }

    private List<PlannedChunk> planAll(
            ExtractSource source, String session, TimeWindow window, Duration lease, Gaps gaps)
            throws InterruptedException {
        long drainedNs = EpochNanos.of(clock.instant());
        boolean drained = source.drain().drain(DRAIN_TIMEOUT_MS);
        TimeWindow wanted = source.withContext(window);
        List<SlotInfo> slots = source.ring().pin(session, lease, wanted);
        new GapFinder(source.ring(), window, gaps).find(slots, drainedNs, drained);
        return planned(source, wanted, slots);
    }

    /** Nothing is waited for: the session's first plan came when the whole window was in the ring. */
    private static List<PlannedChunk> planRest(
            ExtractSource source, String session, TimeWindow window, Duration lease, Gaps gaps, HeldChunks held) {
        if (source.ring().createdNs() != held.ringCreatedNs()) {
            gaps.add(
                    held.lastTimestampNs() + 1,
                    window.toNs(),
                    Gap.Cause.RECYCLED,
                    "The ring of "
                            + source.label()
                            + " was made anew at "
                            + EpochNanos.format(source.ring().createdNs())
                            + ", before the Hub had the rest of the window.",
                    null);
            return List.of();
        }
        TimeWindow wanted = source.withContext(window);
        List<SlotInfo> slots = source.ring().pin(session, lease, wanted);
        source.ring().unpinThrough(session, held.sequence());
        List<SlotInfo> rest = slots.stream().filter(slot -> slot.sequence() > held.sequence()).toList();
        new GapFinder(source.ring(), window, gaps).findAfter(held, rest);
        return planned(source, wanted, rest);
    }

    private static List<PlannedChunk> planned(ExtractSource source, TimeWindow window, List<SlotInfo> slots) {
        return slots.stream()
                .filter(slot -> slot.mayHoldPartOf(window))
                .map(slot -> new PlannedChunk(source, slot, window))
                .toList();
    }
}
