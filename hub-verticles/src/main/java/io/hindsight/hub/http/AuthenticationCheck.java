package io.hindsight.hub.http;

import io.hindsight.bus.LinkProtocol;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.access.Authenticator;
import io.hindsight.hub.access.Authenticators;
import io.hindsight.hub.access.Caller;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds out who sends a request by its bearer token, and notes it; where nobody is asked, everybody is {@link Caller#LOCAL}. On the paths of agents, link and
 * lane, a client certificate counts too, and callers pass that may join; elsewhere those that use the API: {@link OperationPermissions} has the rest.
 *
 * <p>An authenticator may have to ask somebody else. Until then the request is paused, whatever it is to become; as many wait as {@link HttpLimits} has, and no
 * longer. One context.
 */
final class AuthenticationCheck implements Handler<RoutingContext> {
    private static final String CALLER_KEY = AuthenticationCheck.class.getName();
    private static final Set<String> AGENT_PATHS = Set.of(LinkProtocol.LINK_PATH, LinkProtocol.LANE_PATH);
    private static final Pattern BEARER =
            Pattern.compile("(?i:bearer) +([!-~]{1," + Authenticators.MAX_TOKEN_LENGTH + "}+) *");

    /** None: whoever reaches the Hub may do everything. */
    private final List<Authenticator> authenticators;

    private final HttpLimits limits;
    private int waiting;
    private long overLimit;
    private long undecided;

    AuthenticationCheck(List<Authenticator> authenticators, HttpLimits limits) {
        this.authenticators = List.copyOf(authenticators);
        this.limits = limits;
    }

    @Override
    public void handle(RoutingContext context) {
        boolean ofAgent = AGENT_PATHS.contains(context.request().path());
        Future<Caller> asked = ofAgent ? agent(context) : user(context);
        if (asked.isComplete()) {
            settle(context, asked, ofAgent);
        } else {
            wait(context, asked, ofAgent);
        }
    }

    /** A WebSocket, a lane or a body must not be read before its handler is there. */
    private void wait(RoutingContext context, Future<Caller> asked, boolean ofAgent) {
        Context home = context.vertx().getOrCreateContext();
        context.request().pause();
        waiting++;
        asked.timeout(limits.authenticationTimeout().toMillis(), TimeUnit.MILLISECONDS)
                .onComplete(answer ->
                        home.runOnContext(back -> {
                            waiting--;
                            context.request().resume();
                            // It may have been answered meanwhile, because its body did not come, or the client have
                            // gone.
                            if (!context.failed() && !context.response().ended() && !context.response().closed()) {
                                settle(context, answer, ofAgent);
                            }
                        }));
    }

    private void settle(RoutingContext context, AsyncResult<Caller> answer, boolean ofAgent) {
        if (answer.failed()) {
            context.fail(known(answer.cause()));
            return;
        }
        Caller caller = answer.result();
        context.put(CALLER_KEY, caller);
        if (ofAgent ? !caller.joins() : !caller.usesApi()) {
            context.fail(forbidden(caller, ofAgent));
        } else {
            context.next();
        }
    }

    /** What an authenticator fails with unexpectedly is not passed on in words: they may hold the token. */
    private HindsightException known(Throwable cause) {
        if (cause instanceof HindsightException known && known.code() == ErrorCode.UPSTREAM_UNREACHABLE) {
            undecided++;
        }
        return switch (cause) {
            case HindsightException known -> known;
            case TimeoutException late -> {
                undecided++;
                yield new HindsightException(
                        ErrorCode.UPSTREAM_UNREACHABLE,
                        "Who holds the token was not known within limit="
                                + limits.authenticationTimeout().toMillis()
                                + " ms.");
            }
            default ->
                    new HindsightException(
                            ErrorCode.INTERNAL, "An authenticator failed with " + cause.getClass().getName() + ".");
        };
    }

    private Future<Caller> user(RoutingContext context) {
        return byToken(context).map(caller -> caller.orElseThrow(AuthenticationCheck::unauthenticated));
    }

    private Future<Caller> agent(RoutingContext context) {
        Set<String> names = CertificateNames.of(context.request());
        boolean certificateAlone = !names.isEmpty() && headers(context).isEmpty() && !authenticators.isEmpty();
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

    /** The same of a message at the TCP bridge, which shows in a header of its own what a request does in HTTP's. */
    Future<Caller> caller(@Nullable String authorization) {
        if (authenticators.isEmpty()) {
            return Future.succeededFuture(Caller.LOCAL);
        }
        Matcher bearer = BEARER.matcher(authorization == null ? "" : authorization);
        if (!bearer.matches()) {
            return Future.failedFuture(unauthenticated());
        }
        Future<Caller> asked =
                ask(bearer.group(1), 0)
                        .map(caller -> caller.orElseThrow(AuthenticationCheck::unauthenticated))
                        .map(AuthenticationCheck::requireUser);
        return asked.isComplete() ? asked.recover(cause -> Future.failedFuture(known(cause))) : awaited(asked);
    }

    private Future<Caller> awaited(Future<Caller> asked) {
        Promise<Caller> answer = Promise.promise();
        Context home = Vertx.currentContext();
        waiting++;
        asked.timeout(limits.authenticationTimeout().toMillis(), TimeUnit.MILLISECONDS)
                .onComplete(told ->
                        home.runOnContext(back -> {
                            waiting--;
                            if (told.succeeded()) {
                                answer.complete(told.result());
                            } else {
                                answer.fail(known(told.cause()));
                            }
                        }));
        return answer.future();
    }

    private static Caller requireUser(Caller caller) {
        if (!caller.usesApi()) {
            throw forbidden(caller, false);
        }
        return caller;
    }

    /** One after the other, until one knows the token. That one cannot be asked now tells nothing of the others: it counts where none of them knows it. */
    private Future<Optional<Caller>> ask(String token, int index) {
        if (index == authenticators.size()) {
            return Future.succeededFuture(Optional.empty());
        }
        Future<Optional<Caller>> answer = ask(authenticators.get(index), token);
        return answer.transform((caller, failure) ->
                caller != null && caller.isPresent()
                        ? answer
                        : ask(token, index + 1)
                                .compose(other ->
                                        other.isPresent() || failure == null
                                                ? Future.succeededFuture(other)
                                                : Future.failedFuture(failure)));
    }

    private Future<Optional<Caller>> ask(Authenticator authenticator, String token) {
        if (waiting >= limits.maxAuthenticating() && !authenticator.answersAtOnce(token)) {
            overLimit++;
            return Future.failedFuture(
                    new HindsightException(
                            ErrorCode.TOO_MANY_REQUESTS,
                            "limit="
                                    + limits.maxAuthenticating()
                                    + " requests wait to be told who holds their tokens."));
        }
        try {
            return authenticator.authenticate(token);
        } catch (RuntimeException broken) {
            return Future.failedFuture(broken);
        }
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
                        ? "The caller "
                                + caller.name()
                                + " joins as no node: agents show a token named agent or agent@NODE, a client certificate, or in Kubernetes the token of their own pod, of an account in agent-accounts."
                        : "The caller "
                                + caller.name()
                                + " has no permission of the API: tokens of agents join, and do not use it; others take a role, or a verb on snapshots.hindsight.io.");
    }

    /** Empty where there is none, or more than one: whoever is in front might take another one for it than this Hub. */
    private static Optional<String> token(RoutingContext context) {
        List<String> headers = headers(context);
        Matcher bearer = BEARER.matcher(headers.size() == 1 ? headers.getFirst() : "");
        return bearer.matches() ? Optional.of(bearer.group(1)) : Optional.empty();
    }

    private static List<String> headers(RoutingContext context) {
        return context.request().headers().getAll(HttpHeaders.AUTHORIZATION);
    }

    /** {@code local}, the caller's name, or {@code anonymous}. */
    static String caller(RoutingContext context) {
        return who(context).name();
    }

    /** Who passed; {@link Caller#ANONYMOUS} where the request was answered before, or needs nobody's name. */
    static Caller who(RoutingContext context) {
        Caller caller = context.get(CALLER_KEY);
        return caller == null ? Caller.ANONYMOUS : caller;
    }

    /** Requests that wait for an authenticator. */
    int waiting() {
        return waiting;
    }

    /** Requests refused because too many waited. */
    long overLimit() {
        return overLimit;
    }

    /** Requests of which an authenticator could not say whose they are. */
    long undecided() {
        return undecided;
    }
}
