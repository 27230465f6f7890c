package io.hindsight.agent;

import io.hindsight.error.HindsightException;
import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Restarts a packet source that has stopped or stands still: at once, then after 1 s, 2 s, 4 s … at most {@link #MAX_DELAY_NS}, for as long as it
 * takes. A minute of health makes the next restart immediate again.
 *
 * <p>Told once a second how capture is ({@link #observe}); {@link #restart} blocks and runs on a worker, while observations go on.
 */
final class SourceSupervisor {
    static final long MAX_DELAY_NS = TimeUnit.SECONDS.toNanos(60);
    private static final long FIRST_DELAY_NS = TimeUnit.SECONDS.toNanos(1);
    private static final Logger LOG = LoggerFactory.getLogger(SourceSupervisor.class);

    private final Runnable restart;
    private final Clock clock;

    // Guarded by this object's lock.
    private long delayNs;
    private long notBeforeNs;
    private long healthySinceNs;
    private boolean wasHealthy;
    private boolean begun;
    private @Nullable String problem;
    private volatile Restarts restarts = new Restarts(0, null, null, null);

    /**
     * What was done so far. Immutable.
     *
     * @param count restarts that succeeded
     * @param lastTime of the last one
     * @param lastReason why it was restarted
     * @param failure why the last attempt did not succeed; null where it did
     */
    record Restarts(long count, @Nullable Instant lastTime, @Nullable String lastReason, @Nullable String failure) {}

    /** {@code restart} throws a {@link HindsightException} where it cannot. */
    SourceSupervisor(Runnable restart, Clock clock) {
        this.restart = restart;
        this.clock = clock;
    }

    Restarts restarts() {
        return restarts;
    }

    /**
     * Takes the state of capture.
     *
     * @param nowNs {@link System#nanoTime()}
     * @param newProblem why capture should be restarted; null while it need not be
     * @return whether {@link #restart} is due
     */
    synchronized boolean observe(long nowNs, @Nullable String newProblem) {
        problem = newProblem;
        if (newProblem == null) {
            healthySinceNs = wasHealthy ? healthySinceNs : nowNs;
            if (nowNs - healthySinceNs >= MAX_DELAY_NS) {
                delayNs = 0;
            }
        }
        wasHealthy = newProblem == null;
        return newProblem != null && (!begun || nowNs - notBeforeNs >= 0);
    }

    /** Restarts; a failure is kept for the status, and the next attempt comes later. One call at a time; takes seconds. */
    void restart() {
        String reason = reason();
        LOG.warn("Restarting capture: {}", reason);
        Restarts before = restarts;
        try {
            restart.run();
            restarts = new Restarts(before.count() + 1, clock.instant(), reason, null);
            LOG.info("Capture was restarted; restarts={}.", restarts.count());
        } catch (RuntimeException | InternalError e) { // the latter for a ring that cannot be had from its disk
            LOG.error("Capture could not be restarted.", e);
            restarts = new Restarts(before.count(), before.lastTime(), before.lastReason(), e.getMessage());
        }
        waitLonger();
    }

    private synchronized String reason() {
        return String.valueOf(problem);
    }

    private synchronized void waitLonger() {
        begun = true;
        delayNs = delayNs == 0 ? FIRST_DELAY_NS : Math.min(2 * delayNs, MAX_DELAY_NS);
        notBeforeNs = System.nanoTime() + delayNs;
    }
}
