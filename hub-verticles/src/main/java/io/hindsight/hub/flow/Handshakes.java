package io.hindsight.hub.flow;

import java.util.Arrays;

/** How long each handshake of a flow took, as one point saw it. */
final class Handshakes {
    private static final long[] NONE = {};

    private long[] timesNs = NONE;
    private int count;

    void add(long timeNs) {
        if (count == timesNs.length) {
            timesNs = Arrays.copyOf(timesNs, Math.max(1, count * 2));
        }
        timesNs[count++] = timeNs;
    }

    int count() {
        return count;
    }

    /** Ascending. */
    long[] sorted() {
        long[] sorted = Arrays.copyOf(timesNs, count);
        Arrays.sort(sorted);
        return sorted;
    }
}
