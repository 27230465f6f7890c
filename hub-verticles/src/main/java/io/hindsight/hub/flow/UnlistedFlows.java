package io.hindsight.hub.flow;

import java.util.Arrays;

/** Flows beyond the bound, counted. Remembers a fingerprint of 64 bits of each, up to a bound of its own; past that, the count is a lower limit. */
final class UnlistedFlows {
    /** Fingerprints that are remembered: 16 MiB. */
    static final int MAX_FINGERPRINTS = 1 << 20;

    private static final int MIN_CAPACITY = 1 << 10;

    private final int maxFingerprints;
    private long[] table = new long[MIN_CAPACITY];
    private int flows;
    private boolean exact = true;
    private long packets;
    private long bytes;

    UnlistedFlows(int maxFingerprints) {
        this.maxFingerprints = maxFingerprints;
    }

    void add(long hash, int wireLength) {
        packets++;
        bytes += wireLength;
        // 0 marks a free place.
        remember(hash == 0 ? 1 : hash);
    }

    private void remember(long fingerprint) {
        int place = place(table, fingerprint);
        if (table[place] == fingerprint) {
            return;
        }
        if (flows == maxFingerprints) {
            exact = false;
            return;
        }
        table[place] = fingerprint;
        flows++;
        if (flows > table.length / 2) {
            grow();
        }
    }

    private static int place(long[] table, long fingerprint) {
        int place = (int) fingerprint & (table.length - 1);
        while (table[place] != 0 && table[place] != fingerprint) {
            place = (place + 1) & (table.length - 1);
        }
        return place;
    }

    private void grow() {
        long[] larger = new long[2 * table.length];
        Arrays.stream(table)
                .filter(fingerprint -> fingerprint != 0)
                .forEach(fingerprint -> larger[place(larger, fingerprint)] = fingerprint);
        table = larger;
    }

    int flows() {
        return flows;
    }

    /** Whether {@link #flows} is their number; if not, there are more. */
    boolean isExact() {
        return exact;
    }

    long packets() {
        return packets;
    }

    long bytes() {
        return bytes;
    }
}
