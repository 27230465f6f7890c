package io.hindsight.agent.extract;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Bytes that the bus has been given and has not written yet, of all streams together: its own queue has no bound. Who finds it full waits for its turn; each
 * waits once. One event loop.
 */
final class OutboundBytes {
    private final long limitBytes;
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private long underWayBytes;

    OutboundBytes(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    /** Whether nothing more may be given to the bus now; {@code turn} runs, once, when that has changed. */
    boolean isFull(Runnable turn) {
        boolean full = underWayBytes >= limitBytes;
        if (full) {
            waiting.add(turn);
        }
        return full;
    }

    void given(int bytes) {
        underWayBytes += bytes;
    }

    /** One whose turn has come may find that it needs none any more: then the next one has it. */
    void written(int bytes) {
        underWayBytes -= bytes;
        while (underWayBytes < limitBytes && !waiting.isEmpty()) {
            waiting.remove().run();
        }
    }

    long underWayBytes() {
        return underWayBytes;
    }
}
