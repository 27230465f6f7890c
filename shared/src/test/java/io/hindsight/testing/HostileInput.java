package io.hindsight.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;

/** What a reader may do with bytes that nobody vouches for: read them, or refuse them by the one error that names the place. */
public final class HostileInput {
    private HostileInput() {}

    /**
     * Runs the reader; passes if it ends, or refuses with INTEGRITY_VIOLATED and an offset. Everything else gets through and fails the
     * test.
     *
     * @return whether it refused
     */
    public static boolean isRefused(Runnable reader) {
        try {
            reader.run();
            return false;
        } catch (HindsightException refusal) {
            assertThat(refusal.code()).isEqualTo(ErrorCode.INTEGRITY_VIOLATED);
            assertThat(refusal).hasMessageContaining("offset=");
            return true;
        }
    }
}
