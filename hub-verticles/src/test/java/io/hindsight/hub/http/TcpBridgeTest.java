package io.hindsight.hub.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hindsight.api.SnapshotState;
import io.hindsight.bus.Addresses;
import io.hindsight.config.HubConfig;
import io.hindsight.config.TlsFiles;
import io.hindsight.error.ErrorCode;
import io.hindsight.hub.access.Caller;
import io.hindsight.hub.access.Role;
import io.hindsight.hub.bridge.BridgeLimits;
import io.hindsight.testing.TestCertificates;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.ext.eventbus.bridge.tcp.impl.protocol.FrameHelper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.net.ssl.SSLPeerUnverifiedException;
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
    private static final Duration LONG = Duration.ofMinutes(5);
    private static final BridgeLimits LIMITS = limits(LONG, LONG);

    private static BridgeLimits limits(Duration message, Duration silent) {
        return new BridgeLimits(
                3,
                128 << 10,
                160 << 10,
                message,
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

    @TempDir private Path folder = Path.of("");

    private final Vertx vertx = Vertx.vertx();
    private final Vertx programs = Vertx.vertx();
    private final NetClient client = programs.createNetClient();
    private final HubDouble hub = new HubDouble(vertx);
    private int port;
    private @Nullable TestApi api;

    @BeforeEach
    void start() throws IOException {
        start(LIMITS);
    }

    private void start(BridgeLimits limits) throws IOException {
        Path tokens =
                Files.writeString(
                        folder.resolve("tokens"), "anna:analyst:" + ANALYST + "\nvera:viewer:" + VIEWER + "\n");
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        HubConfig config = TestApi.withTokens(HubConfig.withDefaults(folder, 0), tokens).withTcpBridge(port);
        api = new TestApi(vertx, config, HttpLimits.DEFAULTS, limits);
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

    private TcpProgram open() {
        return TcpProgram.open(client, port);
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
        TcpProgram program = open();
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

    private void restart(BridgeLimits limits) throws IOException {
        Objects.requireNonNull(api).close();
        start(limits);
    }

    @Test
    void shouldCloseAConnectionThatDoesNotSayWhoItIs() throws IOException {
        restart(limits(Duration.ofSeconds(2), LONG));
        TcpProgram none = open();
        none.send("send", Addresses.NODES, "r1", null, "LIST");
        assertThat(none.next("r1").getInteger("failureCode")).isEqualTo(ErrorCode.UNAUTHENTICATED.number());
        none.awaitClosed();
        TcpProgram wrong = open();
        wrong.send("register", Addresses.EVENTS, null, "wrong-token-0123456789", "");
        wrong.awaitClosed();
        // It says something, and not who it is.
        TcpProgram silent = open();
        FrameHelper.sendFrame("ping", silent.socket);
        silent.awaitClosed();
        assertThat(refused("unauthenticated")).isEqualTo(3);
        await().atMost(PATIENCE).until(() -> !hub.recorded.isEmpty());
        assertThat(hub.recorded.getFirst().who()).isEqualTo("anonymous");
        assertThat(hub.recorded.toString()).doesNotContain("wrong-token");
    }

    @Test
    void shouldBoundLengthsBeforeAnythingIsCollected() {
        for (int length : new int[] {-1, 0, Integer.MAX_VALUE, (64 << 10) + 1}) {
            TcpProgram program = open();
            program.socket.write(Buffer.buffer().appendInt(length).appendString("x"));
            program.awaitClosed();
        }
        assertThat(refused("too_large")).isEqualTo(4);
        TcpProgram known = open();
        known.send("send", Addresses.NODES, "r1", ANALYST, "LIST");
        known.next("r1");
        TcpProgram other = open();
        other.send("send", Addresses.NODES, "r1", ANALYST, "LIST");
        other.next("r1");
        // Announced together, they are more than all programs may have on the way.
        known.socket.write(Buffer.buffer().appendInt(128 << 10)).await();
        await().atMost(PATIENCE).until(() -> metric("hindsight_bridge_partial_bytes") == 128 << 10);
        other.socket.write(Buffer.buffer().appendInt(128 << 10));
        other.awaitClosed();
        assertThat(refused("partial")).isEqualTo(1);
        known.socket.close();
        await().atMost(PATIENCE).until(() -> metric("hindsight_bridge_partial_bytes") == 0);
        TcpProgram malformed = open();
        malformed.socket.write(Buffer.buffer().appendInt(2).appendString("[]"));
        malformed.awaitClosed();
        assertThat(refused("malformed")).isEqualTo(1);
    }

    @Test
    void shouldEndAConnectionOfWhichNothingIsHeard() throws IOException {
        restart(limits(LONG, Duration.ofSeconds(3)));
        TcpProgram program = open();
        program.send("send", Addresses.NODES, "r1", ANALYST, "LIST");
        program.awaitClosed();
        assertThat(refused("silent")).isEqualTo(1);
    }

    @Test
    void shouldEndAConnectionThatTakesNothingAndRefuseMoreThanThereIsRoomFor() {
        TcpProgram slow = open();
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
            TcpProgram one = open();
            one.send("send", Addresses.NODES, "r1", ANALYST, "LIST");
            one.next("r1");
        }
        open().awaitClosed();
        assertThat(refused("too_many")).isEqualTo(1);
    }

    @Test
    void shouldReadTheNextMessageWhenTheOneBeforeIsSettled() {
        Objects.requireNonNull(api).close();
        LateAuthenticator late =
                new LateAuthenticator(Map.of(ANALYST, Caller.ofUser("anna", Role.ANALYST.permissions())));
        HubConfig config = HubConfig.withDefaults(folder, 0).withTcpBridge(port);
        api = new TestApi(vertx, config, HttpLimits.DEFAULTS, List.of(late));
        TcpProgram program = open();
        for (String reply : List.of("r1", "r2")) {
            program.send("send", Addresses.NODES, reply, ANALYST, "LIST");
        }
        await().atMost(PATIENCE).until(() -> late.asked.size() == 1);
        assertThat(program.received).isEmpty();
        late.asked.removeFirst().run();
        program.next("r1");
        late.unreachable = true;
        await().atMost(PATIENCE).until(() -> late.asked.size() == 1);
        late.asked.removeFirst().run();
        assertThat(program.next("r2").getInteger("failureCode")).isEqualTo(ErrorCode.UPSTREAM_UNREACHABLE.number());
        late.unreachable = false;
        program.send("send", Addresses.NODES, "r3", ANALYST, "LIST");
        await().atMost(PATIENCE).until(() -> late.asked.size() == 1);
        late.asked.removeFirst().run();
        program.next("r3");
    }

    @Test
    void shouldShowTheCertificateThatTheHubShowsByThen() throws IOException {
        Objects.requireNonNull(api).close();
        TestCertificates made = new TestCertificates(Files.createDirectory(folder.resolve("made")));
        Path certificate = folder.resolve("tls.crt");
        Path key = folder.resolve("tls.key");
        use(made.issued("first", "SAN=ip:127.0.0.1"), certificate, key);
        HubConfig config =
                TestApi.with(
                                HubConfig.withDefaults(folder, 0),
                                folder.resolve("tokens"),
                                new TlsFiles(certificate, key, null))
                        .withTcpBridge(port);
        api = new TestApi(vertx, config, HttpLimits.DEFAULTS, LIMITS);
        NetClient trusting =
                programs.createNetClient(
                        new NetClientOptions()
                                .setSsl(true)
                                .setHostnameVerificationAlgorithm("HTTPS")
                                .setTrustOptions(new PemTrustOptions().addCertPath(made.authority().toString())));
        TcpProgram program = TcpProgram.open(trusting, port);
        program.send("send", Addresses.NODES, "r1", ANALYST, "LIST");
        program.next("r1");
        assertThat(subject(trusting)).contains("first");
        TcpProgram plain = open();
        plain.send("send", Addresses.NODES, "r1", ANALYST, "LIST");
        plain.awaitClosed();
        assertThat(plain.received).isEmpty();

        use(made.issued("second", "SAN=ip:127.0.0.1"), certificate, key);
        await().atMost(Duration.ofSeconds(30)).until(() -> subject(trusting).contains("second"));
    }

    private static void use(TestCertificates.Pem pem, Path certificate, Path key) throws IOException {
        Files.copy(pem.certificate(), certificate, StandardCopyOption.REPLACE_EXISTING);
        Files.copy(pem.key(), key, StandardCopyOption.REPLACE_EXISTING);
    }

    private String subject(NetClient trusting) throws SSLPeerUnverifiedException {
        NetSocket socket = trusting.connect(port, "127.0.0.1").await();
        try {
            return ((X509Certificate) socket.peerCertificates().getFirst()).getSubjectX500Principal().getName();
        } finally {
            socket.close().await();
        }
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
