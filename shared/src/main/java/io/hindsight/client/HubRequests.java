package io.hindsight.client;

import io.hindsight.bus.Addresses;
import io.hindsight.bus.BusFailures;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.vertx.core.Future;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.json.JsonObject;
import java.time.Duration;

/** Requests to a Hub; every failure is a {@link HindsightException}. Thread-safe. */
final class HubRequests {
    private static final String REQUESTED_BY = "requested-by";

    private final EventBus bus;
    private final ClientOptions options;

    HubRequests(EventBus bus, ClientOptions options) {
        this.bus = bus;
        this.options = options;
    }

    ClientOptions options() {
        return options;
    }

    /** What a request is sent with. */
    DeliveryOptions delivery(String action, Duration timeout) {
        DeliveryOptions delivery =
                new DeliveryOptions().setSendTimeout(timeout.toMillis()).addHeader(Addresses.ACTION_HEADER, action);
        return options.name() == null ? delivery : delivery.addHeader(REQUESTED_BY, options.name());
    }

    Future<JsonObject> ask(String address, String action, JsonObject body) {
        return ask(address, body, delivery(action, options.timeout()));
    }

    Future<JsonObject> ask(String address, JsonObject body, DeliveryOptions delivery) {
        return bus.<JsonObject>request(address, body, delivery)
                .map(BusFailures::body)
                .recover(failure -> Future.failedFuture(known(address, failure)));
    }

    /** Whether a request failed because nobody listens at its address. */
    static boolean isNobodyThere(Throwable failure) {
        Throwable cause =
                failure instanceof HindsightException known && known.getCause() != null ? known.getCause() : failure;
        return cause instanceof ReplyException reply && reply.failureType() == ReplyFailure.NO_HANDLERS;
    }

    private static HindsightException known(String address, Throwable failure) {
        return isNobodyThere(failure)
                ? new HindsightException(
                        ErrorCode.NOT_READY,
                        "No Hub answers at "
                                + address
                                + ": it has not started, or this program's bus is neither in its cluster nor bridged to it.",
                        failure)
                : BusFailures.asHindsight(failure);
    }
}
