package io.hindsight.hub.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.bus.Addresses;
import io.hindsight.bus.LinkProtocol;
import io.hindsight.config.HubConfig;
import io.hindsight.hub.bridge.BridgeLimits;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.http.WebSocketFrame;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs at the bridge that want to break it: each is disconnected, told why where it listens, and counted; the others notice nothing. */
final class HostileProgramsTest {
    private static final String OWN = Addresses.client("0123456789abcdef-own");
    private static final BridgeLimits LIMITS = limits(Duration.ofMinutes(5));

    private static BridgeLimits limits(Duration silent) {
        return new BridgeLimits(
                5,
                256 << 10,
                300 << 10,
                Duration.ofSeconds(1),
                200,
                500,
                1 << 20,
                2 << 20,
                1 << 20,
                2 << 20,
                Duration.ofMillis(300),
                silent,
                4,
                8,
                Duration.ofSeconds(5),
                Duration.ofSeconds(5));
    }

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir private Path folder = Path.of("");

    private final Vertx vertx = Vertx.vertx();
    private final Vertx programs = Vertx.vertx();
    private TestApi api = new TestApi(vertx, HubConfig.withDefaults(folder, 0), HttpLimits.DEFAULTS);

    @BeforeEach
    void start() {
        api.close();
        new HubDouble(vertx);
        api = new TestApi(vertx, HubConfig.withDefaults(folder, 0), HttpLimits.DEFAULTS, LIMITS);
    }

    @AfterEach
    void stop() {
        programs.close().await();
        api.close();
        vertx.close().await();
    }

    private ProgramClient open(String path) {
        return ProgramClient.open(programs, api.port(), path, null);
    }

    private double metric(String name) {
        String metrics = new String(api.get("/metrics").body(), StandardCharsets.UTF_8);
        return metrics.lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElse(-1);
    }

    private double refused(String cause) {
        return metric("hindsight_bridge_refusals_total{cause=\"" + cause + "\"}");
    }

    /** Nothing is left of the others, and a program is served. */
    private void assertStillWorks() {
        await().atMost(PATIENCE).until(() -> metric("hindsight_bridge_sockets") == 0);
        assertThat(metric("hindsight_bridge_backlog_bytes")).isZero();
        assertThat(metric("hindsight_bridge_partial_bytes")).isZero();
        try (ProgramClient program = open(ProgramClient.PLAIN)) {
            assertThat(program.request(Addresses.NODES, "LIST", new JsonObject()).getString("type")).isEqualTo("rec");
        }
    }

    @Test
    void shouldCloseASocketThatSendsNoMessage() {
        List<String> texts =
                List.of(
                        "",
                        "x",
                        "[]",
                        "null",
                        "{}",
                        "{\"type\":7}",
                        "{\"type\":\"fly\"}",
                        "{\"type\":\"send\"}",
                        "{\"type\":\"send\",\"address\":7}",
                        "{\"type\":\"send\",\"address\":\"hindsight.nodes\",\"headers\":[]}",
                        "{\"type\":\"send\",\"address\":\"hindsight.nodes\",\"headers\":{\"action\":[\"LIST\"]}}",
                        "{\"type\":\"send\",\"address\":\"hindsight.nodes\",\"body\":\"x\"}",
                        "{\"type\":\"register\",\"address\":{}}");
        for (String text : texts) {
            ProgramClient program = open(ProgramClient.PLAIN);
            program.text(text);
            program.awaitClosed();
            assertThat(program.received.getFirst().getString("type")).as(text).isEqualTo("err");
        }
        assertThat(refused("malformed")).isEqualTo(texts.size());
        assertStillWorks();
    }

    @Test
    void shouldCloseASocketThatSpeaksNoSockJs() {
        for (String text : List.of("{\"type\":\"ping\"}", "[1]", "[\"x\"", "[[\"{}\"]]")) {
            ProgramClient program = open(ProgramClient.SOCKJS);
            program.text(text);
            program.awaitClosed();
            assertThat(program.texts.getFirst()).isEqualTo("o");
            assertThat(program.texts).contains("c[1008,\"malformed\"]");
        }
        try (ProgramClient program = open(ProgramClient.SOCKJS)) {
            program.text("[]");
            assertThat(program.request(Addresses.NODES, "LIST", new JsonObject()).getString("type")).isEqualTo("rec");
        }
        assertThat(refused("malformed")).isEqualTo(4);
        assertStillWorks();
    }

    @Test
    void shouldCloseASocketThatNestsWithoutEnd() {
        ProgramClient program = open(ProgramClient.PLAIN);
        program.text(
                "{\"type\":\"send\",\"address\":\"hindsight.nodes\",\"body\":"
                        + "{\"a\":".repeat(20_000)
                        + "1"
                        + "}".repeat(20_001));
        program.awaitClosed();
        assertStillWorks();
    }

    @Test
    void shouldCloseASocketWhoseMessageIsTooLong() {
        ProgramClient program = open(ProgramClient.PLAIN);
        program.text("x".repeat(LIMITS.maxMessageBytes() + 1));
        program.awaitClosed();
        ProgramClient frame = open(ProgramClient.PLAIN);
        frame.socket().writeFrame(WebSocketFrame.textFrame("x".repeat(LinkProtocol.MAX_FRAME_BYTES + 1), true));
        frame.awaitClosed();
        assertThat(refused("too_large")).isEqualTo(2);
        assertStillWorks();
    }

    @Test
    void shouldNotUnpackWhatIsSmallOnTheWay() {
        WebSocketConnectOptions request =
                new WebSocketConnectOptions()
                        .setHost("127.0.0.1")
                        .setPort(api.port())
                        .setURI(ProgramClient.PLAIN)
                        .addHeader("Sec-WebSocket-Extensions", "permessage-deflate");
        try (ProgramClient program = ProgramClient.open(programs, request)) {
            assertThat(program.socket().headers().contains("Sec-WebSocket-Extensions")).isFalse();
        }
    }

