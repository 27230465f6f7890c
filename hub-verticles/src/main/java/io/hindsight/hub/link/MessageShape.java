package io.hindsight.hub.link;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Whether bytes are a message of the bridge's protocol with members of the right types. The bridge takes much on trust: it throws where {@code headers} is no
 * object, and logs an error for each type that it does not know. Pure.
 */
public final class MessageShape {
    private static final Set<String> TYPES = Set.of("ping", "send", "publish", "register", "unregister");

    private MessageShape() {}

    static boolean isMessage(Buffer bytes) {
        return parse(bytes).isPresent();
    }

    /** The message; empty where the bytes are none. */
    public static Optional<JsonObject> parse(Buffer bytes) {
        try {
            return Optional.of(new JsonObject(bytes)).filter(MessageShape::isMessage).map(MessageShape::withoutNulls);
        } catch (DecodeException | ClassCastException notAnObject) {
            return Optional.empty();
        }
    }

    private static boolean isMessage(JsonObject message) {
        if (!(message.getValue("type") instanceof String type) || !TYPES.contains(type)) {
            return false;
        }
        if (type.equals("ping")) {
            return true;
        }
        return message.getValue("address") instanceof String
                && isAbsentOr(String.class, message.getValue("replyAddress"))
                && isAbsentOr(JsonObject.class, message.getValue("body"))
                && areHeaders(message.getValue("headers"));
    }

    private static boolean isAbsentOr(Class<?> type, Object value) {
        return value == null || type.isInstance(value);
    }

    /** A member that is null is one that is absent: who asks for it with a default gets the default. */
    private static JsonObject withoutNulls(JsonObject message) {
        message.getMap().values().removeIf(Objects::isNull);
        return message;
    }

    private static boolean isText(Map.Entry<String, Object> header) {
        return header.getValue() instanceof String;
    }

    private static boolean areHeaders(Object headers) {
        return headers == null
                || (headers instanceof JsonObject object && object.stream().allMatch(MessageShape::isText));
    }
}
