package io.hindsight.system;

import io.hindsight.agent.extract.ChunkChannel;
import io.hindsight.agent.extract.ClusteredChunkChannels;
import io.hindsight.bus.ChunkOffer;
import io.hindsight.bus.ChunkPiece;
import io.hindsight.bus.ChunkPieceCodec;
import io.hindsight.bus.StreamEnd;
import io.hindsight.bus.StreamRequest;
import io.hindsight.chunk.Chunk;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.ErrorCode;
import io.hindsight.hub.lane.LaneLimits;
import io.hindsight.hub.lane.LaneMemory;
import io.hindsight.hub.lane.LaneTokens;
import io.hindsight.hub.lane.PieceReceiver;
import io.hindsight.hub.lane.StreamConsumer;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** A stream in pieces with both ends: the agent's channel, and a Hub's session that keeps what it gets. The two may be members of one cluster. */
final class PieceRig implements AutoCloseable {
    static final String ADDRESS = "hindsight.chunks.node-a/snapshot-1.1";

    final LaneMemory memory;

    /** What the session has got, as bytes. */
    final List<byte[]> chunks = new CopyOnWriteArrayList<>();

    /** Not given back yet. */
    final List<Chunk> held = new CopyOnWriteArrayList<>();

    final List<StreamEnd> ends = new CopyOnWriteArrayList<>();

    /** Why the Hub's end has broken off. */
    final List<String> broken = new CopyOnWriteArrayList<>();

    final AtomicLong receivedBytes = new AtomicLong();
    volatile boolean holding;

    /** Whether {@link #chunks} is kept. */
    volatile boolean copying = true;

    private final LaneTokens lanes;
    private final Vertx agentVertx;
    private final Vertx hubVertx;
    private final Context agent;
    private final Context hub;
    private final ClusteredChunkChannels channels;
    private final PieceReceiver receiver;
    private final MessageConsumer<Object> consumer;

    /** Both on one bus of this process. */
    static PieceRig local(long memoryBytes) {
        Vertx vertx = Vertx.vertx();
        vertx.eventBus().registerCodec(new ChunkPieceCodec());
        return new PieceRig(vertx, vertx, memoryBytes);
    }

    /** {@link ChunkPieceCodec} is registered with both. */
    PieceRig(Vertx agentVertx, Vertx hubVertx, long memoryBytes) {
        this.agentVertx = agentVertx;
        this.hubVertx = hubVertx;
        this.memory = new LaneMemory(memoryBytes);
        this.lanes = new LaneTokens(memory);
        this.agent = agentVertx.getOrCreateContext();
        this.hub = hubVertx.getOrCreateContext();
        this.channels = new ClusteredChunkChannels(agentVertx.eventBus());
        this.receiver =
                new PieceReceiver(
                        new NodeId("node-a"), lanes, LaneLimits.DEFAULTS, hub, System::nanoTime, new Session());
        this.consumer =
                on(
                                hub,
                                () -> {
                                    MessageConsumer<Object> registered =
                                            StreamConsumer.register(hubVertx, ADDRESS, this::received);
                                    return registered.completion().map(registered);
                                })
                        .await();
    }

    private final class Session implements PieceReceiver.Owner {
        @Override
        public void arrived(Chunk chunk) {
            receivedBytes.addAndGet(chunk.lengthBytes());
            if (copying) {
                chunks.add(bytes(chunk));
            }
            if (holding) {
                held.add(chunk);
            } else {
                chunk.release();
            }
        }

        @Override
        public void broken(ErrorCode code, String words) {
            broken.add(code + ": " + words);
        }
    }

    private void received(Message<Object> message) {
        if (message.body() instanceof ChunkPiece piece) {
            receiver.piece(piece);
        } else if (ChunkOffer.isIn(message)) {
            receiver.offer(message);
        } else {
            ends.add(JsonMapping.fromJson((JsonObject) message.body(), StreamEnd.class));
        }
    }

    private static byte[] bytes(Chunk chunk) {
        ByteBuffer all = ByteBuffer.allocate((int) chunk.lengthBytes());
        for (ByteBuffer part : chunk.parts()) {
            all.put(part);
        }
        return all.array();
    }

    /** A channel for use on any thread. */
    ChunkChannel open() {
        StreamRequest request = new StreamRequest("snapshot-1", ADDRESS, 1L << 30, Map.of(), null);
        return new OnAgentContext(on(agent, () -> channels.open(request)).await());
    }

    /** Bytes of pieces that have come. */
    long pieceBytes() {
        return lanes.pieces().receivedBytes();
    }

    void releaseOne() {
        held.removeFirst().release();
    }

    void releaseAll() {
        held.forEach(Chunk::release);
        held.clear();
    }

    /** Nobody listens there any more. */
    void stopHub() {
        consumer.unregister().await();
    }

    /** The session needs no more chunks. */
    void endStream() {
        hub.runOnContext(now -> receiver.close());
    }

    /** The event loop of the agent's end, then that of the Hub's session. */
    List<Thread> eventLoops() {
        return List.of(
                on(agent, () -> Future.succeededFuture(Thread.currentThread())).await(),
                on(hub, () -> Future.succeededFuture(Thread.currentThread())).await());
    }

    private static <T> Future<T> on(Context context, Supplier<Future<T>> call) {
        Promise<T> done = Promise.promise();
        context.runOnContext(now -> call.get().onComplete(done));
        return done.future();
    }

    /** Calls the channel where sessions call it. */
    private final class OnAgentContext implements ChunkChannel {
        private final ChunkChannel channel;

        OnAgentContext(ChunkChannel channel) {
            this.channel = channel;
        }

        @Override
        public Future<Void> send(Chunk chunk) {
            return on(agent, () -> channel.send(chunk));
        }

        @Override
        public Future<Void> end(StreamEnd end) {
            return on(agent, () -> channel.end(end));
        }

        @Override
        public void onBreak(Consumer<Throwable> broken) {
            agent.runOnContext(now -> channel.onBreak(broken));
        }

        @Override
        public void close() {
            agent.runOnContext(now -> channel.close());
        }
    }

    /** The Vert.x too. */
    @Override
    public void close() {
        releaseAll();
        on(
                        hub,
                        () -> {
                            receiver.close();
                            return Future.succeededFuture();
                        })
                .await();
        agentVertx.close().await();
        hubVertx.close().await();
    }
}
