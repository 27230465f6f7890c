package io.hindsight.agent.link;

import io.vertx.core.Future;
import java.util.concurrent.TimeUnit;

/** Waits for a Vert.x future on the test's thread. */
final class Futures {
    private static final long PATIENCE_S = 20;

    private Futures() {}

    static <T> T result(Future<T> future) {
        return future.toCompletionStage().toCompletableFuture().orTimeout(PATIENCE_S, TimeUnit.SECONDS).join();
    }
}
