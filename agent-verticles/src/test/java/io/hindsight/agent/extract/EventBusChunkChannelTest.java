package io.hindsight.agent.extract;

import io.hindsight.bus.ChunkCodec;
import io.hindsight.bus.StreamEnd;
import io.hindsight.chunk.Chunk;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.Message;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;

class EventBusChunkChannelTest extends ChunkChannelContract {
    private final Vertx vertx = Vertx.vertx();
    private final List<byte[]> chunks = new CopyOnWriteArrayList<>();
    private final List<StreamEnd> ends = new CopyOnWriteArrayList<>();

    EventBusChunkChannelTest() {
        vertx.eventBus().registerCodec(new ChunkCodec());
        vertx.eventBus().localConsumer("somebody", this::receive);
    }

    private void receive(Message<Object> message) {
        if (message.body() instanceof Chunk chunk) {
            chunks.add(bytes(chunk));
            chunk.release();
        } else {
            ends.add(JsonMapping.fromJson((JsonObject) message.body(), StreamEnd.class));
        }
    }

    @AfterEach
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
    }

    @Override
    protected ChunkChannel connected() {
        return new EventBusChunkChannel(vertx.eventBus(), "somebody");
    }

    @Override
    protected ChunkChannel broken() {
        return new EventBusChunkChannel(vertx.eventBus(), "nobody");
    }

    @Override
    protected List<byte[]> receivedChunks() {
        return chunks;
    }

    @Override
    protected List<StreamEnd> receivedEnds() {
        return ends;
    }
}
