package io.hindsight.hub.http;

import io.hindsight.bus.Addresses;
import io.hindsight.bus.NodeAction;
import io.hindsight.bus.SnapshotAction;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.vertx.core.Future;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The rest of the Hub, as the API sees it: requests on the event bus. Thread-safe. */
final class BusClient {
    /** Header: who asks. */
    static final String REQUESTED_BY = "requested-by";

    /** Header: makes a creation repeatable. */
    static final String IDEMPOTENCY_KEY = "idempotency-key";

    private final EventBus bus;
    private final HttpLimits limits;

    BusClient(EventBus bus, HttpLimits limits) {
        this.bus = bus;
        this.limits = limits;
    }

    Future<JsonObject> nodes(NodeAction action) {
        return send(Addresses.NODES, new JsonObject(), options(action.name(), limits.busTimeout()))
                .map(BusClient::json);
    }

    Future<JsonObject> snapshots(SnapshotAction action, JsonObject body, String caller) {
        return snapshots(action, body, caller, null);
    }

    Future<JsonObject> snapshots(SnapshotAction action, JsonObject body, String caller, @Nullable String key) {
        Duration timeout = action == SnapshotAction.VERIFY ? limits.verifyTimeout() : limits.busTimeout();
        DeliveryOptions options = options(action.name(), timeout).addHeader(REQUESTED_BY, caller);
        if (key != null) {
            options.addHeader(IDEMPOTENCY_KEY, key);
        }
        return send(Addresses.SNAPSHOTS, body, options).map(BusClient::json);
    }

    private static DeliveryOptions options(String action, Duration timeout) {
        return new DeliveryOptions()
                .setLocalOnly(true)
                .setSendTimeout(timeout.toMillis())
                .addHeader(Addresses.ACTION_HEADER, action);
    }

    private Future<@Nullable Object> send(String address, JsonObject body, DeliveryOptions options) {
        return bus.request(address, body, options)
                .<@Nullable Object>map(Message::body)
                .recover(failure -> Future.failedFuture(known(failure)));
    }

    /** Nobody at the Hub's own addresses: it has not started yet, or is stopping. */
    private static Throwable known(Throwable failure) {
        boolean nobody = failure instanceof ReplyException reply && reply.failureType() == ReplyFailure.NO_HANDLERS;
        return nobody
                ? new HindsightException(ErrorCode.NOT_READY, "The Hub is starting or stopping.", failure)
                : failure;
    }

    private static JsonObject json(@Nullable Object body) {
        return body instanceof JsonObject json ? json : new JsonObject();
    }
}
