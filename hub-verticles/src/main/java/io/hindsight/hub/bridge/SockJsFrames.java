package io.hindsight.hub.bridge;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * SockJS on a WebSocket (protocol 0.3.3), which wraps each message once more:
 *
 * <pre>
 *   out  o                      it is open
 *        a["…"]                 an array of messages, each a JSON string
 *        h                      a sign of life
 *        c[1008,"flood"]        it ends, and why
 *   in   ["…", …]  or  "…"      messages; an empty frame and [] are passed over
 * </pre>
 *
 * Pure.
 */
final class SockJsFrames {
    static final String OPEN = "o";
    static final String HEARTBEAT = "h";

    private SockJsFrames() {}

    static String message(String message) {
        return "a[" + Json.encode(message) + "]";
    }

    static String close(int code, String reason) {
        return "c" + new JsonArray().add(code).add(reason).encode();
    }

    /** The messages; empty where it is no frame of SockJS. */
    static Optional<List<Buffer>> parse(Buffer frame) {
        if (frame.length() == 0) {
            return Optional.of(List.of());
        }
        try {
            return texts(Json.decodeValue(frame));
        } catch (DecodeException notJson) {
            return Optional.empty();
        }
    }

    private static Optional<List<Buffer>> texts(Object value) {
        List<Buffer> texts = new ArrayList<>();
        for (Object each : value instanceof JsonArray array ? array : new JsonArray().add(value)) {
            if (!(each instanceof String text)) {
                return Optional.empty();
            }
            texts.add(Buffer.buffer(text));
        }
        return Optional.of(texts);
    }
}
