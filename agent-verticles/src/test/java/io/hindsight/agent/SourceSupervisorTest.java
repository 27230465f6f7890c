package io.hindsight.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.time.Clock;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SourceSupervisorTest {
    private static final String STALLED = "The capture threads do not run.";

    private final AtomicInteger calls = new AtomicInteger();
    private @Nullable HindsightException refusal;
    private final SourceSupervisor supervisor = new SourceSupervisor(this::restart, Clock.systemUTC());

    private void restart() {
        calls.incrementAndGet();
        if (refusal != null) {
            throw refusal;
        }
    }

    private static long after(double seconds) {
        return System.nanoTime() + (long) (seconds * 1e9);
    }

    @Test
    void shouldNotTouchWhatIsHealthy() {
        for (int second = 0; second < 100; second++) {
            assertThat(supervisor.observe(after(second), null)).isFalse();
        }
    }

    @Test
    void shouldRestartAtOnceAndTellWhy() {
        assertThat(supervisor.observe(after(0), STALLED)).isTrue();
        supervisor.restart();
        assertThat(calls).hasValue(1);
        assertThat(supervisor.restarts().count()).isEqualTo(1);
        assertThat(supervisor.restarts().lastReason()).isEqualTo(STALLED);
        assertThat(supervisor.restarts().failure()).isNull();
    }

    @Test
    void shouldWaitLongerEachTimeUpToAMinute() {
        double[] delays = {1, 2, 4, 8, 16, 32, 60, 60};
        for (double delay : delays) {
            supervisor.observe(after(0), STALLED);
            supervisor.restart();
            assertThat(supervisor.observe(after(delay - 0.5), STALLED)).as("before " + delay).isFalse();
            assertThat(supervisor.observe(after(delay + 0.01), STALLED)).as("after " + delay).isTrue();
        }
    }

    @Test
    void shouldBeQuickAgainAfterAMinuteOfHealth() {
        for (int i = 0; i < 6; i++) {
            supervisor.observe(after(0), STALLED);
            supervisor.restart();
        }
        supervisor.observe(after(0), null);
        supervisor.observe(after(61), null);
        assertThat(supervisor.observe(after(90), STALLED)).isTrue();
        supervisor.restart();
        assertThat(supervisor.observe(after(1.1), STALLED)).as("the first delay again").isTrue();
    }

    @Test
    void shouldKeepTryingAndTellWhyItDoesNotSucceed() {
        refusal = new HindsightException(ErrorCode.IO_FAILED, "No socket.");
        supervisor.observe(after(0), STALLED);
        supervisor.restart();
        assertThat(supervisor.restarts().count()).isZero();
        assertThat(supervisor.restarts().failure()).isEqualTo("No socket.");
        refusal = null;
        assertThat(supervisor.observe(System.nanoTime() + TimeUnit.SECONDS.toNanos(2), STALLED)).isTrue();
        supervisor.restart();
        assertThat(supervisor.restarts().failure()).isNull();
        assertThat(supervisor.restarts().count()).isEqualTo(1);
    }
}
