package io.hindsight.agent.link;

import static io.hindsight.agent.link.Futures.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.bus.Addresses;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelPipeline;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocketFrame;
import io.vertx.core.internal.http.WebSocketInternal;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetServer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A Hub that says what it likes. */
class HostileHubTest {
    private static final Duration SOON = Duration.ofSeconds(15);

    private final Vertx vertx = Vertx.vertx();
    private final AtomicInteger dials = new AtomicInteger();
    private final List<JsonObject> received = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        result(vertx.close());
    }

    /** {@code opened} does what it wants with each WebSocket; what comes is kept. */
    private int hub(Consumer<ServerWebSocket> opened) {
        HttpServerOptions options =
                new HttpServerOptions().setMaxWebSocketFrameSize(1 << 20).setHost("127.0.0.1").setPort(0);
        return result(
                        vertx.createHttpServer(options)
                                .webSocketHandler(socket -> {
                                    dials.incrementAndGet();
                                    socket.textMessageHandler(text -> received.add(new JsonObject(text)));
                                    opened.accept(socket);
                                })
                                .listen())
                .actualPort();
    }

    private static JsonObject order() {
        return new JsonObject()
                .put("type", "rec")
                .put("address", Addresses.agent(Links.NODE))
                .put("replyAddress", "__vertx.reply.1")
                .put("headers", new JsonObject().put(Addresses.ACTION_HEADER, "STATUS"))
                .put("body", new JsonObject());
    }

    private boolean hasAnswer(String body) {
        return received.stream()
                .anyMatch(frame ->
                        "__vertx.reply.1".equals(frame.getString("address"))
                                && String.valueOf(frame.getValue("body")).contains(body));
    }

    private static void answerOrders(Vertx agent) {
        agent.eventBus()
                .<JsonObject>localConsumer(
                        Addresses.agent(Links.NODE), order -> order.reply(new JsonObject().put("did", "it")));
    }

    private static Links answering(int port, LinkTiming timing) {
        return new Links(Links.NODE, Links.config("http://127.0.0.1:" + port), timing, HostileHubTest::answerOrders);
    }

    @Test
    void shouldPassOverGarbageAndGoOn() {
        int port =
                hub(socket -> {
                    for (String garbage :
                            List.of(
                                    "",
                                    "garbage",
                                    "[]",
                                    "{}",
                                    "{\"type\":\"rec\"}",
                                    "{\"type\":\"rec\",\"address\":\"elsewhere\",\"body\":{}}",
                                    "{\"type\":\"rec\",\"address\":\"heartbeat-1\",\"body\":{\"hubTimeNs\":\"x\"}}",
                                    "{\"type\":\"rec\",\"address\":\"heartbeat-2\",\"body\":7}",
                                    "{\"type\":\"err\",\"address\":7}",
                                    "{\"type\":" + "[".repeat(60_000))) {
                        socket.writeTextMessage(garbage);
                        socket.writeBinaryMessage(Buffer.buffer(garbage));
                    }
                    socket.writeBinaryMessage(Buffer.buffer(new byte[] {(byte) 0xff, 0, (byte) 0xc0}));
                    socket.writeTextMessage(order().put("body", 7).encode());
                    socket.writeTextMessage(order().encode());
                });
        try (LogLines log = new LogLines();
                Links agent = answering(port, LinkTiming.DEFAULTS).beat()) {
            await().atMost(SOON).until(() -> hasAnswer("did"));
            assertThat(agent.link).isNotNull();
            assertThat(hasAnswer("An order's body is a JSON object")).isTrue();
            assertThat(log.with("none of the bridge's")).hasSize(1);
            assertThat(log.with("Unhandled exception")).isEmpty();
            assertThat(dials).hasValue(1);
        }
    }

    @Test
    void shouldDialAnewAfterAFrameOrAMessageThatIsTooLong() {
        String half = "x".repeat(HubEndpoint.MAX_ORDER_BYTES / 2);
        int port =
                hub(socket -> {
                    switch (dials.get()) {
                        case 1 -> socket.writeTextMessage(half);
                        case 2 -> writeInFrames(socket, order().put("body", new JsonObject().put("long", half + half)));
                        default -> socket.writeTextMessage(order().encode());
                    }
                });
        try (LogLines log = new LogLines();
                Links agent = answering(port, Links.TIMING)) {
            await().atMost(SOON).until(() -> hasAnswer("did"));
            assertThat(agent.link).isNotNull();
            assertThat(dials).hasValue(3);
            assertThat(log.with("did not come about")).hasSize(2);
            assertThat(log.with("Unhandled exception")).isEmpty();
        }
    }

    private static void writeInFrames(ServerWebSocket socket, JsonObject message) {
        String text = message.encode();
        int length = 50_000;
        socket.writeFrame(WebSocketFrame.textFrame(text.substring(0, length), false));
        for (int start = length; start < text.length(); start += length) {
            int end = Math.min(text.length(), start + length);
            Buffer part = Buffer.buffer(text.substring(start, end));
            socket.writeFrame(WebSocketFrame.continuationFrame(part, end == text.length()));
        }
    }

    @Test
    void shouldDialAnewAfterBytesThatAreNoWebSocket() {
        int port =
                hub(socket -> {
                    if (dials.get() < 3) {
                        // A frame of a reserved kind whose length is the greatest there is.
                        byte[] frame = new byte[10];
                        frame[0] = (byte) 0x8f;
                        frame[1] = 127;
                        Arrays.fill(frame, 2, 10, (byte) 0x7f);
                        ChannelPipeline pipeline = ((WebSocketInternal) socket).channelHandlerContext().pipeline();
                        assertThat(pipeline.firstContext().writeAndFlush(Unpooled.wrappedBuffer(frame))).isNotNull();
                    } else {
                        socket.writeTextMessage(order().encode());
                    }
                });
        try (LogLines log = new LogLines();
                Links agent = answering(port, Links.TIMING)) {
            await().atMost(SOON).until(() -> hasAnswer("did"));
            assertThat(agent.link).isNotNull();
            assertThat(log.with("Unhandled exception")).isEmpty();
        }
    }

    @Test
    void shouldNotWaitForAHubThatDoesNotAnswerADial() {
        AtomicInteger connections = new AtomicInteger();
        NetServer mute =
                result(
                        vertx.createNetServer()
                                .connectHandler(socket -> {
                                    connections.incrementAndGet();
                                    socket.handler(bytes -> assertThat(bytes.length()).isPositive());
                                })
                                .listen(0, "127.0.0.1"));
        LinkTiming hasty =
                new LinkTiming(
                        Duration.ofMillis(200),
                        Links.TIMING.ping(),
                        Links.TIMING.silence(),
                        Links.TIMING.answer(),
                        Links.TIMING.firstWait(),
                        Links.TIMING.longestWait(),
                        Links.TIMING.proof());
        try (Links agent = new Links(Links.NODE, Links.config("http://127.0.0.1:" + mute.actualPort()), hasty)) {
            await().atMost(SOON).until(() -> connections.get() >= 3);
            assertThat(agent.link).isNotNull();
        }
    }

    @Test
    void shouldLeaveAHubThatAsksAndDoesNotRead() {
        int port =
                hub(socket -> {
                    socket.pause();
                    for (int i = 0; i < 64; i++) {
                        socket.writeTextMessage(order().encode());
                    }
                });
        try (LogLines log = new LogLines();
                Links agent = new Links(port)) {
            agent.vertx
                    .eventBus()
                    .<JsonObject>localConsumer(
                            Addresses.agent(Links.NODE),
                            order -> order.reply(new JsonObject().put("long", "x".repeat(2 << 20))));

            await().atMost(SOON).until(() -> !log.with("takes less than it asks for").isEmpty());
            await().atMost(SOON).until(() -> dials.get() >= 2);
            // And what could not be written keeps no connection open: closing the agent waits for all of them.
        }
    }
}
