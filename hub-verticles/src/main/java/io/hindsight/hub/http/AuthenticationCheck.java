package io.hindsight.hub.http;

import io.hindsight.bus.LinkProtocol;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lets in who holds a token, everybody where no tokens are configured, and notes the caller. On the paths of agents, link and lane, a client certificate
 * counts too, and callers pass that may join; elsewhere those that may use the API. Thread-safe.
 */
final class AuthenticationCheck implements Handler<RoutingContext> {
    private static final String CALLER_KEY = AuthenticationCheck.class.getName();
    private static final String SCHEME = "bearer ";
    private static final Set<String> AGENT_PATHS = Set.of(LinkProtocol.LINK_PATH, LinkProtocol.LANE_PATH);

    private final @Nullable BearerTokens tokens;

    AuthenticationCheck(@Nullable BearerTokens tokens) {
        this.tokens = tokens;
    }

    @Override
    public void handle(RoutingContext context) {
        boolean ofAgent = AGENT_PATHS.contains(context.request().path());
        Caller caller = ofAgent ? agent(context) : byToken(context).orElseThrow(AuthenticationCheck::unauthenticated);
        context.put(CALLER_KEY, caller);
        if (ofAgent ? !caller.joins() : !caller.usesApi()) {
            throw forbidden(caller, ofAgent);
        }
        context.next();
    }

    private Caller agent(RoutingContext context) {
        Set<String> names = CertificateNames.of(context.request());
        boolean certificateAlone = !names.isEmpty() && header(context) == null && tokens != null;
        return certificateAlone
                ? Caller.ofCertificate(names)
                : byToken(context).orElseThrow(AuthenticationCheck::unauthenticated).withCertificate(names);
    }

    private Optional<Caller> byToken(RoutingContext context) {
        return tokens == null ? Optional.of(Caller.LOCAL) : token(context).flatMap(tokens::callerOf);
    }

    private static HindsightException unauthenticated() {
        return HindsightException.ofField(
                ErrorCode.UNAUTHENTICATED,
                "Authorization",
                "This Hub takes requests with \"Authorization: Bearer <token>\" and a token that it knows.");
    }

    private static HindsightException forbidden(Caller caller, boolean ofAgent) {
        return HindsightException.ofField(
                ErrorCode.FORBIDDEN,
                "Authorization",
                ofAgent
                        ? "The token named "
                                + caller.name()
                                + " is for the API; agents join with one named agent or agent@NODE, or with a client certificate."
                        : "The token named " + caller.name() + " is for agents; it does not use the API.");
    }

    private static Optional<String> token(RoutingContext context) {
        String header = header(context);
        return header != null && header.toLowerCase(Locale.ROOT).startsWith(SCHEME)
                ? Optional.of(header.substring(SCHEME.length()).strip())
                : Optional.empty();
    }

    private static @Nullable String header(RoutingContext context) {
        return context.request().getHeader(HttpHeaders.AUTHORIZATION);
    }

    /** {@code local}, or the token's name. */
    static String caller(RoutingContext context) {
        return who(context).name();
    }

    /** Who passed; {@link Caller#LOCAL} where nobody was asked. */
    static Caller who(RoutingContext context) {
        Caller caller = context.get(CALLER_KEY);
        return caller == null ? Caller.LOCAL : caller;
    }
}
