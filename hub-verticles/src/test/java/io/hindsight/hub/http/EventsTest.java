package io.hindsight.hub.http;

import static io.hindsight.hub.http.HubDouble.snapshot;
import static io.hindsight.hub.http.TestApi.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.api.SnapshotState;
import io.hindsight.config.HubConfig;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Live events: what is replayed, what follows, and what a slow reader gets. */
final class EventsTest {
    private static final HttpLimits LIMITS =
            HttpLimits.DEFAULTS
                    .withConcurrency(100, 8, 3)
                    .withTimes(
                            Duration.ofSeconds(2),
                            Duration.ofSeconds(5),
                            Duration.ofMillis(300),
                            Duration.ofSeconds(2));

    private static final String HANDSHAKE =
            """
            GET /api/v1/events HTTP/1.1
            Host: localhost
            Connection: Upgrade
            Upgrade: websocket
            Sec-WebSocket-Version: 13
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==

            """;

    @TempDir private Path folder = Path.of("");

    private final Vertx vertx = Vertx.vertx();
    private final WebSocketClient client = vertx.createWebSocketClient();
    private TestApi api;
    private HubDouble hub;

    @BeforeEach
    void start() {
        hub = new HubDouble(vertx);
        api = new TestApi(vertx, HubConfig.withDefaults(folder, 0), LIMITS);
    }

    @AfterEach
    void stop() {
        api.close();
        vertx.close().await();
    }

    /** A reader that keeps what it gets. */
    private static final class Reader {
        final List<JsonObject> events = new CopyOnWriteArrayList<>();
        final WebSocket socket;

        Reader(WebSocket socket) {
            this.socket = socket;
            socket.textMessageHandler(text -> events.add(new JsonObject(text)));
            socket.exceptionHandler(failure -> events.add(new JsonObject().put("type", "failure")));
        }

        List<String> seen() {
            return events.stream().map(Reader::word).toList();
        }

        private static String word(JsonObject event) {
            return switch (event.getString("type")) {
                case "snapshot" ->
                        event.getJsonObject("snapshot").getString("id")
                                + " "
                                + event.getJsonObject("snapshot").getLong("bytes");
                case "node" -> event.getJsonObject("node").getString("node");
                default -> event.getString("type") + " " + event.getString("id");
            };
        }
    }

    private Reader connect() {
        WebSocketConnectOptions options =
                new WebSocketConnectOptions().setHost("127.0.0.1").setPort(api.port()).setURI("/api/v1/events");
        // On the event loop, before the first message can come.
        return client.connect(options).map(Reader::new).await();
    }

    @Test
    void shouldReplayWhatRunsAndThenFollow() {
        hub.snapshots.put("running", snapshot("running", SnapshotState.STREAMING, 5));
        hub.snapshots.put("done", snapshot("done", SnapshotState.COMPLETE, 9));
        hub.nodes = List.of(Heartbeats.status("node-a", Heartbeats.source(0)));
        Reader reader = connect();
        await().untilAsserted(() -> assertThat(reader.seen()).containsExactly("running 5", "node-a"));

        hub.publish(snapshot("running", SnapshotState.STREAMING, 6));
        await().untilAsserted(() -> assertThat(reader.seen()).contains("running 6"));
        hub.publishDeleted("running");
        await().untilAsserted(() -> assertThat(reader.seen()).contains("deleted running"));
        // Longer than a connection may be idle: the pings, and that it is not idle, keep it.
        await().pollDelay(Duration.ofSeconds(4)).until(() -> true);
        hub.publish(snapshot("running", SnapshotState.COMPLETE, 7));
        await().untilAsserted(() -> assertThat(reader.seen()).contains("running 7"));
    }

    @Test
    void shouldSendAtMostTenASecondAndAlwaysTheLast() {
        Reader reader = connect();
        await().until(() -> readers() == 1);
        for (int i = 1; i <= 2_000; i++) {
            hub.publish(snapshot("busy", SnapshotState.STREAMING, i));
        }
        await().untilAsserted(() -> assertThat(reader.seen()).contains("busy 2000"));
        assertThat(reader.events).hasSizeLessThan(200);
    }

