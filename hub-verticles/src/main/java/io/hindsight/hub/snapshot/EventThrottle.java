package io.hindsight.hub.snapshot;

import io.vertx.core.Vertx;

/**
 * Publishes a subject's newest state at most ten times a second: at once where that is allowed, else as soon as it is. The last change is always published.
 * One context.
 */
final class EventThrottle {
    /** A little over a tenth of a second, so that no second holds eleven. */
    static final long INTERVAL_MS = 105;

    private final Vertx vertx;
    private final Runnable publish;
    private long lastNs = System.nanoTime() - INTERVAL_MS * 1_000_000;
    private boolean waiting;

    EventThrottle(Vertx vertx, Runnable publish) {
        this.vertx = vertx;
        this.publish = publish;
    }

    /** Something has changed. */
    void changed() {
        if (waiting) {
            return;
        }
        long elapsedMs = (System.nanoTime() - lastNs) / 1_000_000;
        if (elapsedMs >= INTERVAL_MS) {
            publishNow();
        } else {
            waiting = true;
            vertx.setTimer(INTERVAL_MS - elapsedMs, timer -> publishNow());
        }
    }

    private void publishNow() {
        waiting = false;
        lastNs = System.nanoTime();
        publish.run();
    }
}
