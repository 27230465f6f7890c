package io.hindsight.hub.snapshot;

import io.vertx.core.Future;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A step that many ask for: while it runs, all who ask wait for one more that begins behind it, and so sees what they did before. One context. */
final class Coalesced {
    private final Supplier<Future<Void>> step;
    private Future<Void> running = Future.succeededFuture();
    private @Nullable Future<Void> next;

    /** {@code step} never fails. */
    Coalesced(Supplier<Future<Void>> step) {
        this.step = step;
    }

    /** Completes when a run is done that began now or later. */
    Future<Void> run() {
        if (next != null) {
            return next;
        }
        if (running.isComplete()) {
            return begin();
        }
        next = running.transform(done -> begin());
        return next;
    }

    private Future<Void> begin() {
        next = null;
        running = step.get();
        return running;
    }
}
