package io.hindsight.agent.kubernetes;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.WebSocket;
import io.fabric8.kubernetes.client.http.WebSocketHandshakeException;
import io.fabric8.kubernetes.client.vertx5.Vertx5HttpClientFactory;
import io.hindsight.kubernetes.BoundedBody;
import io.vertx.core.Vertx;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.ext.web.client.WebClientOptions;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Kubernetes' API server: lists and watches of the collections in {@link ResourceKind}, over fabric8's client on this program's Vert.x. Call-backs come on event loops and must not block.
 * Thread-safe. It holds the client strongly as long as it is used.
 */
final class ApiServer implements AutoCloseable {
    /** The longest page of a list. */
    static final int MAX_PAGE_LENGTH = 8 << 20;

    /** The longest message of a watch: objects are at most 1.5 MiB in the API server's own store, and less than this as JSON. */
    static final int MAX_MESSAGE_LENGTH = 8 << 20;

    /** A connection on which the peer acknowledges nothing, not even pings, is given up after this. */
    private static final int SILENT_PEER_MS = 60_000;

    private static final long OPEN_TIMEOUT_S = 10;

    /** Lists and watches at once: each kind has one or the other. */
    private static final int CONNECTIONS = 16;

    private final HttpClient client;
    private final String address;

    ApiServer(Vertx vertx, Config config) {
        this.client = new BoundedFactory(vertx).newBuilder(config).build();
        String master = config.getMasterUrl();
        this.address = master.endsWith("/") ? master.substring(0, master.length() - 1) : master;
    }

    /** For people: {@code https://10.96.0.1:443}. */
    String address() {
        return address;
    }

    /** A request under way. */
    interface Call {
        /** Ends it; what comes of it afterwards is of no interest. Idempotent. */
        void cancel();

        /** Of a watch: the last message has been dealt with, one more may come. Messages come one by one, so that a slow reader holds the server back, not memory. */
        default void more() {}
    }

    /** What a list was answered. */
    static final class Answer {
        private final int code;
        private final byte[] body;
        private final boolean tooLong;
        private final @Nullable String failure;

        private Answer(int code, byte[] body, boolean tooLong, @Nullable String failure) {
            this.code = code;
            this.body = body;
            this.tooLong = tooLong;
            this.failure = failure;
        }

        /** HTTP status; 0 where there was no answer, or not all of it. */
        int code() {
            return code;
        }

        /** At most {@link #MAX_PAGE_LENGTH} bytes; empty where there was more. */
        byte[] body() {
            return body;
        }

        /** Whether the body was longer. */
        boolean tooLong() {
            return tooLong;
        }

        /** Why there was no answer. */
        @Nullable String failure() {
            return failure;
        }
    }

    /** What a watch tells. */
    interface WatchListener {
        /** The server has accepted it. */
        void opened();

        /** One message. */
        void message(byte[] json);

        /**
         * It has ended, or was never opened.
         *
         * @param code HTTP status of a refusal; 0 where there was none
         */
        void ended(int code, String reason);
    }

    /** Asks for a page. The call-back comes once, unless it is cancelled. */
    Call list(ResourceKind kind, Map<String, String> query, Consumer<Answer> done) {
        HttpRequest request =
                client.newHttpRequestBuilder()
                        .uri(uri(kind, query))
                        .header("Accept", kind.accept())
                        .timeout(OPEN_TIMEOUT_S, TimeUnit.SECONDS)
                        .build();
        BoundedBody body = new BoundedBody(MAX_PAGE_LENGTH);
        CompletableFuture<HttpResponse<AsyncBody>> response = client.consumeBytes(request, body);
        var _ =
                response.thenCompose(
                                head -> {
                                    head.body().consume();
                                    return head.body()
                                            .done()
                                            .handle((ended, failure) -> answer(head.code(), body, failure));
                                })
                        .exceptionally(failure -> new Answer(0, new byte[0], false, reason(failure)))
                        .thenAccept(done);
        return () -> {
            var _ = response.thenAccept(head -> head.body().cancel());
        };
    }

