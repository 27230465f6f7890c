package io.hindsight.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.error.HindsightException;
import java.time.Instant;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class EpochNanosTest {
    @Property
    void shouldComeBackFromAnInstant(@ForAll long epochNs) {
        assertThat(EpochNanos.of(EpochNanos.toInstant(epochNs))).isEqualTo(epochNs);
        assertThat(EpochNanos.of(Instant.parse(EpochNanos.format(epochNs)))).isEqualTo(epochNs);
    }

    @Property
    void shouldKeepTheOrder(@ForAll long a, @ForAll long b) {
        assertThat(Integer.signum(EpochNanos.toInstant(a).compareTo(EpochNanos.toInstant(b))))
                .isEqualTo(Long.compare(a, b));
    }

    @Test
    void shouldRefuseInstantsOutsideItsRange() {
        assertThat(EpochNanos.toInstant(Long.MIN_VALUE)).isEqualTo("1677-09-21T00:12:43.145224192Z");
        for (Instant instant :
                new Instant[] {
                    EpochNanos.toInstant(Long.MIN_VALUE).minusNanos(1),
                    EpochNanos.toInstant(Long.MAX_VALUE).plusNanos(1),
                    Instant.MIN,
                    Instant.MAX
                }) {
            assertThatThrownBy(() -> EpochNanos.of(instant)).isInstanceOf(HindsightException.class);
        }
    }
}
