package io.hindsight.agent.link;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;

/** Takes the ends of streams to the Hub: a lane carries chunks and nothing else. Used on the agent verticle's context. */
@FunctionalInterface
public interface StreamEnds {
    /**
     * Sends a stream's end.
     *
     * @param address of the stream
     * @param end an {@link io.hindsight.bus.StreamEnd}
     * @return succeeded when it is on its way
     */
    Future<Void> send(String address, JsonObject end);
}
