package io.hindsight.hub.access;

import io.hindsight.chunk.NodeId;
import io.hindsight.config.AccessConfig.KubernetesTokens;
import io.hindsight.config.ClusterConfig;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.kubernetes.KubernetesApi;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Tokens of Kubernetes: its API server says whose they are, and RBAC what they may do. A token that does not claim to be made for the Hub's audience is passed over, and leaves the Hub for nobody.
 * Service accounts of agents and recorders join, and have nothing to do with the API, whatever RBAC says; everybody else is a user, with those permissions that RBAC allows on {@code
 * snapshots.hindsight.io}. Answers are remembered by the token's digest ({@link ReviewCache}); whoever shows a token that is being reviewed waits for the same answer. Thread-safe.
 */
public final class TokenReviews implements Authenticator {
    private final Vertx vertx;
    private final String audience;
    private final Set<String> agents;
    private final Set<String> recorders;
    private final ReviewCalls calls;
    private final AgentBinding binding;
    private final ReviewTurns turns = new ReviewTurns();
    private final Map<ReviewOutcome, LongAdder> counts = new ConcurrentHashMap<>();

    // Guarded by this. As many are under way as turns allow.
    private final ReviewCache cache;
    private final Map<String, Future<Review>> underWay = new HashMap<>();

    /** Asks this API server, and closes it. */
    TokenReviews(Vertx vertx, KubernetesApi api, KubernetesTokens tokens) {
        this(vertx, api, tokens, System::nanoTime, InstantSource.system());
    }

    /** With clocks that a test turns: nanoseconds that never go back, and the time of day. */
    TokenReviews(Vertx vertx, KubernetesApi api, KubernetesTokens tokens, LongSupplier nanoTime, InstantSource clock) {
        this.vertx = vertx;
        this.audience = tokens.audience();
        this.agents = Set.copyOf(tokens.agentAccounts());
        this.recorders = Set.copyOf(tokens.recorderAccounts());
        this.calls = new ReviewCalls(api, audience);
        this.binding = new AgentBinding(calls);
        this.cache = new ReviewCache(nanoTime, clock);
    }

    @Override
    public Future<Optional<Caller>> authenticate(String token) {
        return ours(token)
                .map(jwt -> review(token, jwt).map(Review::caller))
                .orElseGet(() -> Future.succeededFuture(Optional.empty()));
    }

    /** While others wait for an API server that is away, those whose tokens it has reviewed pass. */
    @Override
    public boolean answersAtOnce(String token) {
        return ours(token).isEmpty() || isKnown(digest(token));
    }

    private synchronized boolean isKnown(String digest) {
        return cache.get(digest).isPresent();
    }

    private Optional<UnverifiedJwt> ours(String token) {
        return UnverifiedJwt.of(token).filter(jwt -> jwt.isFor(audience));
    }

    private Future<Review> review(String token, UnverifiedJwt jwt) {
        String digest = digest(token);
        Promise<Review> answer = Promise.promise();
        synchronized (this) {
            Optional<Review> known = cache.get(digest);
            if (known.isPresent()) {
                count(ReviewOutcome.CACHED);
                return Future.succeededFuture(known.get());
            }
            Future<Review> same = underWay.putIfAbsent(digest, answer.future());
            if (same != null) {
                count(ReviewOutcome.CACHED);
                return here(same);
            }
        }
        turns.take(() -> Future.succeededFuture(token).compose(calls::user).compose(this::settle))
                .onComplete((review, failure) -> {
                    ended(digest, jwt, review, failure);
                    answer.complete(review, failure);
                });
        return here(answer.future());
    }

    private synchronized void ended(
            String digest, UnverifiedJwt jwt, @Nullable Review review, @Nullable Throwable failure) {
        underWay.remove(digest);
        if (review != null) {
            count(review.outcome());
            cache.put(digest, review, jwt.expiry());
        } else {
            count(isTooMany(failure) ? ReviewOutcome.TOO_MANY : ReviewOutcome.UNREACHABLE);
        }
    }

    private static boolean isTooMany(@Nullable Throwable failure) {
        return failure instanceof HindsightException known && known.code() == ErrorCode.TOO_MANY_REQUESTS;
    }

    /** The same, on the context of whoever asks. */
    private <T> Future<T> here(Future<T> answer) {
        Context mine = vertx.getOrCreateContext();
        Promise<T> promise = Promise.promise();
        answer.onComplete((value, failure) -> mine.runOnContext(back -> promise.complete(value, failure)));
        return promise.future();
    }

    private Future<Review> settle(Optional<ReviewedUser> reviewed) {
        if (reviewed.isEmpty()) {
            return Future.succeededFuture(Review.REFUSED);
        }
        ReviewedUser user = reviewed.get();
        String account = user.serviceAccount().orElse("");
        if (agents.contains(account)) {
            return binding.nodeOf(user, account)
                    .map(node -> node.map(known -> joining(user, known)).orElseGet(() -> Review.withoutNode(user)));
        }
        if (recorders.contains(account)) {
            return Future.succeededFuture(joining(user, new NodeId(ClusterConfig.RECORDER_NODE)));
        }
        return calls.permissions(user).map(permissions -> Review.of(user, permissions));
    }

    private static Review joining(ReviewedUser user, NodeId node) {
        return Review.joining(Caller.ofAgent(user.name(), node));
    }

    private static String digest(String token) {
        try {
            byte[] bytes = token.getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }

    private void count(ReviewOutcome outcome) {
        counts.computeIfAbsent(outcome, first -> new LongAdder()).increment();
    }

    /** How many times a token was answered so, since the start. */
    public long counted(ReviewOutcome outcome) {
        LongAdder count = counts.get(outcome);
        return count == null ? 0 : count.sum();
    }

    @Override
    public void close() {
        turns.close();
        calls.close();
    }
}
