package io.hindsight.agent.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class RetryDelayTest {
    @Test
    void shouldWaitLongerAndLongerAndNeverNotAtAll() {
        RetryDelay delay = new RetryDelay(WatchPace.DEFAULTS.first(), WatchPace.DEFAULTS.longest(), new Random(7));
        long boundNs = 1_000_000_000L;
        for (int i = 0; i < 10; i++) {
            assertThat(delay.nextNs()).isBetween(boundNs / 2, boundNs);
            boundNs = Math.min(2 * boundNs, 60_000_000_000L);
        }
        assertThat(delay.longNs()).isBetween(30_000_000_000L, 60_000_000_000L);
        delay.reset();
        assertThat(delay.nextNs()).isBetween(500_000_000L, 1_000_000_000L);
    }
}
