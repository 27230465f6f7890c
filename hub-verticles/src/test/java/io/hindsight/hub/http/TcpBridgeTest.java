package io.hindsight.hub.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hindsight.api.SnapshotState;
import io.hindsight.bus.Addresses;
import io.hindsight.config.HubConfig;
import io.hindsight.error.ErrorCode;
import io.hindsight.hub.bridge.BridgeLimits;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import io.vertx.ext.eventbus.bridge.tcp.impl.protocol.FrameHelper;
import io.vertx.ext.eventbus.bridge.tcp.impl.protocol.FrameParser;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bridge over TCP, asked with the frames of {@code vertx-tcp-eventbus-bridge} itself. */
final class TcpBridgeTest {
    private static final String ANALYST = "analyst-token-0123456789";
    private static final String VIEWER = "viewer-token-0123456789";
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String OWN = Addresses.client("0123456789abcdef-own");
    private static final BridgeLimits LIMITS =
            new BridgeLimits(
                    3,
                    128 << 10,
                    160 << 10,
                    Duration.ofSeconds(2),
                    200,
                    500,
                    1 << 20,
                    2 << 20,
                    1 << 20,
                    2 << 20,
                    Duration.ofMillis(300),
                    Duration.ofSeconds(4),
                    4,
                    8,
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(5));

    @TempDir private Path folder = Path.of("");

    private final Vertx vertx = Vertx.vertx();
    private final Vertx programs = Vertx.vertx();
    private final NetClient client = programs.createNetClient();
    private final HubDouble hub = new HubDouble(vertx);
    private int port;
    private @Nullable TestApi api;

    /** One connection of a program. */
    private static final class Program {
        final NetSocket socket;
        final List<JsonObject> received = new CopyOnWriteArrayList<>();
        final AtomicBoolean closed = new AtomicBoolean();

        Program(NetSocket socket) {
            this.socket = socket;
            socket.handler(new FrameParser(frame -> received.add(frame.result())));
            socket.closeHandler(gone -> closed.set(true));
        }

        void send(String type, String address, @Nullable String reply, @Nullable String token, String action) {
            JsonObject headers = new JsonObject().put("action", action).put("requested-by", "otto");
            if (token != null) {
                headers.put("Authorization", "Bearer " + token);
            }
            FrameHelper.sendFrame(type, address, reply, headers, null, new JsonObject().put("id", "s-1"), socket);
        }

        JsonObject next(String address) {
            return await().atMost(PATIENCE)
                    .until(
                            () ->
                                    received.stream()
                                            .filter(each -> address.equals(each.getString("address")))
                                            .findFirst()
                                            .orElse(new JsonObject()),
                            each -> !each.isEmpty());
        }

        void awaitClosed() {
            await().atMost(PATIENCE).untilTrue(closed);
        }
    }

    @BeforeEach
    void start() throws IOException {
        Path tokens =
                Files.writeString(
                        folder.resolve("tokens"), "anna:analyst:" + ANALYST + "\nvera:viewer:" + VIEWER + "\n");
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        HubConfig config = TestApi.withTokens(HubConfig.withDefaults(folder, 0), tokens).withTcpBridge(port);
        api = new TestApi(vertx, config, HttpLimits.DEFAULTS, LIMITS);
        hub.snapshots.put("s-1", HubDouble.snapshot("s-1", SnapshotState.COMPLETE, 7));
    }

    @AfterEach
    void stop() {
        programs.close().await();
        if (api != null) {
            api.close();
        }
        vertx.close().await();
    }

    private Program open() {
        return new Program(client.connect(port, "127.0.0.1").await());
    }

    private double metric(String name) {
        if (api == null) {
            throw new IllegalStateException("It has not started.");
        }
        String metrics =
                new String(api.get("/metrics", "Authorization", "Bearer " + VIEWER).body(), StandardCharsets.UTF_8);
        return metrics.lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElse(-1);
    }

    private double refused(String cause) {
        return metric("hindsight_bridge_refusals_total{cause=\"" + cause + "\"}");
    }

    @Test
    void shouldAnswerWhoeverEachMessageSaysItIs() {
        Program program = open();
        program.send("send", Addresses.SNAPSHOTS, "r1", ANALYST, "VERIFY");
        JsonObject answer = program.next("r1");
        assertThat(answer.getString("type")).isEqualTo("message");
        assertThat(answer.getJsonObject("body").getString("id")).isEqualTo("s-1");
        program.send("send", Addresses.SNAPSHOTS, "r2", VIEWER, "VERIFY");
        assertThat(program.next("r2").getInteger("failureCode")).isEqualTo(ErrorCode.FORBIDDEN.number());
        assertThat(hub.requests).contains("VERIFY by anna");
        FrameHelper.sendFrame("ping", program.socket);
        await().atMost(PATIENCE).until(() -> program.received.toString().contains("pong"));
        program.send("register", OWN, null, ANALYST, "");
        program.send("send", Addresses.NODES, "r3", ANALYST, "LIST");
        program.next("r3");
        vertx.eventBus().send(OWN, Buffer.buffer("hi"));
        assertThat(program.next(OWN).getString("body")).isEqualTo("aGk");
        assertThat(metric("hindsight_bridge_tcp_connections")).isEqualTo(1);
    }

