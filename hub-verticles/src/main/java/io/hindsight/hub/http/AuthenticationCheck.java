package io.hindsight.hub.http;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Lets in who holds a token, everybody where no tokens are configured, and notes the caller's name. Thread-safe. */
final class AuthenticationCheck implements Handler<RoutingContext> {
    private static final String CALLER_KEY = AuthenticationCheck.class.getName();
    private static final String LOCAL = "local";
    private static final String SCHEME = "bearer ";

    private final @Nullable BearerTokens tokens;

    AuthenticationCheck(@Nullable BearerTokens tokens) {
        this.tokens = tokens;
    }

    @Override
    public void handle(RoutingContext context) {
        Optional<String> caller = tokens == null ? Optional.of(LOCAL) : token(context).flatMap(tokens::nameOf);
        if (caller.isPresent()) {
            context.put(CALLER_KEY, caller.get());
            context.next();
        } else {
            context.fail(
                    HindsightException.ofField(
                            ErrorCode.UNAUTHENTICATED,
                            "Authorization",
                            "This Hub takes requests with \"Authorization: Bearer <token>\" and a token that it knows."));
        }
    }

    private static Optional<String> token(RoutingContext context) {
        String header = context.request().getHeader(HttpHeaders.AUTHORIZATION);
        return header != null && header.toLowerCase(Locale.ROOT).startsWith(SCHEME)
                ? Optional.of(header.substring(SCHEME.length()).strip())
                : Optional.empty();
    }

    /** {@code local}, or the token's name. */
    static String caller(RoutingContext context) {
        String name = context.get(CALLER_KEY);
        return name == null ? LOCAL : name;
    }
}
