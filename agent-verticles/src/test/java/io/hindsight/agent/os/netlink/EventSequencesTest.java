package io.hindsight.agent.os.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EventSequencesTest {
    private final EventSequences sequences = new EventSequences();

    @Test
    void shouldCountWhatIsMissingOfEachProcessor() {
        sequences.received(0, 100);
        sequences.received(1, 7);
        sequences.received(0, 101);
        assertThat(sequences.takeLost()).isZero();
        sequences.received(0, 105);
        sequences.received(1, 9);
        assertThat(sequences.takeLost()).isEqualTo(3 + 1);
        assertThat(sequences.takeLost()).isZero();
        assertThat(sequences.received()).isEqualTo(5);
    }

    @Test
    void shouldCountOverTheEndOfTheNumbers() {
        sequences.received(0, -2);
        sequences.received(0, 1);
        assertThat(sequences.takeLost()).isEqualTo(2);
    }

    @Test
    void shouldTakeBackWhatComesLate() {
        sequences.received(0, 10);
        sequences.received(0, 12);
        sequences.received(0, 11);
        sequences.received(0, 13);
        assertThat(sequences.takeLost()).isZero();
    }

    @Test
    void shouldNotCountWhatNamesNoProcessor() {
        sequences.received(-1, 4_711);
        sequences.received(-1, 9_999);
        assertThat(sequences.takeLost()).isZero();
    }
}
