package io.hindsight.agent.os.ebpf;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.time.EpochNanos;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class KernelClockTest {
    private static final long OFFSET = 1_700_000_000_000_000_000L;

    private long bootNs = 5_000_000_000L;
    private long offsetNs = OFFSET;
    private long lookNs = 100;

    @Test
    void shouldTellTheWallClockWithinTheTimeOfALook() {
        KernelClock clock = clock();
        assertThat(clock.errorNs()).isPositive().isLessThanOrEqualTo(lookNs);
        assertThat(clock.epochNs(42)).isBetween(OFFSET + 42 - lookNs, OFFSET + 42 + lookNs);
    }

    /** A machine that is busy while the clocks are compared must not move events against each other. */
    @Test
    void shouldNotFollowALookThatWasInterrupted() {
        KernelClock clock = clock();
        long before = clock.epochNs(42);
        lookNs = 3_000_000;
        bootNs += KernelClock.INTERVAL_NS;
        clock.refresh();
        assertThat(clock.epochNs(42)).isEqualTo(before);
    }

    @Test
    void shouldGetMoreExactWithABetterLook() {
        lookNs = 3_000_000;
        KernelClock clock = clock();
        lookNs = 30;
        bootNs += KernelClock.INTERVAL_NS;
        clock.refresh();
        assertThat(clock.errorNs()).isLessThanOrEqualTo(30);
    }

    @Test
    void shouldFollowAClockThatIsSet() {
        KernelClock clock = clock();
        offsetNs -= 1_000_000;
        clock.refresh();
        assertThat(clock.epochNs(42)).as("a moment after").isGreaterThan(OFFSET - lookNs);
        bootNs += KernelClock.INTERVAL_NS;
        clock.refresh();
        assertThat(clock.epochNs(42)).isBetween(offsetNs + 42 - lookNs, offsetNs + 42 + lookNs);
    }

    @Test
    void shouldAgreeWithThisMachine() {
        KernelClock clock = new KernelClock();
        long before = EpochNanos.of(Instant.now());
        long now = clock.epochNs(KernelClock.clock(KernelClock.CLOCK_BOOTTIME).getAsLong());
        long after = EpochNanos.of(Instant.now());
        assertThat(now).isBetween(before - 1_000 - clock.errorNs(), after + 1_000 + clock.errorNs());
    }

    private KernelClock clock() {
        return new KernelClock(
                () -> {
                    bootNs += lookNs / 2;
                    return bootNs;
                },
                () -> {
                    bootNs += lookNs / 2;
                    return bootNs + offsetNs;
                });
    }
}
