package io.hindsight.hub.access;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What is known of tokens that were reviewed, by their digests. Those that are not accepted have a table of their own, so that somebody who tries a thousand tokens pushes nobody out; what has
 * not been asked for longest goes first. Not thread-safe.
 */
final class ReviewCache {
    /** How long the API server's yes is good: a token, an account or a permission that is taken away works on for so long. */
    static final Duration ACCEPTED_FOR = Duration.ofSeconds(60);

    /** How long its no is good, and that a caller may do nothing: short, because somebody may be waiting for what was just granted. */
    static final Duration REFUSED_FOR = Duration.ofSeconds(10);

    /** Of each of the two tables. */
    static final int MAX_REMEMBERED = 4_096;

    private final LongSupplier nanoTime;
    private final InstantSource clock;
    private final Map<String, Known> accepted = table();
    private final Map<String, Known> refused = table();

    private record Known(Review review, long untilNs) {}

    /** With clocks that a test turns: nanoseconds that never go back, and the time of day. */
    ReviewCache(LongSupplier nanoTime, InstantSource clock) {
        this.nanoTime = nanoTime;
        this.clock = clock;
    }

    private static Map<String, Known> table() {
        return new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Known> eldest) {
                return size() > MAX_REMEMBERED;
            }
        };
    }

    Optional<Review> get(String digest) {
        Optional<Review> found = get(accepted, digest);
        return found.isPresent() ? found : get(refused, digest);
    }

    private Optional<Review> get(Map<String, Known> table, String digest) {
        Known entry = table.get(digest);
        if (entry == null) {
            return Optional.empty();
        }
        if (nanoTime.getAsLong() - entry.untilNs >= 0) {
            table.remove(digest);
            return Optional.empty();
        }
        return Optional.of(entry.review);
    }

    /** {@code expiry} of the token itself; null: it says none. */
    void put(String digest, Review review, @Nullable Instant expiry) {
        Duration time = review.isAccepted() ? ACCEPTED_FOR : REFUSED_FOR;
        if (expiry != null) {
            Duration left = Duration.between(clock.instant(), expiry);
            time = left.compareTo(time) < 0 ? left : time;
        }
        if (time.isPositive()) {
            (review.isAccepted() ? accepted : refused)
                    .put(digest, new Known(review, nanoTime.getAsLong() + time.toNanos()));
        }
    }
}
