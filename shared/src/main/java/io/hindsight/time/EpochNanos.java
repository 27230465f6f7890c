package io.hindsight.time;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.time.Instant;

/** Nanoseconds since the epoch as a {@code long}: the time base of every record, chunk and window. */
public final class EpochNanos {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private EpochNanos() {}

    /** Nanoseconds since the epoch of an instant between 1677-09-21 and 2262-04-11; outside it, {@link ErrorCode#INVALID_WINDOW}. */
    public static long of(Instant instant) {
        long seconds = instant.getEpochSecond();
        long nanos = instant.getNano();
        if (seconds < 0) {
            // Towards zero: the whole seconds of the earliest times would not fit.
            seconds++;
            nanos -= NANOS_PER_SECOND;
        }
        try {
            return Math.addExact(Math.multiplyExact(seconds, NANOS_PER_SECOND), nanos);
        } catch (ArithmeticException outOfRange) {
            throw new HindsightException(
                    ErrorCode.INVALID_WINDOW,
                    "The time "
                            + instant
                            + " is outside what nanoseconds in 64 bits can hold (1677-09-21 to 2262-04-11).");
        }
    }

    /** The instant of nanoseconds since the epoch. */
    public static Instant toInstant(long epochNs) {
        return Instant.ofEpochSecond(
                Math.floorDiv(epochNs, NANOS_PER_SECOND), Math.floorMod(epochNs, NANOS_PER_SECOND));
    }

    /** ISO 8601 in UTC with as many digits as the time has, for people and JSON. */
    public static String format(long epochNs) {
        return toInstant(epochNs).toString();
    }
}
