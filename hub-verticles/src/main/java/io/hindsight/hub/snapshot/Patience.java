package io.hindsight.hub.snapshot;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How long, and how often, a session waits for one node. Every stream that brought something new starts it anew: a node that gets on is not given
 * up, and one that only ever begins cannot keep a session for ever. The session's context only.
 */
final class Patience {
    /** Streams in a row that bring nothing. */
    static final int MAX_FRUITLESS = 5;

    private final Duration limit;
    private final LongSupplier nanoClock;
    private int fruitless;
    private boolean begun;
    private long sinceNs;

    /** {@code nanoClock} as {@link System#nanoTime()}. */
    Patience(Duration limit, LongSupplier nanoClock) {
        this.limit = limit;
        this.nanoClock = nanoClock;
        this.sinceNs = nanoClock.getAsLong();
    }

    /** A stream broke off. */
    void interrupted(boolean broughtSomething) {
        if (broughtSomething || !begun) {
            sinceNs = nanoClock.getAsLong();
        }
        begun = true;
        fruitless = broughtSomething ? 0 : fruitless + 1;
    }

    /** What is waited for from now on is something else. */
    void startAnew() {
        sinceNs = nanoClock.getAsLong();
        begun = false;
        fruitless = 0;
    }

    /** Whether it was tried often enough. */
    boolean isExhausted() {
        return fruitless >= MAX_FRUITLESS;
    }

    /** Whether it was waited long enough. */
    boolean isOver() {
        return waited().compareTo(limit) >= 0;
    }

    Duration limit() {
        return limit;
    }

    /** Since the node broke off. */
    Duration waited() {
        return Duration.ofNanos(nanoClock.getAsLong() - sinceNs);
    }
}
