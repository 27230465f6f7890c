package io.hindsight.hub.snapshot;

import io.hindsight.api.EarlyEnd;
import io.hindsight.time.EpochNanos;
import io.hindsight.time.TimeWindow;
import java.time.Duration;
import java.time.Instant;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A session's window, and whether it is over. One that ends ahead of its request is taken in rounds while it is being recorded ({@link WindowRounds}).
 *
 * <p>When it is over is decided by the monotonic clock, from the time that was left when the session began: a wall clock that is set meanwhile neither cuts it short nor
 * draws it out. The session's context only.
 */
final class SessionWindow {
    /** A window that ends within this is planned once: agents wait for its end. */
    static final Duration SOON = Duration.ofSeconds(1);

    private final boolean inRounds;
    private final LongSupplier nanoClock;
    private long overAtNs;
    private TimeWindow window;
    private @Nullable EarlyEnd earlyEnd;

    /**
     * @param order whose window it is
     * @param now by the wall clock
     * @param nanoClock {@link System#nanoTime()}
     */
    SessionWindow(SnapshotOrder order, Instant now, LongSupplier nanoClock) {
        this.inRounds = order.endsAhead();
        this.nanoClock = nanoClock;
        this.window = order.window();
        this.earlyEnd = order.earlyEnd();
        this.overAtNs = nanoClock.getAsLong() + nanosUntil(order.to(), now);
    }

    private static long nanosUntil(Instant to, Instant now) {
        return to.isAfter(now) ? Duration.between(now, to).toNanos() : 0;
    }

    TimeWindow window() {
        return window;
    }

    @Nullable EarlyEnd earlyEnd() {
        return earlyEnd;
    }

    /** Whether it was still ahead when it was asked for. */
    boolean isTakenInRounds() {
        return inRounds;
    }

    /** Whether nothing more is recorded of it. */
    boolean isOver() {
        return !inRounds || left().isZero();
    }

    /** Until it is over. */
    Duration left() {
        return Duration.ofNanos(Math.max(0, overAtNs - nanoClock.getAsLong()));
    }

    /** Until when it is being recorded; null once it is over. */
    @Nullable Instant recordingUntil() {
        return isOver() ? null : EpochNanos.toInstant(window.toNs());
    }

    /** Ends it now. */
    void end(EarlyEnd end) {
        earlyEnd = end;
        window = new TimeWindow(window.fromNs(), EpochNanos.of(end.at()));
        overAtNs = nanoClock.getAsLong();
    }
}
