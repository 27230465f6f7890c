package io.hindsight.hub.bridge;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What the bridge has refused and carried. Thread-safe. */
public final class BridgeCounters {
    private final Map<BridgeRefusal, LongAdder> refused = new EnumMap<>(BridgeRefusal.class);
    private final LongAdder received = new LongAdder();
    private final LongAdder sent = new LongAdder();

    BridgeCounters() {
        for (BridgeRefusal cause : BridgeRefusal.values()) {
            refused.put(cause, new LongAdder());
        }
    }

    /** Counts one. */
    public void refuse(BridgeRefusal cause) {
        adder(cause).increment();
    }

    /** How many, since start. */
    public long refused(BridgeRefusal cause) {
        return adder(cause).sum();
    }

    private LongAdder adder(BridgeRefusal cause) {
        // All are put in when it is made.
        return refused.getOrDefault(cause, received);
    }

    void received() {
        received.increment();
    }

    void sent() {
        sent.increment();
    }

    /** Messages of programs, since start. */
    public long receivedCount() {
        return received.sum();
    }

    /** Messages to programs, since start. */
    public long sentCount() {
        return sent.sum();
    }
}
