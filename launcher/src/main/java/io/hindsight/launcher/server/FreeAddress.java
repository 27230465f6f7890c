package io.hindsight.launcher.server;

import io.hindsight.bus.Addresses;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.json.JsonObject;
import java.time.Duration;

/** Asks a cluster whether somebody answers at an address already: two at one address would take turns with what is sent there. */
final class FreeAddress {
    private static final Duration TAKEN_WITHIN = Duration.ofSeconds(2);

    private FreeAddress() {}

    /** Fails with NODE_CONFLICT and these words where somebody answers. */
    static Future<Void> require(Vertx vertx, String address, Enum<?> action, String taken) {
        DeliveryOptions options =
                new DeliveryOptions()
                        .setSendTimeout(TAKEN_WITHIN.toMillis())
                        .addHeader(Addresses.ACTION_HEADER, action.name());
        return vertx.eventBus()
                .<JsonObject>request(address, new JsonObject(), options)
                .transform(answer ->
                        answer.succeeded() || isRefusal(answer.cause())
                                ? Future.failedFuture(new HindsightException(ErrorCode.NODE_CONFLICT, taken))
                                : Future.succeededFuture());
    }

    private static boolean isRefusal(Throwable failure) {
        return failure instanceof ReplyException reply && reply.failureType() == ReplyFailure.RECIPIENT_FAILURE;
    }
}
