package io.hindsight.agent;

import io.vertx.core.json.JsonObject;

/** Brings the agent's status to its Hub, once a second. Used on the agent verticle's context. */
@FunctionalInterface
public interface StatusSender {
    /** Sends a {@link io.hindsight.api.NodeStatus}; one that cannot be sent is told of by the sender. */
    void send(JsonObject status);
}
