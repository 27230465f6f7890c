package io.hindsight.agent.link;

import io.vertx.core.json.JsonObject;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What comes from the Hub over the link. */
sealed interface BridgeFrame {
    /**
     * A message: an order to the agent, or the answer to one of its own.
     *
     * @param replyAddress where an answer goes; null where none is wanted
     * @param headers those that are texts
     * @param body null where there is none, or where it is no object
     */
    record Received(
            String address, @Nullable String replyAddress, Map<String, String> headers, @Nullable JsonObject body)
            implements BridgeFrame {
        public Received {
            headers = Map.copyOf(headers);
        }
    }

    /**
     * The Hub did not do what was asked.
     *
     * @param address of the answer that will not come; null where the bridge does not say what it is about
     * @param words the Hub's, harmless and short
     */
    record Failed(@Nullable String address, String words) implements BridgeFrame {}

    /** A sign of life. */
    record Pong() implements BridgeFrame {}
}
