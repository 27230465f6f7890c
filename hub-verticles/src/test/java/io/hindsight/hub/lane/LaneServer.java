package io.hindsight.hub.lane;

import io.hindsight.bus.ChunkCodec;
import io.hindsight.bus.LinkProtocol;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.HindsightException;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Lanes on a real port, without the rest of the Hub. Peers are plain sockets, so that they can do what no client would. */
final class LaneServer implements AutoCloseable {
    private static final int TIMEOUT_MS = 10_000;

    final Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
    final LaneTokens tokens = new LaneTokens();
    final LaneMemory memory;
    private final Lanes lanes;
    private final Served served = new Served();
    private final LaneLimits limits;

    private final class Served extends VerticleBase {
        private @Nullable HttpServer server;

        @Override
        public Future<?> start() {
            lanes.start();
            server = vertx.createHttpServer().requestHandler(this::open);
            return server.listen(0, "127.0.0.1");
        }

        private void open(HttpServerRequest request) {
            lanes.open(request, node -> true)
                    .onFailure(failure ->
                            request.response()
                                    .setStatusCode(((HindsightException) failure).code().httpStatus())
                                    .putHeader("Connection", "close")
                                    .end());
        }

        int port() {
            HttpServer listening = server;
            return listening == null ? 0 : listening.actualPort();
        }

        <T> T ask(Function<Lanes, T> question) {
            CompletableFuture<T> answer = new CompletableFuture<>();
            context.runOnContext(now -> answer.complete(question.apply(lanes)));
            return answer.join();
        }
    }

    LaneServer(long memoryBytes, LaneLimits limits) {
        vertx.eventBus().registerCodec(new ChunkCodec());
        this.limits = limits;
        this.memory = new LaneMemory(memoryBytes);
        this.lanes = new Lanes(vertx, tokens, memory, this.limits);
        vertx.deployVerticle(served).await();
    }

    int port() {
        return served.port();
    }

    /** What the lanes say, asked on their event loop. */
    <T> T ask(Function<Lanes, T> question) {
        return served.ask(question);
    }

    long refused(LaneRefusal cause) {
        return ask(all -> all.refusedCount(cause));
    }

    String order(String node, String address, long creditBytes) {
        return tokens.issue(new LaneOrder("snapshot-1", new NodeId(node), address, creditBytes));
    }

    static String upgrade(String token) {
        return "GET "
                + LinkProtocol.LANE_PATH
                + " HTTP/1.1\r\nHost: hub\r\nConnection: Upgrade\r\nUpgrade: "
                + LinkProtocol.LANE_UPGRADE
                + "\r\n"
                + LinkProtocol.LANE_HEADER
                + ": "
                + token
                + "\r\n\r\n";
    }

    Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port());
        socket.setSoTimeout(TIMEOUT_MS);
        return socket;
    }

    /** A lane that is open. */
    Socket open(String token) throws IOException {
        Socket socket = connect();
        int status = status(socket, upgrade(token));
        if (status != 101) {
            throw new AssertionError("status=" + status);
        }
        return socket;
    }

    /** Sends a request, reads the answer's head. */
    static int status(Socket socket, String request) throws IOException {
        socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = socket.getInputStream().read();
            if (next < 0) {
                throw new AssertionError("closed after " + head);
            }
            head.append((char) next);
        }
        return Integer.parseInt(head.substring(9, 12));
    }

    /** Whether the other end closes within the time-out. */
    static boolean isClosed(Socket socket) {
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException stillOpen) {
            return false;
        } catch (IOException reset) {
            return true;
        }
    }

    @Override
    public void close() {
        vertx.close().await();
    }
}
