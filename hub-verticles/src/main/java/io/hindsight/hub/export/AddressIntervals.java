package io.hindsight.hub.export;

import io.hindsight.hub.packet.IpAddress;
import io.hindsight.hub.resolve.Resolution.AddressInterval;
import io.hindsight.time.TimeWindow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Addresses and when they count: asked for every packet, so without allocation. Open addressing over address pairs of {@link IpAddress}; at most half full.
 * Immutable once made, as large as what a snapshot knows of addresses.
 */
final class AddressIntervals {
    private static final int MIN_SLOTS = 16;
    private static final long[] FREE = {};

    private final long[] highs;
    private final long[] lows;

    /** From, to, from, to, … of each slot, by time, none touching the next; empty where the slot is free. */
    private final long[][] intervals;

    private final int mask;

    private AddressIntervals(Map<Key, List<TimeWindow>> windows) {
        int slots = Math.max(MIN_SLOTS, Integer.highestOneBit(Math.max(1, windows.size())) * 4);
        highs = new long[slots];
        lows = new long[slots];
        intervals = new long[slots][];
        Arrays.fill(intervals, FREE);
        mask = slots - 1;
        windows.forEach(this::put);
    }

    /** An address as a key. */
    private record Key(long high, long low) {}

    static AddressIntervals of(Iterable<AddressInterval> known) {
        Map<Key, List<TimeWindow>> windows = new HashMap<>();
        for (AddressInterval each : known) {
            Key key = new Key(IpAddress.high(each.address()), IpAddress.low(each.address()));
            windows.computeIfAbsent(key, added -> new ArrayList<>(1)).add(each.holder().valid());
        }
        return new AddressIntervals(windows);
    }

    private void put(Key key, List<TimeWindow> windows) {
        int slot = slot(key.high(), key.low());
        highs[slot] = key.high();
        lows[slot] = key.low();
        intervals[slot] = joined(windows);
    }

    private static long[] joined(List<TimeWindow> windows) {
        List<TimeWindow> sorted = windows.stream().sorted((a, b) -> Long.compare(a.fromNs(), b.fromNs())).toList();
        long[] joined = new long[2 * sorted.size()];
        int length = 0;
        for (TimeWindow window : sorted) {
            if (length > 0 && window.fromNs() <= joined[length - 1]) {
                joined[length - 1] = Math.max(joined[length - 1], window.toNs());
            } else {
                joined[length++] = window.fromNs();
                joined[length++] = window.toNs();
            }
        }
        return Arrays.copyOf(joined, length);
    }

    /** Where the address stands, or the free slot where it would. */
    private int slot(long high, long low) {
        int slot = hash(high, low) & mask;
        while (intervals[slot].length > 0 && (lows[slot] != low || highs[slot] != high)) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private static int hash(long high, long low) {
        long mixed = (high * 31 + low) * 0x9E37_79B9_7F4A_7C15L;
        return (int) (mixed >>> 32);
    }

    /** Whether the address counts then. */
    boolean contains(long high, long low, long timeNs) {
        long[] times = intervals[slot(high, low)];
        for (int i = 0; i < times.length && times[i] <= timeNs; i += 2) {
            if (timeNs < times[i + 1]) {
                return true;
            }
        }
        return false;
    }
}
