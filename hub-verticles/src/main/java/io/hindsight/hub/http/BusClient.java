package io.hindsight.hub.http;

import io.hindsight.bus.Addresses;
import io.hindsight.bus.CaptureAction;
import io.hindsight.bus.CustodyCall;
import io.hindsight.bus.ListeningAt;
import io.hindsight.bus.NodeAction;
import io.hindsight.bus.ReadAction;
import io.hindsight.bus.SnapshotAction;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.access.RequestHeaders;
import io.hindsight.hub.capture.CaptureService;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Future;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The rest of the Hub, as the API sees it: requests on the event bus. Thread-safe. */
final class BusClient {
    /** Header: who asks. */
    static final String REQUESTED_BY = RequestHeaders.REQUESTED_BY;

    /** Header: from which address. */
    static final String REQUESTED_FROM = RequestHeaders.REQUESTED_FROM;

    /** Header: makes a creation repeatable. */
    static final String IDEMPOTENCY_KEY = RequestHeaders.IDEMPOTENCY_KEY;

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

    /** Questions that leave no trace. */
    Future<JsonObject> snapshots(SnapshotAction action, JsonObject body, String caller) {
        DeliveryOptions options = options(action.name(), limits.busTimeout()).addHeader(REQUESTED_BY, caller);
        return send(Addresses.SNAPSHOTS, body, options).map(BusClient::json);
    }

    /** On behalf of whoever sent the request; {@code key} makes a creation repeatable. */
    Future<JsonObject> snapshots(RoutingContext context, SnapshotAction action, JsonObject body, @Nullable String key) {
        Duration timeout = action == SnapshotAction.VERIFY ? limits.verifyTimeout() : limits.busTimeout();
        DeliveryOptions options = onBehalf(context, options(action.name(), timeout));
        if (key != null) {
            options.addHeader(IDEMPOTENCY_KEY, key);
        }
        return send(Addresses.SNAPSHOTS, body, options).map(BusClient::json);
    }

    /** How the readings of chunks stand. */
    Future<JsonObject> reads() {
        return send(Addresses.READS, new JsonObject(), options(ReadAction.STATUS.name(), limits.busTimeout()))
                .map(BusClient::json);
    }

    /** What the nodes record. */
    Future<JsonObject> capture() {
        return send(Addresses.CAPTURE, new JsonObject(), options(CaptureAction.GET.name(), limits.busTimeout()))
                .map(BusClient::json);
    }

    /** Changes that, on behalf of whoever sent the request; {@code ifMatch} as in the header of that name. */
    Future<JsonObject> setCapture(RoutingContext context, JsonObject policy, @Nullable String ifMatch) {
        DeliveryOptions options = onBehalf(context, options(CaptureAction.SET.name(), limits.busTimeout()));
        if (ifMatch != null) {
            options.addHeader(CaptureService.IF_MATCH, ifMatch);
        }
        return send(Addresses.CAPTURE, policy, options).map(BusClient::json);
    }

    /** Tells where this side listens. */
    void listening(ListeningAt at) {
        bus.send(
                Addresses.CAPTURE,
                JsonMapping.toJson(at),
                options(CaptureAction.LISTENING.name(), limits.busTimeout()));
    }

    private static DeliveryOptions onBehalf(RoutingContext context, DeliveryOptions options) {
        options.addHeader(REQUESTED_BY, AuthenticationCheck.caller(context));
        String from = address(context);
        return from == null ? options : options.addHeader(REQUESTED_FROM, from);
    }

    /** Where a request came from. */
    static @Nullable String address(RoutingContext context) {
        SocketAddress remote = context.request().remoteAddress();
        return remote == null ? null : remote.hostAddress();
    }

    /** About the custody log. */
    Future<JsonObject> custody(CustodyCall call, JsonObject body) {
        return send(Addresses.CUSTODY, body, options(call.name(), limits.busTimeout())).map(BusClient::json);
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
