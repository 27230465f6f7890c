package io.hindsight.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private static final int AGENTS = 2_000;
    private static final long[] BOUNDS_MS = {200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000, 10_000};

    private final RandomGenerator random = new Random(42);

    private Backoff backoff() {
        return new Backoff(Duration.ofMillis(200), Duration.ofSeconds(10), random);
    }

    /** Waits of many agents, by the number of the try. */
    private long[][] waits() {
        long[][] waits = new long[BOUNDS_MS.length][AGENTS];
        for (int agent = 0; agent < AGENTS; agent++) {
            Backoff backoff = backoff();
            for (int attempt = 0; attempt < BOUNDS_MS.length; attempt++) {
                waits[attempt][agent] = backoff.nextMs();
            }
        }
        return waits;
    }

    @Test
    void shouldSpreadEachTryEvenlyBelowABoundThatDoubles() {
        long[][] waits = waits();
        for (int attempt = 0; attempt < BOUNDS_MS.length; attempt++) {
            long boundMs = BOUNDS_MS[attempt];
            assertThat(LongStream.of(waits[attempt]).min().orElseThrow()).isBetween(1L, boundMs / 50);
            assertThat(LongStream.of(waits[attempt]).max().orElseThrow()).isBetween(boundMs - boundMs / 50, boundMs);
            for (int tenth = 0; tenth < 10; tenth++) {
                long from = tenth * boundMs / 10;
                long to = (tenth + 1) * boundMs / 10;
                long share = Arrays.stream(waits[attempt]).filter(wait -> wait > from && wait <= to).count();
                // 200 expected; six standard deviations.
                assertThat(share).isBetween(120L, 280L);
            }
        }
    }

    @Test
    void shouldWaitLongAfterARefusalAndBeginAnewAfterAGoodLink() {
        Backoff backoff = backoff();
        for (int i = 0; i < 1_000; i++) {
            assertThat(backoff.refusedMs()).isBetween(5_001L, 10_000L);
        }
        backoff.reset();
        assertThat(backoff.nextMs()).isLessThanOrEqualTo(200);
    }

    @Test
    void shouldNeverWaitForNothing() {
        Backoff backoff = new Backoff(Duration.ofMillis(1), Duration.ofMillis(2), random);
        for (int i = 0; i < 100; i++) {
            assertThat(backoff.nextMs()).isBetween(1L, 2L);
        }
    }
}
