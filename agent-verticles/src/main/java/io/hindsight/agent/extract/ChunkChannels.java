package io.hindsight.agent.extract;

import io.hindsight.bus.StreamRequest;
import io.vertx.core.Future;

/** Opens the channel for a stream: which carrier it is depends on where the Hub runs. Used on the agent verticle's context. */
@FunctionalInterface
public interface ChunkChannels {
    /** A channel to the address of this request. Fails where the Hub cannot be reached or refuses. */
    Future<ChunkChannel> open(StreamRequest request);
}
