package io.hindsight.hub.timeline;

import io.hindsight.time.Durations;
import io.hindsight.time.TimeWindow;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/**
 * How long a bucket is. The stored ones are the shortest of a ladder that make at most {@value #MAX_BUCKETS} over all nodes, were none of them empty: for
 * one node 100 ms up to 2 h 46 min, 1 s up to 27 h, 10 s up to 11 days. So what a snapshot can be asked for follows from its window and its nodes, not
 * from what happened. Stateless.
 */
final class TimelineResolution {
    /** Stored buckets of a snapshot, over all nodes. */
    static final int MAX_BUCKETS = 100_000;

    /** Each is a multiple of the one before. */
    private static final List<Duration> LADDER =
            List.of(
                    Duration.ofMillis(100),
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(10),
                    Duration.ofMinutes(1),
                    Duration.ofMinutes(10),
                    Duration.ofHours(1),
                    Duration.ofDays(1),
                    Duration.ofDays(10));

    /** What people ask for. */
    private static final List<Duration> USUAL =
            List.of(
                    Duration.ofMillis(100),
                    Duration.ofMillis(200),
                    Duration.ofMillis(500),
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(30),
                    Duration.ofMinutes(1),
                    Duration.ofMinutes(2),
                    Duration.ofMinutes(5),
                    Duration.ofMinutes(10),
                    Duration.ofMinutes(30),
                    Duration.ofHours(1),
                    Duration.ofHours(2),
                    Duration.ofHours(6),
                    Duration.ofHours(12),
                    Duration.ofDays(1),
                    Duration.ofDays(10),
                    Duration.ofDays(30));

    private TimelineResolution() {}

    /** Nanoseconds of a stored bucket. */
    static long bucketNs(TimeWindow window, int nodes) {
        for (Duration step : LADDER) {
            if (count(window, step.toNanos()) <= MAX_BUCKETS / Math.max(1, nodes)) {
                return step.toNanos();
            }
        }
        return LADDER.getLast().toNanos();
    }

    /** Buckets that the window touches. */
    static long count(TimeWindow window, long bucketNs) {
        return Math.floorDiv(window.toNs() - 1, bucketNs) - Math.floorDiv(window.fromNs(), bucketNs) + 1;
    }

    /** The shortest usual length, a multiple of the resolution, that makes at most so many buckets of the window; the longest where none does. */
    static long usualNs(TimeWindow window, long resolutionNs, long maxBuckets) {
        List<Duration> possible = usual(resolutionNs);
        return possible.stream()
                .mapToLong(Duration::toNanos)
                .filter(step -> count(window, step) <= maxBuckets)
                .findFirst()
                .orElse(possible.isEmpty() ? resolutionNs : possible.getLast().toNanos());
    }

    /** The usual lengths that may be asked for, for people. */
    static String possible(long resolutionNs) {
        return usual(resolutionNs).stream().map(Durations::format).collect(Collectors.joining(", "));
    }

    private static List<Duration> usual(long resolutionNs) {
        return USUAL.stream().filter(step -> step.toNanos() % resolutionNs == 0).toList();
    }
}
