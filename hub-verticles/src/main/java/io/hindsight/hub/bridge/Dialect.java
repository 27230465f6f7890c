package io.hindsight.hub.bridge;

import io.hindsight.bus.Addresses;
import io.hindsight.bus.BusFailures;
import io.hindsight.error.HindsightException;
import io.vertx.core.MultiMap;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** What Vert.x's two bridges call the same things. */
enum Dialect {
    /** Of Vert.x Web's bridge: WebSocket and SockJS. */
    WEB("rec"),
    /** Of vertx-tcp-eventbus-bridge. */
    TCP("message");

    private final String delivery;

    Dialect(String delivery) {
        this.delivery = delivery;
    }

    /** Something for the program: {@code body} is what JSON can hold. */
    String delivered(String address, MultiMap headers, @Nullable Object body) {
        JsonObject frame = new JsonObject().put("type", delivery).put("address", address).put("body", body);
        if (!headers.isEmpty()) {
            JsonObject texts = new JsonObject();
            headers.forEach(texts::put);
            frame.put("headers", texts);
        }
        return frame.encode();
    }

    /** An event that has been encoded for all readers. */
    String event(String json) {
        return "{\"type\":\"" + delivery + "\",\"address\":\"" + Addresses.EVENTS + "\",\"body\":" + json + "}";
    }

    String pong() {
        return "{\"type\":\"pong\"}";
    }

    /**
     * Something that failed.
     *
     * @param address at which the program waits for the answer, or else the one that it named; null: it is about the connection
     */
    String failed(@Nullable String address, HindsightException why) {
        JsonObject frame = new JsonObject().put("type", "err");
        if (address != null) {
            frame.put("address", address);
        }
        return frame.put("failureCode", why.code().number())
                .put("failureType", "RECIPIENT_FAILURE")
                .put("message", BusFailures.detail(why).encode())
                .encode();
    }
}
