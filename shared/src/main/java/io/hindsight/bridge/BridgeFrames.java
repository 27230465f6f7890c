package io.hindsight.bridge;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The messages of Vert.x's event-bus bridge, one JSON object each (Vert.x Web, {@code EventBusBridgeImpl}):
 *
 * <pre>
 *   out  {"type": "register", "address": A}
 *        {"type": "unregister", "address": A}
 *        {"type": "send", "address": A, "headers": {…}, "body": {…}, "replyAddress": R}    R: at most 36 characters
 *        {"type": "ping"}
 *   in   {"type": "rec", "address": A or R, "headers": {…}, "body": {…}, "replyAddress": …}
 *        {"type": "err", "body": "access_denied"}                                          which message it is about is not said
 *        {"type": "err", "address": R, "failureCode": …, "failureType": …, "message": …}
 *        {"type": "pong"}                                                                   some bridges
 * </pre>
 *
 * A registration and a ping are not answered by the bridge of Vert.x Web.
 */
public final class BridgeFrames {
    private BridgeFrames() {}

    /** Has what is sent to this address come. */
    public static String register(String address) {
        return new JsonObject().put("type", "register").put("address", address).encode();
    }

    /** Nothing more of this address. */
    public static String unregister(String address) {
        return new JsonObject().put("type", "unregister").put("address", address).encode();
    }

    /** A sign of life. */
    public static String ping() {
        return "{\"type\":\"ping\"}";
    }

    /** A message. */
    public static String send(
            String address, Map<String, String> headers, JsonObject body, @Nullable String replyAddress) {
        JsonObject frame = new JsonObject().put("type", "send").put("address", address).put("body", body);
        if (!headers.isEmpty()) {
            JsonObject texts = new JsonObject();
            headers.forEach(texts::put);
            frame.put("headers", texts);
        }
        if (replyAddress != null) {
            frame.put("replyAddress", replyAddress);
        }
        return frame.encode();
    }

    /** Empty for everything that is not one of the messages above. */
    public static Optional<BridgeFrame> parse(String text) {
        try {
            JsonObject json = new JsonObject(text);
            return switch (text(json, "type")) {
                case "rec" -> received(json);
                case "err" -> Optional.of(failed(json));
                case "pong" -> Optional.of(new BridgeFrame.Pong());
                case null, default -> Optional.empty();
            };
        } catch (DecodeException notAnObject) {
            return Optional.empty();
        }
    }

    private static Optional<BridgeFrame> received(JsonObject json) {
        String address = text(json, "address");
        JsonObject body = json.getValue("body") instanceof JsonObject object ? object : null;
        return address == null
                ? Optional.empty()
                : Optional.of(
                        new BridgeFrame.Received(
                                address, text(json, "replyAddress"), headers(json), body, text(json, "body")));
    }

    private static Map<String, String> headers(JsonObject json) {
        Map<String, String> headers = new HashMap<>();
        if (json.getValue("headers") instanceof JsonObject object) {
            for (String name : object.fieldNames()) {
                if (object.getValue(name) instanceof String value) {
                    headers.put(name, value);
                }
            }
        }
        return headers;
    }

    private static BridgeFrame failed(JsonObject json) {
        String message = text(json, "message");
        String words = message == null ? text(json, "body") : message;
        String detail = words == null ? "no reason given" : words;
        int code = json.getValue("failureCode") instanceof Integer number ? number : 0;
        return new BridgeFrame.Failed(text(json, "address"), HubWords.of(detail), code, detail);
    }

    private static @Nullable String text(JsonObject json, String field) {
        return json.getValue(field) instanceof String value ? value : null;
    }
}
