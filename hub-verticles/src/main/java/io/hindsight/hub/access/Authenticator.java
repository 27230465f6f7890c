package io.hindsight.hub.access;

import io.vertx.core.Future;
import java.util.Optional;

/** One of those whose word the Hub takes on who holds a bearer token. Asked one after the other, on an event loop: never blocks. Thread-safe. Nothing ever logs a token. */
public interface Authenticator extends AutoCloseable {
    /**
     * Who holds this token.
     *
     * @param token as it came, 1 to {@link Authenticators#MAX_TOKEN_LENGTH} printable ASCII characters
     * @return empty where it is not one of its tokens, or one that it does not accept; fails with UPSTREAM_UNREACHABLE where that cannot be told now
     */
    Future<Optional<Caller>> authenticate(String token);

    /** Whether its answers are there at once, because it asks nobody else: then no request waits for it. */
    default boolean answersAtOnce() {
        return false;
    }

    /** Gives back what it holds. Idempotent. */
    @Override
    void close();
}
