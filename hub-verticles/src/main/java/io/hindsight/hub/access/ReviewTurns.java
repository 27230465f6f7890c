package io.hindsight.hub.access;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets so many reviews be under way, and the next wait their turn in order: when a Hub restarts, every agent comes at once. Where the API server fails, those that wait fail with it: each of them
 * would wait as long as the one before. Thread-safe.
 */
final class ReviewTurns {
    /** Reviews under way. Each asks at most as many questions at once as there are permissions. */
    static final int MAX_UNDER_WAY = 32;

    /** Reviews that wait: as many as a Hub knows nodes. */
    static final int MAX_WAITING = 1_000;

    // Guarded by this.
    private final Queue<Waiting> waiting = new ArrayDeque<>();
    private int underWay;
    private boolean closed;

    private record Waiting(Supplier<Future<Review>> review, Promise<Review> promise) {}

    /** Fails with TOO_MANY_REQUESTS where too many wait, and with NOT_READY after {@link #close}. */
    Future<Review> take(Supplier<Future<Review>> review) {
        Waiting asked = new Waiting(review, Promise.promise());
        @Nullable HindsightException refusal = null;
        boolean atOnce = false;
        synchronized (this) {
            if (closed) {
                refusal = stopping();
            } else if (underWay < MAX_UNDER_WAY) {
                underWay++;
                atOnce = true;
            } else if (waiting.size() < MAX_WAITING) {
                waiting.add(asked);
            } else {
                refusal = tooMany();
            }
        }
        if (refusal != null) {
            return Future.failedFuture(refusal);
        }
        if (atOnce) {
            start(asked);
        }
        return asked.promise.future();
    }

    private void start(Waiting next) {
        next.review
                .get()
                .onComplete((review, failure) -> {
                    if (failure != null) {
                        failWaiting(failure);
                    }
                    @Nullable Waiting following = following();
                    if (following != null) {
                        start(following);
                    }
                    next.promise.complete(review, failure);
                });
    }

    private synchronized @Nullable Waiting following() {
        Waiting following = waiting.poll();
        if (following == null) {
            underWay--;
        }
        return following;
    }

    private void failWaiting(Throwable failure) {
        List<Waiting> all;
        synchronized (this) {
            all = new ArrayList<>(waiting);
            waiting.clear();
        }
        all.forEach(each -> each.promise.fail(failure));
    }

    void close() {
        synchronized (this) {
            closed = true;
        }
        failWaiting(stopping());
    }

    private static HindsightException tooMany() {
        return new HindsightException(
                ErrorCode.TOO_MANY_REQUESTS,
                "Kubernetes' API server is reviewing too many tokens for the Hub: underWay="
                        + MAX_UNDER_WAY
                        + " waiting="
                        + MAX_WAITING
                        + ". Try again in a moment.");
    }

    private static HindsightException stopping() {
        return new HindsightException(ErrorCode.NOT_READY, "The Hub is stopping.");
    }
}
