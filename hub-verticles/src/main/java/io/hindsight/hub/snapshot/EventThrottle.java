package io.hindsight.hub.snapshot;

import io.vertx.core.Vertx;
import java.util.function.LongSupplier;

/**
 * Publishes a subject's newest state at most ten times a second: at once where that is allowed, else as soon as it is. The last change is always published.
 * A large subject is published less often, so that what is published in a second stays about the same: one of 500 nodes once a second. One context.
 */
public final class EventThrottle {
    /** A little over a tenth of a second, so that no second holds eleven. */
    static final long INTERVAL_MS = 105;

    private static final long INTERVAL_OF_A_PART_MS = 2;

    private final Vertx vertx;
    private final LongSupplier nanoClock;
    private final long intervalMs;
    private final Runnable publish;
    private long lastNs;
    private boolean waiting;

    /** For a subject of so many parts; {@code nanoClock} as {@link System#nanoTime()}. */
    public EventThrottle(Vertx vertx, LongSupplier nanoClock, int parts, Runnable publish) {
        this.vertx = vertx;
        this.nanoClock = nanoClock;
        this.intervalMs = Math.max(INTERVAL_MS, parts * INTERVAL_OF_A_PART_MS);
        this.lastNs = nanoClock.getAsLong() - intervalMs * 1_000_000;
        this.publish = publish;
    }

    /** Something has changed. */
    public void changed() {
        if (waiting) {
            return;
        }
        long elapsedMs = (nanoClock.getAsLong() - lastNs) / 1_000_000;
        if (elapsedMs >= intervalMs) {
            publishNow();
        } else {
            waiting = true;
            vertx.setTimer(intervalMs - elapsedMs, timer -> publishNow());
        }
    }

    private void publishNow() {
        waiting = false;
        lastNs = nanoClock.getAsLong();
        publish.run();
    }
}
