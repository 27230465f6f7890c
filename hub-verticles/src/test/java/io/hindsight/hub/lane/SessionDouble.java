package io.hindsight.hub.lane;

import io.hindsight.bus.Addresses;
import io.hindsight.chunk.Chunk;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/** Takes what lanes hand on: keeps copies of the bytes, and gives the chunks back at once or when told. */
final class SessionDouble {
    final List<byte[]> chunks = new CopyOnWriteArrayList<>();

    /** Codes and words of broken lanes. */
    final List<String> broken = new CopyOnWriteArrayList<>();

    /** Chunks that were not given back yet. */
    final Queue<Chunk> held = new ConcurrentLinkedQueue<>();

    volatile boolean holding;
    private final MessageConsumer<Object> consumer;

    SessionDouble(Vertx vertx, String address) {
        consumer = vertx.eventBus().localConsumer(address, this::received);
    }

    private void received(Message<Object> message) {
        if (message.body() instanceof Chunk chunk) {
            chunks.add(bytes(chunk));
            held.add(chunk);
            if (!holding) {
                releaseAll();
            }
        } else {
            JsonObject body = (JsonObject) message.body();
            broken.add(message.headers().get(Addresses.LANE_BROKEN_HEADER) + " " + body.getString("message"));
        }
    }

    /** Gives back the oldest. */
    void releaseOne() {
        held.remove().release();
    }

    void releaseAll() {
        for (Chunk chunk = held.poll(); chunk != null; chunk = held.poll()) {
            chunk.release();
        }
    }

    void stop() {
        consumer.unregister().await();
    }

    private static byte[] bytes(Chunk chunk) {
        ByteBuffer all = ByteBuffer.allocate((int) chunk.lengthBytes());
        for (ByteBuffer part : chunk.parts()) {
            all.put(part);
        }
        return all.array();
    }
}
