package io.hindsight.hub.read;

import static org.awaitility.Awaitility.await;

import io.hindsight.bus.Addresses;
import io.hindsight.bus.BusFailures;
import io.hindsight.bus.ReadAction;
import io.hindsight.bus.ReadCarrier;
import io.hindsight.bus.ReadCredit;
import io.hindsight.bus.ReadOpened;
import io.hindsight.bus.ReadRequest;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** Speaks the protocol of readings as it is written, and keeps what comes. */
final class RawReader {
    private final Vertx vertx;
    final String address = Addresses.client(UUID.randomUUID().toString());
    final List<Message<Object>> messages = new CopyOnWriteArrayList<>();
    final MessageConsumer<Object> consumer;

    RawReader(Vertx vertx) {
        this.vertx = vertx;
        this.consumer = vertx.eventBus().localConsumer(address, messages::add);
    }

    ReadOpened open(String id, ReadCarrier carrier, long creditBytes) {
        ReadRequest request = new ReadRequest(id, null, null, address, creditBytes, carrier);
        return JsonMapping.fromJson(ask(ReadAction.OPEN, JsonMapping.toJson(request)), ReadOpened.class);
    }

    void credit(ReadOpened reading, long bytes) {
        ask(ReadAction.CREDIT, JsonMapping.toJson(new ReadCredit(reading.readId(), bytes)));
    }

    JsonObject ask(ReadAction action, JsonObject body) {
        DeliveryOptions options = new DeliveryOptions().addHeader(Addresses.ACTION_HEADER, action.name());
        Future<Message<JsonObject>> answer = vertx.eventBus().request(Addresses.READS, body, options);
        try {
            return answer.await(20, TimeUnit.SECONDS).body();
        } catch (java.util.concurrent.TimeoutException e) {
            throw new AssertionError(e);
        } catch (RuntimeException e) {
            throw BusFailures.asHindsight(e);
        }
    }

    /** The last message. */
    JsonObject awaitEnd() {
        await().atMost(20, TimeUnit.SECONDS)
                .until(() -> !messages.isEmpty() && messages.getLast().body() instanceof JsonObject);
        return (JsonObject) messages.getLast().body();
    }
}
