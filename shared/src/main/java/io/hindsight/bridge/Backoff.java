package io.hindsight.bridge;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next dial: exponential with full jitter, so that the agents of a Hub that restarts do not all come at once.
 * The bound doubles from first to longest, and the wait is drawn evenly between 0 and the bound. After a refusal it is drawn from the upper
 * half of the longest bound: that the Hub changes its mind takes somebody who changes a setting. Not thread-safe.
 */
public final class Backoff {
    private final RandomGenerator random;
    private final long firstMs;
    private final long longestMs;
    private long boundMs;

    /** {@code first} and {@code longest} bound the first wait, and all waits. */
    public Backoff(Duration first, Duration longest, RandomGenerator random) {
        this.firstMs = first.toMillis();
        this.longestMs = longest.toMillis();
        this.random = random;
        this.boundMs = firstMs;
    }

    /** After a failure; at least 1 ms. */
    public long nextMs() {
        long waitMs = 1 + random.nextLong(boundMs);
        boundMs = Math.min(2 * boundMs, longestMs);
        return waitMs;
    }

    /** After the Hub has said no. */
    public long refusedMs() {
        boundMs = longestMs;
        return longestMs / 2 + 1 + random.nextLong(longestMs - longestMs / 2);
    }

    /** The link has proved good: the next break is a new one. */
    public void reset() {
        boundMs = firstMs;
    }
}
