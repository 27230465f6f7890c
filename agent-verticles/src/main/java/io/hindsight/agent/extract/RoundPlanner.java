package io.hindsight.agent.extract;

import io.hindsight.agent.ring.Ring;
import io.hindsight.agent.ring.SlotInfo;
import io.hindsight.agent.ring.SlotState;
import io.hindsight.bus.HeldChunks;
import io.hindsight.time.EpochNanos;
import io.hindsight.time.TimeWindow;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Plans one source for one round of a window that is taken while it is still being recorded.
 *
 * <p>Until the window is over a round takes the chunks before the oldest one that is still open: they are sealed, so each is sent once and whole. The open one waits
 * and is pinned meanwhile, with everything behind it that overlaps the window, so between rounds only chunks that were opened after the last of them are without a pin. What the
 * Hub holds is said by one sequence, so a writer with nothing to do would hold up all others; where many chunks wait behind its open one, it is asked to seal it.
 *
 * <p>The last round comes when the window is over. It drains, and takes the open chunks' committed parts too.
 */
final class RoundPlanner {
    private static final int MIN_WAITING = 2;
    private static final int WAITING_SHARE = 16;

    private final Clock clock;
    private final ExtractSource source;
    private final Ring ring;
    private final String session;
    private final TimeWindow window;
    private final Duration lease;
    private final Gaps gaps;

    RoundPlanner(Clock clock, ExtractSource source, String session, TimeWindow window, Duration lease, Gaps gaps) {
        this.clock = clock;
        this.source = source;
        this.ring = source.ring();
        this.session = session;
        this.window = window;
        this.lease = lease;
        this.gaps = gaps;
    }

    /** {@code held} is what came in former rounds; null: nothing. */
    PlannedSource plan(@Nullable HeldChunks held, boolean last) throws InterruptedException {
        long nowNs = EpochNanos.of(clock.instant());
        if (!last && nowNs < window.fromNs()) {
            return PlannedSource.nothing(
                    source, window); // what is the context of its beginning is known when it has begun
        }
        if (held != null && ExtractPlanner.isAnotherRing(source, window, gaps, held)) {
            return PlannedSource.nothing(source, window);
        }
        boolean drained = !last || source.drain().drain(ExtractPlanner.DRAIN_TIMEOUT_MS);
        TimeWindow wanted = source.withContext(window);
        List<SlotInfo> slots = pin(held, wanted);
        long after = held == null ? 0 : held.sequence();
        long before = last ? Long.MAX_VALUE : oldestOpen(slots, after);
        GapFinder finder = new GapFinder(ring, window, gaps, ring.lost(session));
        if (last) {
            finder.findLast(held, slots, nowNs, drained);
        } else {
            finder.findSoFar(held, slots, before);
            hasteIfManyWait(slots, before);
        }
        return ExtractPlanner.planned(
                source,
                wanted,
                slots.stream().filter(slot -> slot.sequence() > after && slot.sequence() < before).toList());
    }

    private List<SlotInfo> pin(@Nullable HeldChunks held, TimeWindow wanted) {
        List<SlotInfo> slots = ring.pin(session, lease, wanted);
        if (held != null) {
            ring.unpinThrough(session, held.sequence());
        }
        return slots;
    }

    private static long oldestOpen(List<SlotInfo> slots, long after) {
        return slots.stream()
                .filter(slot -> slot.state() == SlotState.OPEN && slot.sequence() > after)
                .mapToLong(SlotInfo::sequence)
                .min()
                .orElse(Long.MAX_VALUE);
    }

    private void hasteIfManyWait(List<SlotInfo> slots, long open) {
        long waiting =
                slots.stream().filter(slot -> slot.sequence() > open && slot.state() == SlotState.SEALED).count();
        if (waiting > Math.max(MIN_WAITING, ring.slotCount() / WAITING_SHARE)) {
            ring.sealThrough(open);
        }
    }
}