    @Test
    void shouldCloseASocketWhoseMessageDoesNotEndAndBoundThemAll() {
        List<ProgramClient> halves = new ArrayList<>();
        String part = "x".repeat(60_000);
        for (int i = 0; i < 3; i++) {
            ProgramClient program = open(ProgramClient.PLAIN);
            halves.add(program);
            program.socket().writeFrame(WebSocketFrame.textFrame(part, false));
            program.socket().writeFrame(WebSocketFrame.continuationFrame(Buffer.buffer(part), false));
        }
        halves.forEach(ProgramClient::awaitClosed);
        assertThat(refused("partial")).isEqualTo(3);
        assertStillWorks();
    }

    @ParameterizedTest
    @ValueSource(strings = {ProgramClient.PLAIN, ProgramClient.SOCKJS})
    void shouldCloseASocketThatFloods(String path) {
        ProgramClient program = open(path);
        JsonArray many = new JsonArray();
        for (int i = 0; i < 300; i++) {
            many.add("{\"type\":\"ping\"}");
        }
        for (int i = 0; i < 2_000 && !program.socket().isClosed(); i++) {
            program.text(path.equals(ProgramClient.PLAIN) ? "{\"type\":\"ping\"}" : many.encode());
        }
        program.awaitClosed();
        assertThat(refused("flood")).isEqualTo(1);
        assertStillWorks();
    }

    @Test
    void shouldCloseASocketThatTakesNothing() {
        ProgramClient program = open(ProgramClient.PLAIN);
        program.register(OWN);
        program.request(Addresses.NODES, "LIST", new JsonObject());
        program.socket().pause();
        Buffer piece = Buffer.buffer(new byte[96 << 10]);
        await().atMost(PATIENCE)
                .until(() -> {
                    for (int i = 0; i < 20; i++) {
                        vertx.eventBus().send(OWN, piece);
                    }
                    assertThat(metric("hindsight_bridge_backlog_bytes")).isLessThanOrEqualTo(LIMITS.maxBacklogBytes());
                    return refused("backlog") == 1;
                });
        assertStillWorks();
    }

    @Test
    void shouldNoticeAPeerThatIsDeadAndRefuseMoreThanThereIsRoomFor() throws IOException {
        api.close();
        api = new TestApi(vertx, HubConfig.withDefaults(folder, 0), HttpLimits.DEFAULTS, limits(Duration.ofSeconds(5)));
        String request =
                "GET "
                        + ProgramClient.PLAIN
                        + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        List<Socket> dead = new ArrayList<>();
        for (int i = 0; i < LIMITS.maxSockets(); i++) {
            Socket socket = new Socket(InetAddress.getLoopbackAddress(), api.port());
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            dead.add(socket);
        }
        await().atMost(PATIENCE).until(() -> metric("hindsight_bridge_sockets") == LIMITS.maxSockets());
        JsonObject refusal =
                ProgramClient.refusal(
                        programs,
                        new WebSocketConnectOptions()
                                .setHost("127.0.0.1")
                                .setPort(api.port())
                                .setURI(ProgramClient.PLAIN));
        assertThat(refusal.getString("code")).isEqualTo("TOO_MANY_REQUESTS");
        await().atMost(PATIENCE).until(() -> metric("hindsight_bridge_sockets") == 0);
        assertThat(refused("silent")).isEqualTo(LIMITS.maxSockets());
        assertThat(refused("too_many")).isEqualTo(1);
        for (Socket socket : dead) {
            socket.close();
        }
        assertStillWorks();
    }

    @Test
    void shouldTakeNullForAbsent() {
        try (ProgramClient program = open(ProgramClient.PLAIN)) {
            JsonObject nulls = new JsonObject().putNull("headers").putNull("body").putNull("replyAddress");
            program.send(nulls.copy().put("type", "send").put("address", Addresses.NODES));
            assertThat(ProgramClient.words(program.refusalOf(Addresses.NODES))).contains("header action");
            program.send(nulls.copy().put("type", "register").put("address", OWN));
            JsonObject list = ProgramClient.message(Addresses.NODES, "LIST", new JsonObject()).putNull("body");
            assertThat(program.request(list).getString("type")).isEqualTo("rec");
        }
    }

    /** Whatever a message is made of, it ends in an answer, a refusal or the end of its own connection. */
    @Test
    void shouldSurviveAnyMixOfMembers() {
        Random random = new Random(7);
        List<Object> values =
                List.of(
                        "send",
                        "register",
                        "unregister",
                        "publish",
                        Addresses.NODES,
                        Addresses.SNAPSHOTS,
                        Addresses.EVENTS,
                        OWN,
                        "__vertx.reply.1",
                        new JsonObject().put("action", "LIST"),
                        new JsonObject().put("action", "GET").put("requested-by", "x"),
                        new JsonObject().put("id", new JsonArray()),
                        "\u0000\ud800",
                        "x".repeat(300),
                        7);
        List<String> names = List.of("type", "address", "headers", "body", "replyAddress", "failureCode");
        ProgramClient program = open(ProgramClient.PLAIN);
        for (int i = 0; i < 300; i++) {
            JsonObject message = new JsonObject();
            names.forEach(name -> message.put(name, values.get(random.nextInt(values.size()))));
            message.put("type", values.get(random.nextInt(4)));
            if (program.socket().isClosed()) {
                program = open(ProgramClient.PLAIN);
            }
            program.send(message);
        }
        program.close();
        assertStillWorks();
    }
}
