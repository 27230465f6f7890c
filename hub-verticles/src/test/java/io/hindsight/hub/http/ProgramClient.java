package io.hindsight.hub.http;

import static org.awaitility.Awaitility.await;

import io.hindsight.bus.Addresses;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.lang.ref.Reference;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A program at the bridge that says what a test wants it to say. */
final class ProgramClient implements AutoCloseable {
    static final String PLAIN = BridgeRoutes.PREFIX + "/websocket";
    static final String SOCKJS = BridgeRoutes.PREFIX + "/123/session-1/websocket";

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final WebSocketClient client;
    private final WebSocket socket;
    private final boolean sockJs;
    private final AtomicInteger replies = new AtomicInteger();

    /** Every text that came. */
    final List<String> texts = new CopyOnWriteArrayList<>();

    /** Every message of the bridge that came. */
    final List<JsonObject> received = new CopyOnWriteArrayList<>();

    private ProgramClient(WebSocketClient client, WebSocket socket, boolean sockJs) {
        this.client = client;
        this.socket = socket;
        this.sockJs = sockJs;
        socket.textMessageHandler(this::take);
        socket.exceptionHandler(broken -> texts.add("broken: " + broken));
    }

    private void take(String text) {
        texts.add(text);
        if (!sockJs) {
            received.add(new JsonObject(text));
        } else if (text.startsWith("a")) {
            new JsonArray(text.substring(1)).forEach(message -> received.add(new JsonObject((String) message)));
        }
    }

    static ProgramClient open(Vertx vertx, int port, String path, @Nullable String token) {
        WebSocketConnectOptions request = new WebSocketConnectOptions().setHost("127.0.0.1").setPort(port).setURI(path);
        if (token != null) {
            request.addHeader(HttpHeaders.AUTHORIZATION.toString(), "Bearer " + token);
        }
        return open(vertx, request);
    }

    static ProgramClient open(Vertx vertx, WebSocketConnectOptions request) {
        WebSocketClient client = vertx.createWebSocketClient();
        try {
            boolean sockJs = !PLAIN.equals(request.getURI());
            return client.connect(request).map(socket -> new ProgramClient(client, socket, sockJs)).await();
        } finally {
            Reference.reachabilityFence(client);
        }
    }

    /** The problem with which the Hub refuses this request. */
    static JsonObject refusal(Vertx vertx, WebSocketConnectOptions request) {
        try {
            open(vertx, request).close();
            throw new AssertionError("The Hub has let it in.");
        } catch (UpgradeRejectedException refused) {
            return new JsonObject(refused.getBody());
        }
    }

    WebSocket socket() {
        return socket;
    }

    void text(String text) {
        socket.writeTextMessage(text).onFailure(closed -> texts.add("not written: " + closed));
    }

    void send(JsonObject message) {
        text(sockJs ? new JsonArray().add(message.encode()).encode() : message.encode());
    }

    void register(String address) {
        send(new JsonObject().put("type", "register").put("address", address));
    }

    static JsonObject message(String address, String action, JsonObject body) {
        return new JsonObject()
                .put("type", "send")
                .put("address", address)
                .put("headers", new JsonObject().put(Addresses.ACTION_HEADER, action))
                .put("body", body);
    }

    /** Sends and gives what comes back. */
    JsonObject request(String address, String action, JsonObject body) {
        return request(message(address, action, body));
    }

    JsonObject request(JsonObject message) {
        String reply = "reply-" + replies.incrementAndGet();
        send(message.copy().put("replyAddress", reply));
        return next(came -> reply.equals(came.getString("address")));
    }

    /** The first such message. */
    JsonObject next(Predicate<JsonObject> wanted) {
        return await().atMost(PATIENCE)
                .until(
                        () -> received.stream().filter(wanted).findFirst().orElse(new JsonObject()),
                        message -> !message.isEmpty());
    }

    /** The next refusal that is about this address. */
    JsonObject refusalOf(String address) {
        JsonObject found =
                next(came -> "err".equals(came.getString("type")) && address.equals(came.getString("address")));
        received.remove(found);
        return found;
    }

    /** What a refusal says. */
    static String words(JsonObject refusal) {
        return new JsonObject(refusal.getString("message")).getString("message");
    }

    void awaitClosed() {
        await().atMost(PATIENCE).until(socket::isClosed);
    }

    @Override
    public void close() {
        socket.close().otherwiseEmpty().await();
        client.close().await();
    }
}
