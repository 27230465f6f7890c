package io.hindsight.hub.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class VersionSkewTest {
    @ParameterizedTest
    @CsvSource({
        "1.2.3, 1.2.3, true",
        "1.2.3, 1.2.0, true",
        "1.2.3, 1.3.0, true",
        "1.2.3, 1.1.9, true",
        "1.2.3, 1.4.0, false",
        "1.2.3, 1.0.9, false",
        "1.2.3, 2.2.3, false",
        "1.0.0, 0.9.0, false",
        "0.1.0, 0.2.0, true",
        "0.1.0, 0.3.0, false",
        "1.9.0, 1.10.0, true",
        "1.2.3-SNAPSHOT, 1.3.0, true",
        "1.2, 1.3, true",
        "1.2+build.5, 1.2.0-rc1, true",
        "unpackaged, unpackaged, true",
        "unpackaged, 1.2.3, false",
        "1.2.3, unpackaged, false",
        "1, 1, true",
        "1, 1.0, false",
        "1.2.3, 1.2x, false",
        "1.2.3, 9999999999.2.3, false"
    })
    void shouldAcceptNeighbours(String hub, String agent, boolean accepted) {
        assertThat(VersionSkew.accepts(hub, agent)).isEqualTo(accepted);
        assertThat(VersionSkew.accepts(agent, hub)).isEqualTo(accepted);
    }

    @Test
    void shouldNameBothVersionsAndTheWayOut() {
        assertThatThrownBy(() -> VersionSkew.require("1.5.0", "1.2.0"))
                .isInstanceOfSatisfying(
                        HindsightException.class,
                        refused -> assertThat(refused.code()).isEqualTo(ErrorCode.VERSION_MISMATCH))
                .hasMessageContaining("agent's version=1.2.0")
                .hasMessageContaining("Hub's version=1.5.0")
                .hasMessageContaining("one minor version at a time");
        assertThatCode(() -> VersionSkew.require("1.5.0", "1.4.0")).doesNotThrowAnyException();
    }
}
