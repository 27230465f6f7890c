package io.hindsight.agent.os.netlink;

import java.util.HashMap;
import java.util.Map;

/**
 * Counts what was lost by the numbers that the kernel gives the events of each processor: 32 bits that start anew after the last. Of a processor of which
 * nothing was heard before, the first event heard sets the count. Used by one thread at a time.
 */
final class EventSequences {
    /** Processors of the largest machine that Linux runs on; numbers beyond are no processors. */
    private static final int MAX_PROCESSORS = 8_192;

    private final Map<Integer, Integer> next = new HashMap<>();
    private long received;
    private long lost;

    void received(int processor, int sequence) {
        received++;
        if (processor < 0 || processor >= MAX_PROCESSORS) {
            return;
        }
        int expected = next.getOrDefault(processor, sequence);
        int passedOver = sequence - expected;
        if (passedOver >= 0) {
            lost += passedOver;
            next.put(processor, sequence + 1);
        } else {
            lost--; // Older kernels may hand two over in the wrong order: this one has been counted as lost.
        }
    }

    long received() {
        return received;
    }

    /** Lost since the last call. */
    long takeLost() {
        long taken = Math.max(0, lost);
        lost -= taken;
        return taken;
    }
}
