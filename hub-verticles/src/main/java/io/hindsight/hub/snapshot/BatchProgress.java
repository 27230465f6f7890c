package io.hindsight.hub.snapshot;

import io.hindsight.api.Batch;
import io.hindsight.bus.Addresses;
import io.hindsight.json.JsonMapping;
import io.vertx.core.json.JsonObject;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Publishes how far a batch is, twice a second while that changes, and how it ended. The service's context only. */
final class BatchProgress {
    private static final long INTERVAL_MS = 500;

    private final HubResources hub;
    private final Supplier<Batch> view;
    private final long timer;
    private @Nullable Batch last;

    BatchProgress(HubResources hub, Supplier<Batch> view) {
        this.hub = hub;
        this.view = view;
        this.timer = hub.vertx().setPeriodic(0, INTERVAL_MS, tick -> publish());
    }

    void end() {
        hub.vertx().cancelTimer(timer);
        publish();
    }

    private void publish() {
        Batch now = view.get();
        if (!now.equals(last)) {
            last = now;
            JsonObject event = new JsonObject().put("type", "batch").put("batch", JsonMapping.toJson(now));
            hub.vertx().eventBus().publish(Addresses.EVENTS, event);
        }
    }
}
