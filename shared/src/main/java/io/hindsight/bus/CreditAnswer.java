package io.hindsight.bus;

import org.jspecify.annotations.Nullable;

/**
 * An agent's answer to {@link CreditGrant}.
 *
 * @param heldBack whether the next chunk waits for its turn under the agent's own ceiling ({@code max-rate}): then silence is no trouble;
 *     absent: no
 */
public record CreditAnswer(@Nullable Boolean heldBack) {
    /** Whether the agent says so. */
    public boolean waits() {
        return Boolean.TRUE.equals(heldBack);
    }
}
