package io.hindsight.hub.resolve;

import io.hindsight.error.HindsightException;
import io.hindsight.time.EpochNanos;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/** Times of objects, as far as they can be used. */
final class Times {
    private Times() {}

    /** Null where there is none, or nanoseconds cannot hold it. */
    static @Nullable Long ns(@Nullable Instant time) {
        try {
            return time == null ? null : EpochNanos.of(time);
        } catch (HindsightException outOfRange) {
            return null;
        }
    }

    /** Of a text as Kubernetes writes times; null where it is none. */
    static @Nullable Long ns(@Nullable String text) {
        try {
            return text == null ? null : ns(Instant.parse(text));
        } catch (DateTimeParseException notATime) {
            return null;
        }
    }

    /** The sum, kept within what there is. */
    static long plus(long timeNs, long spanNs) {
        long sum = timeNs + spanNs;
        boolean overflow = ((timeNs ^ sum) & (spanNs ^ sum)) < 0;
        return !overflow ? sum : spanNs > 0 ? Long.MAX_VALUE : Long.MIN_VALUE;
    }

    /** The difference, kept within what there is. */
    static long minus(long timeNs, long earlierNs) {
        long difference = timeNs - earlierNs;
        boolean overflow = ((timeNs ^ earlierNs) & (timeNs ^ difference)) < 0;
        return !overflow ? difference : timeNs >= earlierNs ? Long.MAX_VALUE : Long.MIN_VALUE;
    }
}
