package io.hindsight.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.time.Duration;
import java.time.Instant;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class TimeWindowTest {
    @Property
    void shouldContainItsStartAndNotItsEnd(@ForAll long a, @ForAll long b) {
        Assume.that(a != b);
        TimeWindow window = new TimeWindow(Math.min(a, b), Math.max(a, b));

        assertThat(window.contains(window.fromNs())).isTrue();
        assertThat(window.contains(window.toNs() - 1)).isTrue();
        assertThat(window.contains(window.toNs())).isFalse();
        assertThat(window.fromNs() != Long.MIN_VALUE && window.contains(window.fromNs() - 1)).isFalse();
    }

    @Property
    void shouldOverlapARangeIfAndOnlyIfATimeLiesInBoth(
            @ForAll byte from, @ForAll byte to, @ForAll byte first, @ForAll byte last) {
        Assume.that(from < to && first <= last);
        TimeWindow window = new TimeWindow(from, to);
        long inside = 0;
        for (long time = first; time <= last; time++) {
            inside += window.contains(time) ? 1 : 0;
        }

        assertThat(window.overlaps(first, last)).isEqualTo(inside > 0);
        assertThat(window.containsAll(first, last)).isEqualTo(inside == last - first + 1);
    }

    @Test
    void shouldRefuseAWindowThatEndsBeforeItStarts() {
        assertRefused(() -> new TimeWindow(5, 5));
        assertRefused(() -> new TimeWindow(Long.MAX_VALUE, Long.MIN_VALUE));
    }

    @Test
    void shouldKeepNanoseconds() {
        Instant from = Instant.parse("2026-11-22T21:00:00.123456789Z");

        TimeWindow window = TimeWindow.between(from, from.plusNanos(1));

        assertThat(window.toNs() - window.fromNs()).isEqualTo(1);
        assertThat(EpochNanos.format(window.fromNs())).isEqualTo("2026-11-22T21:00:00.123456789Z");
    }

    @Test
    void shouldEndTheLastMinutesAtTheGivenTime() {
        Instant now = Instant.ofEpochSecond(1_700_000_000L);

        assertThat(TimeWindow.last(Duration.ofMinutes(5), now))
                .isEqualTo(new TimeWindow(1_699_999_700_000_000_000L, 1_700_000_000_000_000_000L));
    }

    @Test
    void shouldRefuseLengthsThatNoTimeCanHold() {
        Instant now = Instant.ofEpochSecond(1_700_000_000L);

        for (Duration length :
                new Duration[] {
                    Duration.ZERO,
                    Duration.ofSeconds(-1),
                    Duration.ofDays(400L * 365),
                    Duration.ofSeconds(Long.MAX_VALUE),
                    Duration.ofSeconds(Long.MIN_VALUE)
                }) {
            assertRefused(() -> TimeWindow.last(length, now));
        }
    }

    private static void assertRefused(Runnable window) {
        assertThatThrownBy(window::run)
                .isInstanceOfSatisfying(
                        HindsightException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_WINDOW));
    }
}
