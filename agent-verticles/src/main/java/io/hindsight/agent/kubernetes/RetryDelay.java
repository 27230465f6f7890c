package io.hindsight.agent.kubernetes;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next request: exponential, drawn from the upper half of a bound that doubles from first to longest. Never none at all, so that no answer of a server,
 * however odd, makes a hot loop; and never the same for all agents. Not thread-safe.
 */
final class RetryDelay {
    private final RandomGenerator random;
    private final long firstNs;
    private final long longestNs;
    private long boundNs;

    RetryDelay(Duration first, Duration longest, RandomGenerator random) {
        this.random = random;
        this.firstNs = first.toNanos();
        this.longestNs = longest.toNanos();
        this.boundNs = firstNs;
    }

    /** At least half of {@code first}. */
    long nextNs() {
        long waitNs = draw(boundNs);
        boundNs = Math.min(2 * boundNs, longestNs);
        return waitNs;
    }

    /** After an answer that takes somebody who changes something: half of {@code longest} to all of it. */
    long longNs() {
        boundNs = longestNs;
        return draw(longestNs);
    }

    private long draw(long bound) {
        return bound / 2 + random.nextLong(bound - bound / 2 + 1);
    }

    /** All is well again. */
    void reset() {
        boundNs = firstNs;
    }
}
