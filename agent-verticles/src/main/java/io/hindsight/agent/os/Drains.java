package io.hindsight.agent.os;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Lets other threads wait until a source's thread has handed over what was there when they asked. Thread-safe.
 *
 * <p>It has when a look at the feed that began after the question found nothing, or, where the feed is never empty, when it has come to events that are younger than the question by more than the disorder
 * among processors.
 */
final class Drains {
    private static final long DISORDER_NS = TimeUnit.MILLISECONDS.toNanos(50);

    private final LongSupplier clock;

    // Guarded by this object's lock.
    private long asked;
    private long askedNs;
    private long answered;
    private boolean ended;

    Drains(LongSupplier clock) {
        this.clock = clock;
    }

    /** What had been asked when a look began; the source's thread. */
    record Question(long number, long timeNs) {}

    synchronized Question question() {
        return new Question(asked, askedNs);
    }

    /** Whether somebody waits. */
    synchronized boolean isWaitedFor() {
        return asked > answered;
    }

    /**
     * A look is over and committed; the source's thread.
     *
     * @param question when it began
     * @param events that it found
     * @param newestNs time of the youngest
     */
    synchronized void looked(Question question, int events, long newestNs) {
        if (events == 0 || newestNs > question.timeNs() + DISORDER_NS) {
            answered = Math.max(answered, question.number());
            notifyAll();
        }
    }

    /** Nothing is handed over any more. */
    synchronized void end() {
        ended = true;
        notifyAll();
    }

    /**
     * Waits; any thread.
     *
     * @return false on time-out, or where the source has ended before
     */
    synchronized boolean await(long timeoutMs) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        askedNs = clock.getAsLong();
        long mine = ++asked;
        while (answered < mine && !ended) {
            long leftMs = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (leftMs <= 0) {
                return false;
            }
            wait(leftMs);
        }
        return answered >= mine;
    }
}
