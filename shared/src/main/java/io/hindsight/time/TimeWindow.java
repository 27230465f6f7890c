package io.hindsight.time;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;

/**
 * A half-open window {@code [fromNs, toNs)} in nanoseconds since the epoch (UTC, no leap seconds: the kernel's
 * {@code CLOCK_REALTIME}). Covers 1677-09-21 to 2262-04-11. Immutable.
 *
 * @param fromNs first nanosecond inside
 * @param toNs first nanosecond after; greater than {@code fromNs}
 */
public record TimeWindow(long fromNs, long toNs) {
    /** Every time there is. */
    public static final TimeWindow ALL = new TimeWindow(Long.MIN_VALUE, Long.MAX_VALUE);

    public TimeWindow {
        if (toNs <= fromNs) {
            throw new HindsightException(
                    ErrorCode.INVALID_WINDOW,
                    "The window ends before it starts: from="
                            + EpochNanos.format(fromNs)
                            + " to="
                            + EpochNanos.format(toNs)
                            + ".");
        }
    }

    /** The window between two instants, with nanosecond precision. */
    public static TimeWindow between(Instant from, Instant to) {
        return new TimeWindow(EpochNanos.of(from), EpochNanos.of(to));
    }

    /** The window of the given length that ends at {@code to}; one that begins before 1677 is {@link ErrorCode#INVALID_WINDOW}. */
    public static TimeWindow last(Duration length, Instant to) {
        try {
            return between(to.minus(length), to);
        } catch (DateTimeException | ArithmeticException outOfRange) {
            throw new HindsightException(
                    ErrorCode.INVALID_WINDOW,
                    "The window of length=" + length + " would start before 1677-09-21, the earliest time there is.");
        }
    }

    /** Whether the time lies inside. */
    public boolean contains(long timestampNs) {
        return timestampNs >= fromNs && timestampNs < toNs;
    }

    /** Whether every time of the closed range {@code [firstNs, lastNs]} lies inside. */
    public boolean containsAll(long firstNs, long lastNs) {
        return firstNs >= fromNs && lastNs < toNs;
    }

    /** Whether any time of the closed range {@code [firstNs, lastNs]} lies inside. */
    public boolean overlaps(long firstNs, long lastNs) {
        return firstNs < toNs && lastNs >= fromNs;
    }
}
