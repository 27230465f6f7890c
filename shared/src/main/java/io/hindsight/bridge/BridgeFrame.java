package io.hindsight.bridge;

import io.vertx.core.json.JsonObject;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What comes from the Hub over the bridge. */
public sealed interface BridgeFrame {
    /**
     * A message that the Hub hands on, or the answer to one of this side.
     *
     * @param replyAddress where an answer goes; null where none is wanted
     * @param headers those that are texts
     * @param body null where there is none, or where it is no object
     * @param text the body where it is a text, as base64 of bytes is; null where it is none
     */
    record Received(
            String address,
            @Nullable String replyAddress,
            Map<String, String> headers,
            @Nullable JsonObject body,
            @Nullable String text)
            implements BridgeFrame {
        public Received {
            headers = Map.copyOf(headers);
        }

        /** One whose body is no text. */
        public Received(
                String address, @Nullable String replyAddress, Map<String, String> headers, @Nullable JsonObject body) {
            this(address, replyAddress, headers, body, null);
        }
    }

    /**
     * The Hub did not do what was asked.
     *
     * @param address of the answer that will not come; null where the bridge does not say what it is about
     * @param words the Hub's, harmless and short
     * @param code number of the failure; 0 where there is none
     * @param detail the Hub's words as they came
     */
    record Failed(@Nullable String address, String words, int code, String detail) implements BridgeFrame {
        /** Words alone. */
        public Failed(@Nullable String address, String words) {
            this(address, words, 0, words);
        }
    }

    /** A sign of life. */
    record Pong() implements BridgeFrame {}
}
