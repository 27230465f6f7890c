package io.hindsight.hub.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import org.junit.jupiter.api.Test;

/** Room for a snapshot of which nobody knows how large it will be. */
class GrowingPromiseTest {
    private static final long RESERVE = 100;

    private long usable = 1_000;

    private static void assertNoRoom(Runnable step) {
        assertThatThrownBy(step::run)
                .isInstanceOfSatisfying(
                        HindsightException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INSUFFICIENT_STORAGE));
    }

    @Test
    void shouldPromiseMoreWhileThereIsRoomAndKeepWhatItPromised() {
        SpaceBudget budget = new SpaceBudget(() -> usable, RESERVE, 0);
        budget.reserve("a", 300);
        budget.reserve("b", 100);
        budget.extend("a", 500);
        assertThat(budget.outstandingBytes()).isEqualTo(900);

        assertNoRoom(() -> budget.extend("a", 1));
        assertThat(budget.outstandingBytes()).isEqualTo(900);

        budget.written("a", 800);
        usable -= 800;
        assertNoRoom(() -> budget.extend("a", 1));
        budget.giveBack("b", 40);
        budget.extend("a", 40);
        assertThat(budget.outstandingBytes()).isEqualTo(100);
        assertThat(budget.promisedBytes()).isEqualTo(900);
    }

    @Test
    void shouldCountWhatIsWrittenAgainstTheQuota() {
        SpaceBudget budget = new SpaceBudget(() -> 1_000_000, RESERVE, 1_000);
        budget.keep("sealed", 500);
        budget.reserve("a", 200);
        budget.written("a", 200);
        budget.extend("a", 300);

        assertNoRoom(() -> budget.extend("a", 1));
        budget.giveBack("a", 100);
        budget.extend("a", 100);
    }

    @Test
    void shouldPromiseNothingToWhatHasEnded() {
        SpaceBudget budget = new SpaceBudget(() -> usable, RESERVE, 0);
        budget.reserve("a", 300);
        budget.release("a");
        budget.extend("a", 100);
        budget.giveBack("a", 100);

        assertThat(budget.outstandingBytes()).isZero();
        assertThat(budget.promisedBytes()).isZero();
    }
}
