package io.hindsight.hub.timeline;

import io.hindsight.chunk.DropCause;
import java.util.Arrays;

/** What happened in one bucket. Events are kept for the kinds that there were alone. One thread at a time. */
final class BucketCounts {
    private static final int FIRST_KINDS = 4;
    private static final long[] NONE = {};
    private static final int[] NO_KINDS = {};

    private long packets;
    private long capturedBytes;
    private long originalBytes;
    private long[] drops = NONE;
    private int[] kinds = NO_KINDS;
    private long[] events = NONE;
    private int kindCount;

    /** One more packet. */
    void packet(long captured, long original) {
        packets++;
        capturedBytes += captured;
        originalBytes += original;
    }

    /** More of everything but drops and events; what does not fit into 64 bits is an ArithmeticException. */
    void packets(long count, long captured, long original) {
        packets = Math.addExact(packets, count);
        capturedBytes = Math.addExact(capturedBytes, captured);
        originalBytes = Math.addExact(originalBytes, original);
    }

    /** More lost records. */
    void drop(int cause, long count) {
        if (count != 0) {
            drops = drops.length == 0 ? new long[DropCause.values().length] : drops;
            drops[cause] = Math.addExact(drops[cause], count);
        }
    }

    /** More events of a kind. */
    void event(int kind, long count) {
        int place = 0;
        while (place < kindCount && kinds[place] != kind) {
            place++;
        }
        if (place == kindCount) {
            if (place == kinds.length) {
                kinds = Arrays.copyOf(kinds, Math.max(FIRST_KINDS, 2 * place));
                events = Arrays.copyOf(events, kinds.length);
            }
            kinds[place] = kind;
            kindCount++;
        }
        events[place] = Math.addExact(events[place], count);
    }

    /** All that another bucket has. */
    void add(BucketCounts other) {
        packets(other.packets, other.capturedBytes, other.originalBytes);
        for (int cause = 0; cause < other.drops.length; cause++) {
            drop(cause, other.drops[cause]);
        }
        for (int place = 0; place < other.kindCount; place++) {
            event(other.kinds[place], other.events[place]);
        }
    }

    long packets() {
        return packets;
    }

    long capturedBytes() {
        return capturedBytes;
    }

    long originalBytes() {
        return originalBytes;
    }

    /** Records lost by the cause at this position. */
    long drops(int cause) {
        return drops.length == 0 ? 0 : drops[cause];
    }

    /** How many kinds there were. */
    int kindCount() {
        return kindCount;
    }

    /** Number of a kind that there was, by its place. */
    int kind(int place) {
        return kinds[place];
    }

    /** Events of the kind at this place. */
    long events(int place) {
        return events[place];
    }
}
