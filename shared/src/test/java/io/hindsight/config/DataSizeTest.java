package io.hindsight.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class DataSizeTest {
    /** Up to the longest number that is written with 18 digits. */
    @Property
    void shouldParseWhatItWrites(@ForAll @LongRange(min = 0, max = 999_999_999_999_999_999L) long bytes) {
        assertThat(DataSize.parse(new DataSize(bytes).toString())).isEqualTo(new DataSize(bytes));
    }

    @Test
    void shouldParseUnitsAsKubernetesDoes() {
        assertThat(DataSize.parse("512").bytes()).isEqualTo(512);
        assertThat(DataSize.parse("64Ki").bytes()).isEqualTo(65_536);
        assertThat(DataSize.parse("1Gi").bytes()).isEqualTo(1_073_741_824);
        assertThat(DataSize.parse(" 20G ").bytes()).isEqualTo(20_000_000_000L);
        assertThat(DataSize.parse("2 TiB").bytes()).isEqualTo(2_199_023_255_552L);
        assertThat(new DataSize(1536L << 20)).hasToString("1536Mi");
    }

    @Test
    void shouldRefuseWhatIsNoSize() {
        for (String text :
                new String[] {
                    "",
                    "G",
                    "-1",
                    "1.5G",
                    "1e3",
                    "0x10",
                    "1Pi",
                    "9223372036854775807Ti",
                    "999999999999999999T",
                    "1 G i",
                    "１"
                }) {
            assertThatThrownBy(() -> DataSize.parse(text))
                    .as(text)
                    .isInstanceOfSatisfying(
                            HindsightException.class,
                            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_CONFIGURATION));
        }
    }

    @Property
    void shouldNeverThrowAnythingElse(@ForAll String text) {
        try {
            assertThat(DataSize.parse(text).bytes()).isNotNegative();
        } catch (HindsightException refused) {
            assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_CONFIGURATION);
        }
    }
}
