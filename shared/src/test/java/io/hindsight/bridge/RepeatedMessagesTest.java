package io.hindsight.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RepeatedMessagesTest {
    private static final long SECOND = 1_000_000_000L;

    private final RepeatedMessages messages = new RepeatedMessages();

    @Test
    void shouldSayAMessageAtOnceAndThenOnceAMinute() {
        assertThat(messages.due("a", 0)).isEqualTo(1);
        for (int second = 1; second < 60; second++) {
            assertThat(messages.due("a", second * SECOND)).isZero();
        }
        assertThat(messages.due("a", 60 * SECOND)).isEqualTo(60);
        assertThat(messages.due("a", 61 * SECOND)).isZero();
        assertThat(messages.due("a", 200 * SECOND)).isEqualTo(2);
    }

    @Test
    void shouldSayEachOfSeveralOnItsOwn() {
        assertThat(messages.due("a", 0)).isEqualTo(1);
        assertThat(messages.due("b", 1)).isEqualTo(1);
        assertThat(messages.due("a", 2)).isZero();
    }

    @Test
    void shouldForgetTheOldestBeyondItsBound() {
        for (int i = 0; i <= RepeatedMessages.MAX_MESSAGES; i++) {
            assertThat(messages.due("message " + i, i)).isEqualTo(1);
        }
        assertThat(messages.due("message 16", 20)).isZero();
        assertThat(messages.due("message 0", 20)).isEqualTo(1);
    }
}
