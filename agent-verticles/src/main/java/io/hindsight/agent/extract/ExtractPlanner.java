package io.hindsight.agent.extract;

import io.hindsight.agent.ring.Ring;
import io.hindsight.agent.ring.SlotInfo;
import io.hindsight.api.Gap;
import io.hindsight.bus.HeldChunks;
import io.hindsight.bus.PlanRound;
import io.hindsight.bus.PlannedRing;
import io.hindsight.time.EpochNanos;
import io.hindsight.time.TimeWindow;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds and pins what the rings hold of a window, and finds what they lack. Blocks: runs on workers; thread-safe.
 *
 * <p>A live source that has been drained has everything in its ring that was seen before. So the windows of a batch, which ended before, do not wait each for itself
 * while what they want is recycled.
 */
final class ExtractPlanner {
    static final long DRAIN_TIMEOUT_MS = 3_000;

    private final Clock clock;

    /** By source label. */
    private final Map<String, Drained> drained = new ConcurrentHashMap<>();

    /** Everything that was seen before a time is in the ring. */
    private record Drained(Ring ring, long beforeNs) {
        /** A clock that was set back since has had the time twice. */
        boolean covers(Ring wanted, TimeWindow window, long nowNs) {
            return ring == wanted && window.toNs() <= beforeNs && beforeNs <= nowNs;
        }
    }

    ExtractPlanner(Clock clock) {
        this.clock = clock;
    }

    /** Of a window that is over. */
    ExtractPlan plan(
            List<ExtractSource> sources,
            String session,
            TimeWindow window,
            Duration lease,
            Map<String, HeldChunks> held)
            throws InterruptedException {
        return plan(sources, session, window, lease, held, null);
    }

    /** {@code held} is what the Hub has already, by source label; {@code round} of a window that is still being recorded, null where it is over. */
    ExtractPlan plan(
            List<ExtractSource> sources,
            String session,
            TimeWindow window,
            Duration lease,
            Map<String, HeldChunks> held,
            @Nullable PlanRound round)
            throws InterruptedException {
        List<PlannedSource> planned = new ArrayList<>();
        Gaps gaps = new Gaps(window);
        Map<String, PlannedRing> rings = new HashMap<>();
        for (ExtractSource source : sources) {
            String label = source.label();
            @Nullable HeldChunks has = held.get(label);
            PlannedSource found;
            if (round != null) {
                found = new RoundPlanner(clock, source, session, window, lease, gaps).plan(has, round.last());
            } else if (has == null) {
                found = planAll(source, session, window, lease, gaps);
            } else {
                found = planRest(source, session, window, lease, gaps, has);
            }
            planned.add(found);
            rings.put(label, ring(source, found));
        }
        return new ExtractPlan(window, planned, gaps.sorted(), rings);
    }

    private static PlannedRing ring(ExtractSource source, PlannedSource found) {
        long createdNs = source.ring().createdNs();
        if (found.slots().isEmpty()) {
            return new PlannedRing(createdNs, 0, 0, 0);
        }
        SlotInfo first = found.slots().getFirst();
        long lastSequence = found.slots().getLast().sequence();
        int writers = (int) found.slots().stream().map(SlotInfo::writer).distinct().count();
        return new PlannedRing(
                createdNs,
                first.sequence(),
                first.firstTimestampNs(),
                lastSequence,
                found.window().fromNs(),
                writers > 1 ? writers : null);
    }

    private PlannedSource planAll(ExtractSource source, String session, TimeWindow window, Duration lease, Gaps gaps)
            throws InterruptedException {
        long nowNs = EpochNanos.of(clock.instant());
        @Nullable Drained before = drained.get(source.label());
        boolean covered = before != null && before.covers(source.ring(), window, nowNs);
        boolean isDrained = covered || source.drain().drain(DRAIN_TIMEOUT_MS);
        if (isDrained && !covered && source.live()) {
            drained.put(source.label(), new Drained(source.ring(), nowNs));
        }
        TimeWindow wanted = source.withContext(window);
        List<SlotInfo> slots = source.ring().pin(session, lease, wanted);
        new GapFinder(source.ring(), window, gaps).find(slots, nowNs, isDrained);
        return planned(source, wanted, slots);
    }

    /** Nothing is waited for: the session's first plan came when the whole window was in the ring. */
    private static PlannedSource planRest(
            ExtractSource source, String session, TimeWindow window, Duration lease, Gaps gaps, HeldChunks held) {
        if (isAnotherRing(source, window, gaps, held)) {
            return PlannedSource.nothing(source, window);
        }
        TimeWindow wanted = source.withContext(window);
        List<SlotInfo> slots = source.ring().pin(session, lease, wanted);
        source.ring().unpinThrough(session, held.sequence());
        List<SlotInfo> rest = slots.stream().filter(slot -> slot.sequence() > held.sequence()).toList();
        new GapFinder(source.ring(), window, gaps).findAfter(held, rest);
        return planned(source, wanted, rest);
    }

    /** Whether what is held comes from another ring; then the rest of the window is a gap. */
    static boolean isAnotherRing(ExtractSource source, TimeWindow window, Gaps gaps, HeldChunks held) {
        if (source.ring().createdNs() == held.ringCreatedNs()) {
            return false;
        }
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
        return true;
    }

    static PlannedSource planned(ExtractSource source, TimeWindow window, List<SlotInfo> slots) {
        return new PlannedSource(source, window, slots.stream().filter(slot -> slot.mayHoldPartOf(window)).toList());
    }
}
