package io.hindsight.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class FlowHealthTest {
    private final FlowHealth health = new FlowHealth();

    private boolean check(int second, long records, long seen) {
        return health.check(TimeUnit.SECONDS.toNanos(second), records, seen);
    }

    @Test
    void shouldBeUnhealthyWithinSecondsWhenTrafficIsNotRecorded() {
        stall();
    }

    private void stall() {
        assertThat(check(0, 10, 100)).isTrue();
        for (int second = 1; second < 6; second++) {
            assertThat(check(second, 10, 100 + second)).isTrue();
        }
        assertThat(check(6, 10, 106)).isFalse();
    }

    @Test
    void shouldBeHealthyAgainWithTheNextRecord() {
        stall();
        assertThat(check(7, 11, 107)).isTrue();
    }

    @Test
    void shouldStayHealthyOnAQuietNetwork() {
        for (int second = 0; second < 60; second++) {
            assertThat(check(second, 10, 100)).isTrue();
        }
    }

    @Test
    void shouldForgiveACounterThatIsUpdatedLate() {
        check(0, 10, 100);
        for (int second = 1; second < 60; second++) {
            assertThat(check(second, 10, 103)).isTrue();
        }
    }
}