    @Test
    void shouldCloseAConnectionThatDoesNotSayWhoItIs() {
        Program none = open();
        none.send("send", Addresses.NODES, "r1", null, "LIST");
        assertThat(none.next("r1").getInteger("failureCode")).isEqualTo(ErrorCode.UNAUTHENTICATED.number());
        none.awaitClosed();
        Program wrong = open();
        wrong.send("register", Addresses.EVENTS, null, "wrong-token-0123456789", "");
        wrong.awaitClosed();
        Program silent = open();
        silent.awaitClosed();
        assertThat(refused("unauthenticated")).isEqualTo(3);
        await().atMost(PATIENCE).until(() -> !hub.recorded.isEmpty());
        assertThat(hub.recorded.getFirst().who()).isEqualTo("anonymous");
        assertThat(hub.recorded.toString()).doesNotContain("wrong-token");
    }

    @Test
    void shouldBoundLengthsBeforeAnythingIsCollected() {
        for (int length : new int[] {-1, 0, Integer.MAX_VALUE, (64 << 10) + 1}) {
            Program program = open();
            program.socket.write(Buffer.buffer().appendInt(length).appendString("x"));
            program.awaitClosed();
        }
        assertThat(refused("too_large")).isEqualTo(4);
        Program known = open();
        known.send("send", Addresses.NODES, "r1", ANALYST, "LIST");
        known.next("r1");
        Program other = open();
        other.send("send", Addresses.NODES, "r1", ANALYST, "LIST");
        other.next("r1");
        // Announced together, they are more than all programs may have on the way.
        known.socket.write(Buffer.buffer().appendInt(128 << 10)).await();
        await().atMost(PATIENCE).until(() -> metric("hindsight_bridge_partial_bytes") == 128 << 10);
        other.socket.write(Buffer.buffer().appendInt(128 << 10));
        other.awaitClosed();
        assertThat(refused("partial")).isEqualTo(1);
        known.awaitClosed();
        assertThat(refused("silent")).isEqualTo(1);
        assertThat(metric("hindsight_bridge_partial_bytes")).isZero();
        Program malformed = open();
        malformed.socket.write(Buffer.buffer().appendInt(2).appendString("[]"));
        malformed.awaitClosed();
        assertThat(refused("malformed")).isEqualTo(1);
    }

    @Test
    void shouldEndAConnectionThatTakesNothingAndRefuseMoreThanThereIsRoomFor() {
        Program slow = open();
        slow.send("register", OWN, null, ANALYST, "");
        slow.send("send", Addresses.NODES, "r1", ANALYST, "LIST");
        slow.next("r1");
        slow.socket.pause();
        Buffer piece = Buffer.buffer(new byte[96 << 10]);
        await().atMost(PATIENCE)
                .until(() -> {
                    for (int i = 0; i < 20; i++) {
                        vertx.eventBus().send(OWN, piece);
                    }
                    return refused("backlog") == 1;
                });
        await().atMost(PATIENCE).until(() -> metric("hindsight_bridge_tcp_connections") == 0);
        assertThat(metric("hindsight_bridge_backlog_bytes")).isZero();
        for (int i = 0; i < LIMITS.maxSockets(); i++) {
            Program one = open();
            one.send("send", Addresses.NODES, "r1", ANALYST, "LIST");
            one.next("r1");
        }
        open().awaitClosed();
        assertThat(refused("too_many")).isEqualTo(1);
    }

    @Test
    void shouldNotListenWhereOthersCouldReadTokens() {
        HubConfig plain = HubConfig.withDefaults(folder, 0);
        HubConfig open =
                new HubConfig(
                                plain.snapshotDirectory(),
                                "0.0.0.0",
                                0,
                                folder.resolve("tokens"),
                                plain.maxConcurrentSnapshots(),
                                plain.streamCredit(),
                                plain.syncInterval(),
                                plain.syncBytes(),
                                plain.reserveFree(),
                                plain.scrubRate(),
                                plain.scrubInterval(),
                                plain.tls(),
                                true,
                                plain.laneMemory(),
                                plain.nodePatience())
                        .withTcpBridge(port);
        assertThatThrownBy(() -> ListenAddress.of(open)).hasMessageContaining("tcp-bridge-port takes tls-cert");
    }
}
