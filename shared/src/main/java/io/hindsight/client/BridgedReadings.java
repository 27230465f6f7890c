package io.hindsight.client;

import io.hindsight.bridge.BridgeClient;
import io.hindsight.bridge.BridgeFrame;
import io.hindsight.bus.ReadCarrier;
import io.hindsight.bus.ReadEnd;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.json.JsonMapping;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.Message;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Readings that come over a bridge: by the address that each has chosen, its {@code readId}, empty until it is known. One context. */
final class BridgedReadings {
    /** At once: a Hub takes few registrations of one connection. */
    static final int MAX_READINGS = 14;

    private static final String ADDRESS = "address";
    private static final String READ_ID = "readId";

    private final EventBus bus;
    private final Map<String, String> readings = new HashMap<>();

    BridgedReadings(EventBus bus) {
        this.bus = bus;
    }

    /** The request as it goes to the Hub, which is asked to send to its address by then. */
    JsonObject open(JsonObject request, BridgeClient link) {
        String address = String.valueOf(request.getValue(ADDRESS));
        if (readings.size() >= MAX_READINGS) {
            throw new HindsightException(
                    ErrorCode.TOO_MANY_REQUESTS,
                    "limit="
                            + MAX_READINGS
                            + " readings are under way over this bridge: close one, or connect another bridge.");
        }
        readings.put(address, "");
        link.register(address);
        return request.copy().put("carrier", ReadCarrier.BUFFERS.name());
    }

    /** Learns the name of a reading from the answer to its opening. */
    void answered(@Nullable JsonObject request, JsonObject answer) {
        if (request != null
                && request.getValue(ADDRESS) instanceof String address
                && answer.getValue(READ_ID) instanceof String id) {
            readings.replace(address, id);
        }
    }

    /** Where the request was to open one, there is none. */
    void notOpened(Message<JsonObject> request, Supplier<BridgeClient> link) {
        JsonObject body = request.body();
        if (body != null && body.getValue(ADDRESS) instanceof String address && readings.remove(address) != null) {
            link.get().unregister(address);
        }
    }

    void close(JsonObject request, BridgeClient link) {
        Object id = request.getValue(READ_ID);
        readings.entrySet()
                .removeIf(reading -> {
                    boolean closed = reading.getValue().equals(id);
                    if (closed) {
                        link.unregister(reading.getKey());
                    }
                    return closed;
                });
    }

    /** Hands on what came for a reading; whether that was its last message. */
    boolean received(BridgeFrame.Received message) {
        if (!readings.containsKey(message.address())) {
            return false;
        }
        if (message.text() == null) {
            readings.remove(message.address());
            bus.send(message.address(), Objects.requireNonNullElseGet(message.body(), JsonObject::new), here());
            return true;
        }
        try {
            DeliveryOptions options = here();
            message.headers().forEach(options::addHeader);
            bus.send(message.address(), Buffer.buffer(bytes(message.text())), options);
            return false;
        } catch (IllegalArgumentException notBase64) {
            end(
                    message.address(),
                    new HindsightException(
                            ErrorCode.INTEGRITY_VIOLATED,
                            "What came of a chunk is no base64: " + notBase64.getMessage()));
            return true;
        }
    }

    /** Vert.x writes the alphabet of URLs, unless it was told otherwise. */
    private static byte[] bytes(String base64) {
        boolean plain = base64.indexOf('+') >= 0 || base64.indexOf('/') >= 0;
        return (plain ? Base64.getDecoder() : Base64.getUrlDecoder()).decode(base64);
    }

    /** Whether a reading failed: its registration was refused. */
    boolean failed(BridgeFrame.Failed failure) {
        if (failure.address() == null || !readings.containsKey(failure.address())) {
            return false;
        }
        ErrorCode code = ErrorCode.ofNumber(failure.code()).orElse(ErrorCode.INTERNAL);
        end(failure.address(), new HindsightException(code, failure.words()));
        return true;
    }

    void failAll(HindsightException why) {
        List<String> all = new ArrayList<>(readings.keySet());
        all.forEach(address -> end(address, why));
    }

    private void end(String address, HindsightException why) {
        String id = readings.remove(address);
        ReadEnd end = new ReadEnd(id == null ? "" : id, 0, 0, why.getMessage(), why.code().name());
        bus.send(address, JsonMapping.toJson(end), here());
    }

    private static DeliveryOptions here() {
        return new DeliveryOptions().setLocalOnly(true);
    }
}
