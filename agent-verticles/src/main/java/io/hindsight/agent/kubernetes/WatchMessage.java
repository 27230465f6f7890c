package io.hindsight.agent.kubernetes;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/**
 * A message of a watch.
 *
 * @param type {@code ADDED}, {@code MODIFIED}, {@code DELETED}, {@code BOOKMARK} or {@code ERROR}
 * @param object the object; of a bookmark nothing but its version; of an error the status, with {@code code}, {@code reason} and {@code message}
 */
record WatchMessage(String type, KubernetesObject object) {
    static WatchMessage read(byte[] json, ResourceKind kind, ObjectReader reader) throws IOException {
        String type = "";
        KubernetesObject object = null;
        try (JsonParser parser = ObjectReader.parser(json)) {
            parser.nextToken();
            ObjectReader.require(parser, JsonToken.START_OBJECT);
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                parser.nextToken();
                if ("type".equals(name)) {
                    type = parser.getValueAsString("");
                } else if ("object".equals(name)) {
                    object = reader.read(kind, parser);
                } else {
                    parser.skipChildren();
                }
            }
            if (object == null) {
                throw new JsonParseException(parser, "A message of type " + type + " without an object");
            }
        }
        return new WatchMessage(type, object);
    }

    /** Of an error: the status' code; 0 where it has none. */
    int code() {
        return object.json().get("code") instanceof Number code ? code.intValue() : 0;
    }

    /** Of an error: what it says. */
    String text() {
        return KubernetesObject.text(object.json(), "message");
    }
}
