package io.hindsight.agent.kubernetes;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What call-backs leave for the source's thread. Each watch has at most one message in it, so it fills only where something is wrong; then its watch is told so. */
final class Inbox {
    /** A dozen watches leave at most a few each. */
    static final int MAX_WAITING = 256;

    private final BlockingQueue<Runnable> waiting = new ArrayBlockingQueue<>(MAX_WAITING);

    /** Any thread; never blocks. @return false where it is full */
    boolean offer(Runnable task) {
        return waiting.offer(task);
    }

    /** Any thread that may block. @return false on time-out */
    boolean offer(Runnable task, long timeoutMs) throws InterruptedException {
        return waiting.offer(task, timeoutMs, TimeUnit.MILLISECONDS);
    }

    /** The source's thread. @return null on time-out */
    @Nullable Runnable poll(long timeoutNs) throws InterruptedException {
        return waiting.poll(timeoutNs, TimeUnit.NANOSECONDS);
    }

    /** The source's thread. @return null where nothing waits */
    @Nullable Runnable poll() {
        return waiting.poll();
    }
}