    private double readers() {
        return metric("hindsight_events_clients");
    }

    private double metric(String name) {
        return new String(api.get("/metrics").body(), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElse(-1);
    }

    @Test
    void shouldDropStepsNotMemoryForASlowReaderAndDisconnectOneThatTakesNothing() throws IOException {
        Reader quick = connect();
        try (Socket slow = new Socket(InetAddress.getLoopbackAddress(), api.port())) {
            slow.setReceiveBufferSize(4 << 10);
            slow.getOutputStream().write(HANDSHAKE.replace("\n", "\r\n").getBytes(StandardCharsets.ISO_8859_1));
            await().until(() -> readers() == 2);
            double connections = metric("hindsight_http_connections");
            String large = "x".repeat(200_000);
            long timer =
                    vertx.setPeriodic(
                            5,
                            tick -> {
                                for (int i = 0; i < 5; i++) {
                                    hub.publish(
                                            snapshot(
                                                    "s" + i + "-" + large, SnapshotState.STREAMING, System.nanoTime()));
                                }
                            });
            await().atMost(Duration.ofSeconds(30)).until(() -> metric("hindsight_events_superseded_total") > 50);
            assertThat(metric("hindsight_events_longest_queue")).isLessThanOrEqualTo(5);
            await().atMost(Duration.ofSeconds(30)).until(() -> metric("hindsight_events_clients_stalled_total") == 1);
            vertx.cancelTimer(timer);
            assertThat(readers()).isEqualTo(1);
            await().until(() -> metric("hindsight_http_connections") == connections - 1);
            hub.publish(snapshot("after", SnapshotState.STREAMING, 1));
            await().untilAsserted(() -> assertThat(quick.seen()).contains("after 1"));
        }
    }

    @Test
    void shouldBoundTheNumberOfReaders() {
        List<Reader> readers = List.of(connect(), connect(), connect());
        await().until(() -> readers() == 3);
        assertProblem(api.get("/api/v1/events"), 429, "TOO_MANY_REQUESTS", null);
        readers.getFirst().socket.close().await();
        await().until(() -> readers() == 2);
        connect();
        await().until(() -> readers() == 3);
    }

    @Test
    void shouldSendTheSameToCurl() throws IOException, InterruptedException {
        hub.snapshots.put("running", snapshot("running", SnapshotState.STREAMING, 5));
        hub.nodes = List.of(Heartbeats.status("node-a", Heartbeats.source(0)));
        Process curl =
                new ProcessBuilder("curl", "-sN", "--compressed", "-i", api.uri("/api/v1/events").toString()).start();
        try (BufferedReader lines = curl.inputReader(StandardCharsets.UTF_8)) {
            List<String> seen = new CopyOnWriteArrayList<>();
            Thread reader = Thread.ofVirtual().start(() -> lines.lines().forEach(seen::add));
            await().untilAsserted(() ->
                    assertThat(seen)
                            .contains("content-type: text/event-stream", "event: snapshot", "event: node", ": ping")
                            .doesNotContain("content-encoding: gzip"));
            hub.publish(snapshot("running", SnapshotState.COMPLETE, 8));
            await().untilAsserted(() ->
                    assertThat(seen).anyMatch(line -> line.startsWith("data: ") && line.contains("\"bytes\":8")));
            curl.destroy();
            reader.join();
        } finally {
            curl.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
        await().until(() -> readers() == 0);
    }

    @Test
    void shouldRefuseAPageThatIsNotItsOwn() {
        WebSocketConnectOptions options =
                new WebSocketConnectOptions()
                        .setHost("127.0.0.1")
                        .setPort(api.port())
                        .setURI("/api/v1/events")
                        .putHeader(HttpHeaders.ORIGIN.toString(), "http://evil.example");
        assertThat(client.connect(options).map("connected").otherwise(Throwable::getMessage).await()).contains("403");
        options.putHeader(HttpHeaders.ORIGIN.toString(), "http://127.0.0.1:" + api.port());
        assertThat(client.connect(options).map("connected").otherwise(Throwable::getMessage).await()).isNotEmpty();
    }
}
