package io.hindsight.hub.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.bus.ChunkCodec;
import io.hindsight.chunk.Chunk;
import io.hindsight.hub.testing.TestChunks;
import io.hindsight.testing.ChunkFixtures;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StreamConsumerTest {
    private static final int CHUNKS = 50;

    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void close() {
        vertx.close().await();
    }

    @Test
    void shouldGiveBackWhatIsUnderWayWhenItUnregisters() {
        vertx.eventBus().registerCodec(new ChunkCodec());
        Chunk fixture = ChunkFixtures.asChunk(TestChunks.packets("node-a", 1, 1).getFirst());
        AtomicInteger handled = new AtomicInteger();
        AtomicInteger released = new AtomicInteger();
        Context session = vertx.getOrCreateContext();
        CompletableFuture<MessageConsumer<Object>> registered = new CompletableFuture<>();
        session.runOnContext(now ->
                registered.complete(
                        StreamConsumer.register(
                                vertx,
                                "stream",
                                message -> {
                                    handled.incrementAndGet();
                                    ((Chunk) message.body()).release();
                                })));
        MessageConsumer<Object> consumer = registered.join();
        session.runOnContext(now -> {
            // Everything is under way before the session's loop gets to any of it.
            for (int sent = 0; sent < CHUNKS; sent++) {
                Chunk chunk = new Chunk(fixture.header(), List.of(fixture.parts()), released::incrementAndGet);
                vertx.eventBus().send("stream", chunk, new DeliveryOptions().setCodecName(ChunkCodec.NAME));
            }
            consumer.unregister().onFailure(failure -> released.set(-1));
        });
        await().until(() -> released.get() == CHUNKS);
        assertThat(handled.get()).as("the consumer had gone").isLessThan(CHUNKS);
    }
}
