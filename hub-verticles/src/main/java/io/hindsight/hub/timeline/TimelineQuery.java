package io.hindsight.hub.timeline;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.time.Durations;
import io.hindsight.time.EpochNanos;
import io.hindsight.time.TimeWindow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of a timeline. Immutable.
 *
 * @param bucket length of a bucket; null: the shortest usual one that makes at most {@value TimelineSum#USUAL_BUCKETS}
 * @param window only buckets that touch it; {@link TimeWindow#ALL}: all
 * @param nodes names; empty: every node
 */
public record TimelineQuery(@Nullable Duration bucket, TimeWindow window, List<String> nodes) {
    /** No snapshot's window is longer. */
    private static final Duration MAX_BUCKET = Duration.ofDays(366);

    public TimelineQuery {
        nodes = List.copyOf(nodes);
        if (bucket != null && (bucket.isNegative() || bucket.isZero() || bucket.compareTo(MAX_BUCKET) > 0)) {
            throw HindsightException.ofField(
                    ErrorCode.INVALID_REQUEST,
                    "bucket",
                    "A bucket is longer than 0 and at most " + MAX_BUCKET.toDays() + "d long.");
        }
    }

    /** As clients write it: what is absent is open. */
    public static TimelineQuery of(
            @Nullable String bucket, @Nullable Instant from, @Nullable Instant to, List<String> nodes) {
        TimeWindow window =
                new TimeWindow(
                        from == null ? Long.MIN_VALUE : EpochNanos.of(from),
                        to == null ? Long.MAX_VALUE : EpochNanos.of(to));
        return new TimelineQuery(bucket == null ? null : length(bucket), window, nodes);
    }

    private static Duration length(String bucket) {
        try {
            return Durations.parse(bucket);
        } catch (HindsightException notALength) {
            throw HindsightException.ofField(
                    ErrorCode.INVALID_REQUEST, "bucket", String.valueOf(notALength.getMessage()));
        }
    }
}
