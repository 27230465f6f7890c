package io.hindsight.agent.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InterfaceSelectionTest {
    @ParameterizedTest
    @CsvSource({
        "eth0, eth0, true",
        "eth0, eth01, false",
        "eth*, eth0, true",
        "eth*, veth0, false",
        "veth?, veth1, true",
        "veth?, veth, false",
        "eth[0-3], eth2, true",
        "eth[0-3], eth4, false",
        "eth[!0], eth1, true",
        "eth[!0], eth0, false",
        "any, whatever, true",
        "eth0.5, eth0x5, false",
        "eth[, eth[, true",
        "a\\Eb, a\\Eb, true"
    })
    void shouldMatchNamesAndGlobs(String pattern, String name, boolean matches) {
        assertThat(new InterfaceSelection(List.of(pattern)).matches(name)).isEqualTo(matches);
    }

    @Test
    void shouldKnowWhenOnlyOneInterfaceCanMatch() {
        assertThat(new InterfaceSelection(List.of("eth0")).singleName()).isEqualTo("eth0");
        assertThat(new InterfaceSelection(List.of("eth*")).singleName()).isEmpty();
        assertThat(new InterfaceSelection(List.of("any")).singleName()).isEmpty();
        assertThat(new InterfaceSelection(List.of("eth0", "eth1")).singleName()).isEmpty();
    }
}
