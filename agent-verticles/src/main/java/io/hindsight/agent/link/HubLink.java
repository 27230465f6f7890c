package io.hindsight.agent.link;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;

/** Sends messages to the Hub's event bus. Thread-safe. */
@FunctionalInterface
public interface HubLink {
    /**
     * Sends a message that is not answered. Order is kept.
     *
     * @return succeeds once it is handed to the link's socket, or waits for it; fails with AGENT_UNREACHABLE where there is no link
     */
    Future<Void> send(String address, JsonObject body);
}
