package io.hindsight.system;

import io.hindsight.agent.extract.ChunkChannel;
import io.hindsight.agent.link.LaneChannels;
import io.hindsight.bus.ChunkCodec;
import io.hindsight.bus.StreamEnd;
import io.hindsight.bus.StreamRequest;
import io.hindsight.chunk.Chunk;
import io.hindsight.chunk.NodeId;
import io.hindsight.hub.lane.LaneLimits;
import io.hindsight.hub.lane.LaneMemory;
import io.hindsight.hub.lane.LaneOrder;
import io.hindsight.hub.lane.LaneTokens;
import io.hindsight.hub.lane.Lanes;
import io.hindsight.hub.lane.StreamConsumer;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A lane with both ends in one process, over TCP: the agent's channel, the Hub's lanes, and a session that keeps what it gets. */
final class LaneRig implements AutoCloseable {
    static final String ADDRESS = "hindsight.chunks.node-a/snapshot-1.1";

    final Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
    final LaneTokens tokens = new LaneTokens();
    final LaneMemory memory = new LaneMemory(64L << 20);

    /** What the session has got, as bytes. */
    final List<byte[]> chunks = new CopyOnWriteArrayList<>();

    /** Not given back yet. */
    final List<Chunk> held = new CopyOnWriteArrayList<>();

    final List<StreamEnd> ends = new CopyOnWriteArrayList<>();

    volatile boolean holding;

    /** Whether {@link #chunks} is kept. */
    volatile boolean copying = true;

    final AtomicLong receivedBytes = new AtomicLong();

    private final Context agent = vertx.getOrCreateContext();
    private final NetClient client;
    private final Hub hub;
    private final int port;

    private final class Hub extends VerticleBase {
        private final HttpServerOptions options;
        private @Nullable HttpServer server;

        Hub(HttpServerOptions options) {
            this.options = options;
        }

        @Override
        public Future<?> start() {
            Lanes lanes = new Lanes(vertx, tokens, memory, LaneLimits.DEFAULTS);
            lanes.start();
            StreamConsumer.register(vertx, ADDRESS, LaneRig.this::received);
            server =
                    vertx.createHttpServer(options)
                            .requestHandler(request ->
                                    lanes.open(request)
                                            .onFailure(refused ->
                                                    request.response()
                                                            .setStatusCode(403)
                                                            .end(
                                                                    new JsonObject()
                                                                            .put("code", "FORBIDDEN")
                                                                            .put("detail", refused.getMessage())
                                                                            .toBuffer())));
            return server.listen(0, "127.0.0.1");
        }

        <T> Future<T> onContext(Supplier<T> call) {
            Promise<T> done = Promise.promise();
            context.runOnContext(now -> done.complete(call.get()));
            return done.future();
        }

        int port() {
            HttpServer listening = server;
            return listening == null ? 0 : listening.actualPort();
        }
    }

    LaneRig(HttpServerOptions serverOptions, NetClientOptions clientOptions) {
        vertx.eventBus().registerCodec(new ChunkCodec());
        hub = new Hub(serverOptions);
        vertx.deployVerticle(hub).await();
        port = hub.port();
        client = vertx.createNetClient(clientOptions);
    }

    private void received(Message<Object> message) {
        if (message.body() instanceof Chunk chunk) {
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
    }

    private static byte[] bytes(Chunk chunk) {
        ByteBuffer all = ByteBuffer.allocate((int) chunk.lengthBytes());
        for (ByteBuffer part : chunk.parts()) {
            all.put(part);
        }
        return all.array();
    }

    String order(long creditBytes) {
        return tokens.issue(new LaneOrder("snapshot-1", new NodeId("node-a"), ADDRESS, creditBytes));
    }

    /** A channel with this token, for use on any thread. */
    Future<ChunkChannel> open(@Nullable String token) {
        LaneChannels channels =
                new LaneChannels(
                        vertx,
                        client,
                        () -> SocketAddress.inetSocketAddress(port, "127.0.0.1"),
                        "127.0.0.1:" + port,
                        "Bearer 1234",
                        (address, end) -> {
                            ends.add(JsonMapping.fromJson(end, StreamEnd.class));
                            return Future.succeededFuture();
                        });
        StreamRequest request = new StreamRequest("snapshot-1", ADDRESS, 1L << 30, Map.of(), token);
        return onAgent(() -> channels.open(request)).map(OnAgentContext::new);
    }

    /** Nobody listens there any more. */
    void stopHub() {
        vertx.undeploy(hub.deploymentID()).await();
    }

    /** The event loop of the agent's end, then that of the Hub's. */
    List<Thread> eventLoops() {
        return List.of(
                onAgent(() -> Future.succeededFuture(Thread.currentThread())).await(),
                hub.onContext(Thread::currentThread).await());
    }

    private <T> Future<T> onAgent(Supplier<Future<T>> call) {
        Promise<T> done = Promise.promise();
        agent.runOnContext(now -> call.get().onComplete(done));
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
            return onAgent(() -> channel.send(chunk));
        }

        @Override
        public Future<Void> end(StreamEnd end) {
            return onAgent(() -> channel.end(end));
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

    @Override
    public void close() {
        held.forEach(Chunk::release);
        vertx.close().await();
    }
}
