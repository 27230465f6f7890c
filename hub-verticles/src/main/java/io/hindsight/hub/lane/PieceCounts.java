package io.hindsight.hub.lane;

import java.util.concurrent.atomic.LongAdder;

/** What has come in pieces, over the clustered bus. Thread-safe. */
public final class PieceCounts {
    private final LongAdder bytes = new LongAdder();
    private final LongAdder chunks = new LongAdder();
    private final LongAdder doubled = new LongAdder();
    private final LongAdder refused = new LongAdder();

    void received(int length) {
        bytes.add(length);
    }

    void handedOn() {
        chunks.increment();
    }

    void doubled() {
        doubled.increment();
    }

    void refused() {
        refused.increment();
    }

    /** Bytes that have come. */
    public long receivedBytes() {
        return bytes.sum();
    }

    /** Chunks that were handed on. */
    public long receivedChunks() {
        return chunks.sum();
    }

    /** Offers and pieces that came again and were dropped. */
    public long doubledCount() {
        return doubled.sum();
    }

    /** Streams that were broken off because of what came, or did not come. */
    public long refusedCount() {
        return refused.sum();
    }
}
