package io.hindsight.simulation;

import io.hindsight.agent.extract.ChunkChannel;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.ChunkCodec;
import io.hindsight.bus.StreamEnd;
import io.hindsight.chunk.Chunk;
import io.hindsight.chunk.ChunkHeader;
import io.hindsight.chunk.ChunkHeaderCodec;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.lane.LaneMemory;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.json.JsonObject;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A lane as TCP carries it: bytes come in order, late, and the connection may break anywhere. The bytes leave the ring some time after the channel has taken the chunk, as a
 * kernel takes them; at the Hub each chunk gets room in the {@link LaneMemory} before it is handed on.
 */
final class SimulatedLane implements ChunkChannel {
    private final Scheduler scheduler;
    private final Network network;
    private final SimulatedProcess agent;
    private final SimulatedHub hub;
    private final String node;
    private final String address;
    private final int number;

    // At the agent.
    private @Nullable Consumer<Throwable> onBreak;
    private @Nullable Throwable failure;
    private boolean closed;
    private boolean ended;

    // At the Hub.
    private final Deque<byte[]> waiting = new ArrayDeque<>();
    private LaneMemory.@Nullable Room room;
    private boolean gone;

    SimulatedLane(
            Scheduler scheduler,
            Network network,
            SimulatedProcess agent,
            SimulatedHub hub,
            String node,
            String address,
            int number) {
        this.scheduler = scheduler;
        this.network = network;
        this.agent = agent;
        this.hub = hub;
        this.node = node;
        this.address = address;
        this.number = number;
    }

    @Override
    public Future<Void> send(Chunk chunk) {
        if (failure != null || closed) {
            chunk.release();
            return Future.failedFuture(failure == null ? broken("it is closed") : failure);
        }
        Promise<Void> taken = Promise.promise();
        scheduler.after(network.delay(), () -> agent.run(() -> write(chunk, taken)));
        return taken.future();
    }

    private void write(Chunk chunk, Promise<Void> taken) {
        if (failure != null || closed) {
            chunk.release();
            taken.fail(failure == null ? broken("it is closed") : failure);
            return;
        }
        byte[] bytes = new byte[Math.toIntExact(chunk.lengthBytes())];
        ByteBuffer into = ByteBuffer.wrap(bytes);
        for (ByteBuffer part : chunk.parts()) {
            into.put(part);
        }
        chunk.release();
        for (int copies = network.doubles() ? 2 : 1; copies > 0; copies--) {
            network.stream(node, "lane " + number, () -> hub.process().run(() -> arrived(bytes)));
        }
        taken.complete();
    }

    @Override
    public Future<Void> end(StreamEnd end) {
        if (failure != null) {
            return Future.failedFuture(failure);
        }
        ended = true;
        JsonObject told = JsonMapping.toJson(end);
        network.message(
                node,
                "up",
                () ->
                        hub.process()
                                .run(() ->
                                        hub.process()
                                                .vertx()
                                                .eventBus()
                                                .send(address, told.copy(), new DeliveryOptions().setLocalOnly(true))));
        return Future.succeededFuture();
    }

    @Override
    public void onBreak(Consumer<Throwable> broken) {
        if (failure != null) {
            broken.accept(failure);
        } else {
            onBreak = broken;
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            onBreak = null;
            if (!ended) {
                network.stream(node, "lane " + number, () -> hub.process().run(this::brokenAtHub));
            }
        }
    }

    /** The connection breaks; each end notices after a while. */
    void breakOff() {
        scheduler.after(network.delay(), () -> agent.run(() -> brokenAtAgent(broken("the connection was closed"))));
        scheduler.after(network.delay(), () -> hub.process().run(this::brokenAtHub));
    }

    private void brokenAtAgent(Throwable cause) {
        if (failure != null) {
            return;
        }
        failure = cause;
        Consumer<Throwable> tell = onBreak;
        onBreak = null;
        if (tell != null && !closed) {
            tell.accept(cause);
        }
    }

    private void brokenAtHub() {
        if (gone) {
            return;
        }
        leave();
        hub.process()
                .vertx()
                .eventBus()
                .send(
                        address,
                        new JsonObject().put("message", "The agent's lane closed."),
                        new DeliveryOptions()
                                .setLocalOnly(true)
                                .addHeader(Addresses.LANE_BROKEN_HEADER, ErrorCode.AGENT_UNREACHABLE.name()));
    }

    private void leave() {
        gone = true;
        waiting.clear();
        if (room != null) {
            room.giveBack();
            room = null;
        }
    }

    private void arrived(byte[] bytes) {
        if (!gone) {
            waiting.add(bytes);
            pump();
        }
    }

    private void pump() {
        while (!gone && !waiting.isEmpty()) {
            LaneMemory.Room claimed = room;
            if (claimed == null) {
                claimed = hub.memory().claim(waiting.element().length, () -> hub.process().run(this::pump));
                room = claimed;
            }
            if (!claimed.isHeld()) {
                return;
            }
            room = null;
            handOn(waiting.remove(), claimed);
        }
    }

    private void handOn(byte[] bytes, LaneMemory.Room claimed) {
        ChunkHeader header = ChunkHeaderCodec.read(MemorySegment.ofArray(bytes), 0);
        Chunk chunk = new Chunk(header, List.of(ByteBuffer.wrap(bytes)), claimed::giveBack);
        hub.process()
                .vertx()
                .eventBus()
                .<Chunk>sender(address, new DeliveryOptions().setCodecName(ChunkCodec.NAME).setLocalOnly(true))
                .write(chunk)
                .onFailure(nobody -> {
                    chunk.release();
                    leave();
                    scheduler.after(network.delay(), () -> agent.run(() -> brokenAtAgent(broken("the Hub closed it"))));
                });
    }

    private HindsightException broken(String what) {
        return new HindsightException(ErrorCode.AGENT_UNREACHABLE, "The lane of " + node + " is broken: " + what + ".");
    }
}
