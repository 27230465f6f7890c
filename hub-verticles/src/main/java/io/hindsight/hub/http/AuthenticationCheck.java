package io.hindsight.hub.http;

import io.hindsight.bus.LinkProtocol;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.access.Authenticator;
import io.hindsight.hub.access.Authenticators;
import io.hindsight.hub.access.Caller;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
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

    /** None: whoever reaches the Hub may do everything. */
    private final List<Authenticator> authenticators;

    AuthenticationCheck(List<Authenticator> authenticators) {
        this.authenticators = List.copyOf(authenticators);
    }

    @Override
    public void handle(RoutingContext context) {
        boolean ofAgent = AGENT_PATHS.contains(context.request().path());
        // A WebSocket or a body must not be read before its handler is there.
        context.request().pause();
        (ofAgent ? agent(context) : user(context))
                .onSuccess(caller -> {
                    context.request().resume();
                    passOn(context, caller, ofAgent);
                })
                .onFailure(failure -> {
                    context.request().resume();
                    context.fail(failure);
                });
    }

    private static void passOn(RoutingContext context, Caller caller, boolean ofAgent) {
        context.put(CALLER_KEY, caller);
        if (ofAgent ? !caller.joins() : !caller.usesApi()) {
            context.fail(forbidden(caller, ofAgent));
        } else {
            context.next();
        }
    }

    private Future<Caller> user(RoutingContext context) {
        return byToken(context).map(caller -> caller.orElseThrow(AuthenticationCheck::unauthenticated));
    }

    private Future<Caller> agent(RoutingContext context) {
        Set<String> names = CertificateNames.of(context.request());
        boolean certificateAlone = !names.isEmpty() && header(context) == null && !authenticators.isEmpty();
        return certificateAlone
                ? Future.succeededFuture(Caller.ofCertificate(names))
                : user(context).map(caller -> caller.withCertificate(names));
    }

    private Future<Optional<Caller>> byToken(RoutingContext context) {
        if (authenticators.isEmpty()) {
            return Future.succeededFuture(Optional.of(Caller.LOCAL));
        }
        return token(context).map(token -> ask(token, 0)).orElseGet(() -> Future.succeededFuture(Optional.empty()));
    }

    /** One after the other, until one knows the token. That one cannot be asked now tells nothing of the others: it counts where none of them knows it. */
    private Future<Optional<Caller>> ask(String token, int index) {
        if (index == authenticators.size()) {
            return Future.succeededFuture(Optional.empty());
        }
        Future<Optional<Caller>> answer = authenticators.get(index).authenticate(token);
        return answer.transform((caller, failure) ->
                caller != null && caller.isPresent()
                        ? answer
                        : ask(token, index + 1)
                                .compose(other ->
                                        other.isPresent() || failure == null
                                                ? Future.succeededFuture(other)
                                                : Future.failedFuture(failure)));
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
        return header != null
                        && header.length() <= SCHEME.length() + Authenticators.MAX_TOKEN_LENGTH
                        && header.toLowerCase(Locale.ROOT).startsWith(SCHEME)
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
