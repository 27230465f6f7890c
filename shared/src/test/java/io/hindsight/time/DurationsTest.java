package io.hindsight.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.error.HindsightException;
import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {
    @ParameterizedTest
    @CsvSource({
        "30s,30000",
        "5m,300000",
        "1h30m,5400000",
        "2d,172800000",
        "250ms,250",
        "PT5M,300000",
        "pt1s,1000",
        "1m5ms,60005"
    })
    void shouldReadShortAndIsoForms(String text, long millis) {
        assertThat(Durations.parse(text)).isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "m", "5 m", "-5m", "1h1d", "5x", "99999999999m"})
    void shouldRefuseAnythingElseWithAnExample(String text) {
        assertThatThrownBy(() -> Durations.parse(text))
                .isInstanceOf(HindsightException.class)
                .hasMessageContaining("Not a length of time: \"" + text + "\"")
                .hasMessageContaining("1h30m");
    }

    @Property
    void shouldReadBackWhatItFormats(@ForAll @LongRange(min = 0, max = 1L << 45) long millis) {
        assertThat(Durations.parse(Durations.format(Duration.ofMillis(millis)))).isEqualTo(Duration.ofMillis(millis));
    }

    @Test
    void shouldFormatTheShortForm() {
        assertThat(Durations.format(Duration.ofMinutes(90))).isEqualTo("1h30m");
        assertThat(Durations.format(Duration.ZERO)).isEqualTo("0s");
    }
}
