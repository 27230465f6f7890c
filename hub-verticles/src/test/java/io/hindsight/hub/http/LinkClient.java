package io.hindsight.hub.http;

import static org.awaitility.Awaitility.await;

import io.hindsight.bus.Addresses;
import io.hindsight.bus.LinkProtocol;
import io.hindsight.chunk.NodeId;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonObject;
import java.lang.ref.Reference;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** An agent's side of a link that says what a test wants it to say. */
final class LinkClient implements AutoCloseable {
    /** As TestApi's Hub has it. */
    static final String VERSION = "1.2.3";

    /** Kept: Vert.x closes the connections of a client that nobody refers to. */
    private final WebSocketClient client;

    private final WebSocket socket;
    private final NodeId node;
    private final AtomicInteger replies = new AtomicInteger();

    /** Everything that came. */
    final List<JsonObject> received = new CopyOnWriteArrayList<>();

    private LinkClient(WebSocketClient client, WebSocket socket, NodeId node) {
        this.client = client;
        this.socket = socket;
        this.node = node;
        socket.handler(data -> received.add(new JsonObject(data)));
    }

    static WebSocketConnectOptions request(int port, String node, String instance) {
        return new WebSocketConnectOptions()
                .setHost("127.0.0.1")
                .setPort(port)
                .setURI(LinkProtocol.LINK_PATH)
                .setAllowOriginHeader(false)
                .addHeader(LinkProtocol.NODE_HEADER, node)
                .addHeader(LinkProtocol.INSTANCE_HEADER, instance)
                .addHeader(LinkProtocol.VERSION_HEADER, VERSION);
    }

    /** Links; fails with {@link UpgradeRejectedException} where the Hub refuses. */
    static LinkClient open(Vertx vertx, WebSocketClientOptions options, WebSocketConnectOptions request) {
        String node = request.getHeaders().get(LinkProtocol.NODE_HEADER);
        WebSocketClient client = vertx.createWebSocketClient(options);
        try {
            return client.connect(request).map(socket -> new LinkClient(client, socket, new NodeId(node))).await();
        } finally {
            Reference.reachabilityFence(client);
        }
    }

    static LinkClient open(Vertx vertx, int port, String node, String instance) {
        return open(vertx, new WebSocketClientOptions(), request(port, node, instance));
    }

    /** The problem with which the Hub refuses this request. */
    static JsonObject refusal(Vertx vertx, WebSocketClientOptions options, WebSocketConnectOptions request) {
        try {
            open(vertx, options, request).close();
            throw new AssertionError("The Hub has let it in.");
        } catch (UpgradeRejectedException refused) {
            return new JsonObject(refused.getBody());
        }
    }

    static WebSocketConnectOptions withToken(WebSocketConnectOptions request, String token) {
        return request.addHeader(HttpHeaders.AUTHORIZATION.toString(), "Bearer " + token);
    }

    WebSocket socket() {
        return socket;
    }

    boolean isClosed() {
        return socket.isClosed();
    }

    void send(JsonObject message) {
        socket.writeTextMessage(message.encode()).await();
    }

    /** And waits until it is there. */
    LinkClient register() {
        register(Addresses.agent(node));
        return this;
    }

    void register(String address) {
        send(new JsonObject().put("type", "register").put("address", address));
    }

    void send(String address, JsonObject body) {
        send(new JsonObject().put("type", "send").put("address", address).put("body", body));
    }

    /** Sends and gives what comes back. */
    JsonObject request(String address, JsonObject body) {
        String reply = "reply-" + replies.incrementAndGet();
        send(new JsonObject().put("type", "send").put("address", address).put("body", body).put("replyAddress", reply));
        return await().atMost(Duration.ofSeconds(10))
                .until(
                        () ->
                                received.stream()
                                        .filter(message -> reply.equals(message.getString("address")))
                                        .findFirst()
                                        .orElse(new JsonObject()),
                        message -> !message.isEmpty());
    }

    /** What an agent would send every second. */
    JsonObject heartbeat(String instance) {
        return JsonMapping.toJson(Heartbeats.status(node.name())).put("instance", instance);
    }

    void frame(Buffer text) {
        socket.writeTextMessage(text.toString()).onFailure(closed -> received.add(new JsonObject().put("closed", 1)));
    }

    @Override
    public void close() {
        socket.close().otherwiseEmpty().await();
        client.close().await();
    }
}