    private static Answer answer(int code, BoundedBody body, @Nullable Throwable failure) {
        boolean whole = failure == null;
        return new Answer(
                whole || body.isTooLong() ? code : 0,
                whole ? body.toBytes() : new byte[0],
                body.isTooLong(),
                whole ? null : reason(failure));
    }

    /** Opens a watch. */
    Call watch(ResourceKind kind, Map<String, String> query, WatchListener listener) {
        SocketListener bridge = new SocketListener(listener);
        CompletableFuture<WebSocket> socket =
                client.newWebSocketBuilder()
                        .uri(uri(kind, query))
                        .setHeader("Accept", kind.acceptForWatch())
                        .setHeader("Origin", address)
                        .connectTimeout(OPEN_TIMEOUT_S, TimeUnit.SECONDS)
                        .buildAsync(bridge);
        var _ =
                socket.whenComplete((opened, failure) -> {
                    if (failure != null) {
                        bridge.tell(told -> told.ended(status(failure), reason(failure)));
                    }
                });
        return new Call() {
            @Override
            public void cancel() {
                bridge.letGo();
                var _ = socket.thenAccept(opened -> opened.sendClose(1000, "done"));
            }

            @Override
            public void more() {
                var _ = socket.thenAccept(WebSocket::request);
            }
        };
    }

    /**
     * Bridges to one listener what the library tells in several ways, and lets go of it when the watch is cancelled: the library keeps a closed socket until its next ping, half a minute, and with
     * the listener it would keep everything that is known.
     */
    private static final class SocketListener implements WebSocket.Listener {
        private volatile @Nullable WatchListener listener;

        SocketListener(WatchListener listener) {
            this.listener = listener;
        }

        void letGo() {
            listener = null;
        }

        private void tell(Consumer<WatchListener> what) {
            WatchListener told = listener;
            if (told != null) {
                what.accept(told);
            }
        }

        @Override
        public void onOpen(WebSocket socket) {
            tell(WatchListener::opened);
        }

        @Override
        public void onMessage(WebSocket socket, String text) {
            tell(told -> told.message(text.getBytes(StandardCharsets.UTF_8)));
        }

        @Override
        public void onMessage(WebSocket socket, ByteBuffer bytes) {
            byte[] json = new byte[bytes.remaining()];
            bytes.get(json);
            tell(told -> told.message(json));
        }

        @Override
        public void onClose(WebSocket socket, int code, String reason) {
            tell(told -> told.ended(0, "closed by the server, code " + code + (reason == null ? "" : " " + reason)));
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            tell(told -> told.ended(0, reason(error)));
        }
    }

    private static int status(Throwable failure) {
        Throwable cause = unwrap(failure);
        return cause instanceof WebSocketHandshakeException refused ? refused.getResponse().code() : 0;
    }

    private static String reason(@Nullable Throwable failure) {
        Throwable cause = failure == null ? null : unwrap(failure);
        if (cause == null) {
            return "";
        }
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }

    private static Throwable unwrap(Throwable failure) {
        Throwable cause = failure.getCause();
        return failure instanceof CompletionException && cause != null ? cause : failure;
    }

    private URI uri(ResourceKind kind, Map<String, String> query) {
        String parameters =
                query.entrySet().stream()
                        .map(one -> one.getKey() + "=" + URLEncoder.encode(one.getValue(), StandardCharsets.UTF_8))
                        .collect(Collectors.joining("&"));
        return URI.create(address + kind.path() + "?" + parameters);
    }

    @Override
    public void close() {
        client.close();
    }

    /** The library's own bounds are 8,192 connections and messages of 2 GiB. */
    private static final class BoundedFactory extends Vertx5HttpClientFactory {
        BoundedFactory(Vertx vertx) {
            super(vertx);
        }

        @Override
        protected void additionalConfig(WebClientOptions http, WebSocketClientOptions sockets, PoolOptions pool) {
            pool.setHttp1MaxSize(CONNECTIONS);
            http.setTcpUserTimeout(SILENT_PEER_MS);
            sockets.setMaxConnections(CONNECTIONS)
                    .setMaxFrameSize(MAX_MESSAGE_LENGTH)
                    .setMaxMessageSize(MAX_MESSAGE_LENGTH)
                    .setTcpUserTimeout(SILENT_PEER_MS);
        }
    }
}
