package io.hindsight.hub.scrub;

import io.hindsight.hub.verify.ReadPace;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;

/**
 * Holds a verification to a number of bytes a second, stops it while snapshots are being taken, and ends it when it is cancelled. The reading thread
 * waits here; any thread may call the rest.
 */
final class ScrubPace implements ReadPace {
    private static final long NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    private final Object lock = new Object();
    private final long bytesPerSecond;

    // Guarded by lock.
    private long allowedAtNs = System.nanoTime();
    private boolean held;
    private boolean cancelled;
    private long bytes;

    ScrubPace(long bytesPerSecond) {
        this.bytesPerSecond = bytesPerSecond;
    }

    @Override
    public void took(long length) {
        synchronized (lock) {
            bytes += length;
            long cost = Math.round((double) length / bytesPerSecond * NANOS_PER_SECOND);
            long nowNs = System.nanoTime();
            // Time in which nothing was read is not made up for by reading faster later.
            allowedAtNs = (allowedAtNs - nowNs > 0 ? allowedAtNs : nowNs) + cost;
            await();
        }
    }

    private void await() {
        try {
            long remainingNs = allowedAtNs - System.nanoTime();
            while (!cancelled && (held || remainingNs > 0)) {
                // Rounded up: 0 would mean for ever, which is right where it is held.
                lock.wait(held ? 0 : TimeUnit.NANOSECONDS.toMillis(remainingNs) + 1);
                remainingNs = allowedAtNs - System.nanoTime();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            cancelled = true;
        }
        if (cancelled) {
            throw new CancellationException("The verification in the background was cancelled.");
        }
    }

    /** Whether to wait. */
    void hold(boolean wanted) {
        synchronized (lock) {
            held = wanted;
            lock.notifyAll();
        }
    }

    /** Ends the verification at its next read. */
    void cancel() {
        synchronized (lock) {
            cancelled = true;
            lock.notifyAll();
        }
    }

    boolean isCancelled() {
        synchronized (lock) {
            return cancelled;
        }
    }

    /** Read so far. */
    long bytes() {
        synchronized (lock) {
            return bytes;
        }
    }
}
