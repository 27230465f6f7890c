package io.hindsight.hub.http;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.access.Authenticator;
import io.hindsight.hub.access.Caller;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** Has to ask elsewhere: says who holds a token when a test lets it, on whichever thread. */
final class LateAuthenticator implements Authenticator {
    private final Map<String, Caller> callers;

    /** Questions that wait for {@link #answer}. */
    final List<Runnable> asked = new CopyOnWriteArrayList<>();

    /** Answers are given at once, but not before the question has returned. */
    volatile boolean prompt;

    volatile boolean unreachable;
    volatile boolean closed;

    LateAuthenticator(Map<String, Caller> callers) {
        this.callers = Map.copyOf(callers);
    }

    @Override
    public Future<Optional<Caller>> authenticate(String token) {
        Promise<Optional<Caller>> promise = Promise.promise();
        Runnable answer = () -> answer(token, promise);
        if (prompt) {
            Thread.ofVirtual().start(answer);
        } else {
            asked.add(answer);
        }
        return promise.future();
    }

    private void answer(String token, Promise<Optional<Caller>> promise) {
        if (unreachable) {
            promise.fail(new HindsightException(ErrorCode.UPSTREAM_UNREACHABLE, "The API server cannot be reached."));
        } else {
            promise.complete(Optional.ofNullable(callers.get(token)));
        }
    }

    /** Answers everything that was asked. */
    void answer() {
        asked.forEach(Runnable::run);
        asked.clear();
    }

    @Override
    public void close() {
        closed = true;
    }
}
