package io.hindsight.hub.custody;

import io.hindsight.api.CustodyEvent;
import io.hindsight.api.CustodyQuery;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.BusFailures;
import io.hindsight.bus.CustodyCall;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.Message;
import io.vertx.core.json.JsonObject;
import java.util.Objects;

/** Answers {@link Addresses#CUSTODY}, to this process alone: nobody else writes to the log. One context. */
public final class CustodyService {
    /** Pages of the log that are read at once; each reads up to 128 MiB. */
    private static final int MAX_LISTINGS = 2;

    private final Vertx vertx;
    private final CustodyLog log;
    private int listings;

    /** Nothing happens before {@link #start()}. */
    public CustodyService(Vertx vertx, CustodyLog log) {
        this.vertx = vertx;
        this.log = log;
    }

    /** Listens. */
    public void start() {
        vertx.eventBus().<JsonObject>localConsumer(Addresses.CUSTODY, this::answer);
    }

    private void answer(Message<JsonObject> message) {
        Future<JsonObject> answer;
        try {
            answer = perform(message);
        } catch (RuntimeException e) {
            answer = Future.failedFuture(e);
        }
        answer.onSuccess(message::reply).onFailure(failure -> BusFailures.fail(message, failure));
    }

    private Future<JsonObject> perform(Message<JsonObject> message) {
        JsonObject body = Objects.requireNonNullElseGet(message.body(), JsonObject::new);
        return switch (CustodyCall.valueOf(message.headers().get(Addresses.ACTION_HEADER))) {
            case RECORD -> log.append(JsonMapping.fromJson(body, CustodyEvent.class)).map(JsonMapping::toJson);
            case LIST -> list(JsonMapping.fromJson(body, CustodyQuery.class));
            case STATUS -> Future.succeededFuture(JsonMapping.toJson(log.status()));
        };
    }

    private Future<JsonObject> list(CustodyQuery query) {
        if (listings >= MAX_LISTINGS) {
            throw new HindsightException(
                    ErrorCode.TOO_MANY_REQUESTS,
                    "So many pages of the custody log are being read already: limit=" + MAX_LISTINGS + ".");
        }
        CustodyReader reader = new CustodyReader(log.folder(), query);
        listings++;
        return vertx.executeBlocking(() -> JsonMapping.toJson(reader.page(log.last())), false)
                .onComplete(done -> listings--);
    }
}
