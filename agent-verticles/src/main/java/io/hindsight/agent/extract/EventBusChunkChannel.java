package io.hindsight.agent.extract;

import io.hindsight.bus.ChunkCodec;
import io.hindsight.bus.StreamEnd;
import io.hindsight.chunk.Chunk;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Future;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.MessageProducer;
import io.vertx.core.json.JsonObject;
import java.util.function.Consumer;

/** The way within one JVM: chunks pass by reference, and the Hub writes straight from the mapped ring. */
public final class EventBusChunkChannel implements ChunkChannel {
    private final MessageProducer<Chunk> chunks;
    private final MessageProducer<JsonObject> ends;

    /** To this address; {@link ChunkCodec} is registered. */
    public EventBusChunkChannel(EventBus eventBus, String address) {
        this.chunks = eventBus.sender(address, new DeliveryOptions().setCodecName(ChunkCodec.NAME).setLocalOnly(true));
        this.ends = eventBus.sender(address, new DeliveryOptions().setLocalOnly(true));
    }

    @Override
    public Future<Void> send(Chunk chunk) {
        return chunks.write(chunk).onFailure(nobodyTookIt -> chunk.release());
    }

    @Override
    public Future<Void> end(StreamEnd end) {
        return ends.write(JsonMapping.toJson(end));
    }

    /** There is nothing between the two that could break. */
    @Override
    public void onBreak(Consumer<Throwable> broken) {}

    @Override
    public void close() {
        chunks.close();
        ends.close();
    }
}
