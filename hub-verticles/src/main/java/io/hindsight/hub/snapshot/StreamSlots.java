package io.hindsight.hub.snapshot;

import java.util.ArrayDeque;
import java.util.Queue;

/** How many nodes' streams of batches are open at once, in the order in which they were asked for: each has two files open. One context. */
final class StreamSlots {
    private final int limit;
    private final Queue<Waiting> waiting = new ArrayDeque<>();
    private int taken;

    private record Waiting(int count, Runnable begin) {}

    StreamSlots(int limit) {
        this.limit = limit;
    }

    /** Runs {@code begin} when there is room for so many; one that needs more than there are has all of them. */
    void take(int count, Runnable begin) {
        waiting.add(new Waiting(Math.min(count, limit), begin));
        next();
    }

    /** As they were taken. */
    void giveBack(int count) {
        taken -= Math.min(count, limit);
        next();
    }

    private void next() {
        while (!waiting.isEmpty() && taken + waiting.element().count() <= limit) {
            Waiting first = waiting.remove();
            taken += first.count();
            first.begin().run();
        }
    }
}
