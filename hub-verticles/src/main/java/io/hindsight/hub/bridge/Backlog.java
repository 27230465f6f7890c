package io.hindsight.hub.bridge;

import java.util.ArrayList;
import java.util.List;

/** Bytes that wait for one program, bounded for itself and together with the others. One context. */
final class Backlog {
    /** Below this share of the bound there is room for events, which can wait; the rest is for what was asked. */
    private static final int EVENTS_SHARE = 8;

    /** Over all connections. One context. */
    static final class Total {
        private final long max;
        private long held;

        Total(long max) {
            this.max = max;
        }

        long held() {
            return held;
        }
    }

    private final Total total;
    private final long max;
    private long held;
    private List<Runnable> waiting = new ArrayList<>();

    Backlog(Total total, long max) {
        this.total = total;
        this.max = max;
    }

    /** Whether there is room; then it is taken. */
    boolean take(int bytes) {
        if (held + bytes > max || total.held + bytes > total.max) {
            return false;
        }
        held += bytes;
        total.held += bytes;
        return true;
    }

    /** They were written, or never will be. */
    void give(int bytes) {
        held -= bytes;
        total.held -= bytes;
        if (!isFull() && !waiting.isEmpty()) {
            List<Runnable> ready = waiting;
            waiting = new ArrayList<>();
            ready.forEach(Runnable::run);
        }
    }

    boolean isFull() {
        return held > max / EVENTS_SHARE;
    }

    /** Where it is full: there is one reader of events at most. */
    void onDrain(Runnable ready) {
        waiting.add(ready);
    }

    long max() {
        return max;
    }
}
