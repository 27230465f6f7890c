package io.hindsight.client;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link HubClient} asks. Immutable.
 *
 * @param name who asks, as the custody log shows it; over a bridge the Hub puts the name that it knows the caller by. Null: {@code local}
 * @param timeout for answers
 * @param verifyTimeout for the answer to a verification, which reads every byte
 */
public record ClientOptions(@Nullable String name, Duration timeout, Duration verifyTimeout) {
    /** Ten seconds, and ten minutes for a verification. */
    public static final ClientOptions DEFAULTS =
            new ClientOptions(null, Duration.ofSeconds(10), Duration.ofMinutes(10));

    /** Who asks. */
    public ClientOptions named(String who) {
        return new ClientOptions(who, timeout, verifyTimeout);
    }
}
