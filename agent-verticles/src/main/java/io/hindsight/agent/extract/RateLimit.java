package io.hindsight.agent.extract;

import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The ceiling of what an agent sends for snapshots ({@code --max-rate}), of all sessions together. A chunk may be sent once those before it are paid
 * for at the rate; an idle time earns nothing. So the burst is one chunk, whatever its length, and a session that comes late waits for one chunk of each
 * other session at most: turns are first come, first served, and a session asks for its next one after it has sent.
 *
 * <p>Event-loop-confined, as the sessions are.
 */
public final class RateLimit {
    private final long bytesPerSecond;
    private final LongSupplier nanoTime;
    private final Timer timer;
    private final Deque<Place> waiting = new ArrayDeque<>();
    private long paidAtNs;
    private boolean ticking;

    /** Runs something later, on the same event loop. */
    @FunctionalInterface
    public interface Timer {
        /** After at least so many milliseconds, at least 1. */
        void after(long delayMs, Runnable task);
    }

    /** A session's place: one claim at a time. */
    public final class Place {
        private long bytes;
        private @Nullable Runnable go;

        private Place() {}

        /** Asks for a turn to send so many bytes. {@code turn} runs when it has come: before this returns where nobody has to wait. */
        public void take(long lengthBytes, Runnable turn) {
            if (go != null) {
                throw new IllegalStateException("A session waits for one turn at a time.");
            }
            if (bytesPerSecond == 0) {
                turn.run();
                return;
            }
            bytes = lengthBytes;
            go = turn;
            waiting.add(this);
            serve();
        }

        /** Whether a turn was asked for and has not come. */
        public boolean isWaiting() {
            return go != null;
        }

        /** Leaves the queue; nothing is paid for it. Without a claim nothing happens. */
        public void giveUp() {
            go = null;
            waiting.remove(this);
        }
    }

    /**
     * @param bytesPerSecond 0: no ceiling
     * @param nanoTime a clock that never goes back
     */
    public RateLimit(long bytesPerSecond, LongSupplier nanoTime, Timer timer) {
        this.bytesPerSecond = bytesPerSecond;
        this.nanoTime = nanoTime;
        this.timer = timer;
        this.paidAtNs = nanoTime.getAsLong();
    }

    /** By the machine's clock, on the context of the caller. */
    public static RateLimit of(Vertx vertx, long bytesPerSecond) {
        return new RateLimit(
                bytesPerSecond, System::nanoTime, (delayMs, task) -> vertx.setTimer(delayMs, id -> task.run()));
    }

    /** For a session. */
    public Place place() {
        return new Place();
    }

    private void serve() {
        while (!ticking && !waiting.isEmpty()) {
            long nowNs = nanoTime.getAsLong();
            long waitNs = paidAtNs - nowNs;
            if (waitNs > 0) {
                ticking = true;
                timer.after(Math.max(1, TimeUnit.NANOSECONDS.toMillis(waitNs) + 1), this::tick);
            } else {
                go(waiting.remove(), nowNs);
            }
        }
    }

    private void go(Place place, long nowNs) {
        paidAtNs = nowNs + priceNs(place.bytes);
        Runnable turn = place.go;
        place.go = null;
        if (turn != null) {
            turn.run();
        }
    }

    private void tick() {
        ticking = false;
        serve();
    }

    private long priceNs(long bytes) {
        return (long) (bytes * 1e9 / bytesPerSecond);
    }
}
