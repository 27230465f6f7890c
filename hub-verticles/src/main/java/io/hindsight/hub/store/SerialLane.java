package io.hindsight.hub.store;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;

/**
 * Runs tasks one after the other, in order, on a pool that others share; after each task the thread goes back, so that lanes take turns.
 * Its queue holds what its owner lets in: a file's lanes hold at most the chunks that the stream's credit allows. Thread-safe.
 */
final class SerialLane implements Executor {
    private final Executor pool;

    // Guarded by this.
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private boolean running;

    SerialLane(Executor pool) {
        this.pool = pool;
    }

    @Override
    public synchronized void execute(Runnable task) {
        waiting.add(task);
        if (!running) {
            running = true;
            pool.execute(this::runNext);
        }
    }

    private void runNext() {
        try {
            next().run();
        } finally {
            proceed();
        }
    }

    private synchronized Runnable next() {
        return waiting.remove();
    }

    private synchronized void proceed() {
        running = !waiting.isEmpty();
        if (running) {
            pool.execute(this::runNext);
        }
    }
}
