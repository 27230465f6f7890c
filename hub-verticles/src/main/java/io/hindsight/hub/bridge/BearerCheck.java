package io.hindsight.hub.bridge;

import io.hindsight.hub.access.Caller;
import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/** Who shows a token, as HTTP finds it out. Used on the bridge's context. */
@FunctionalInterface
public interface BearerCheck {
    /**
     * Who it is.
     *
     * @param authorization as the header of HTTP: {@code Bearer …}; null: none was shown
     * @return completes on the bridge's context; fails with UNAUTHENTICATED, FORBIDDEN where the caller does not use the API, TOO_MANY_REQUESTS, UPSTREAM_UNREACHABLE
     */
    Future<Caller> caller(@Nullable String authorization);
}
