package io.hindsight.hub.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.bus.ChunkCodec;
import io.hindsight.bus.LinkProtocol;
import io.hindsight.chunk.Chunk;
import io.hindsight.chunk.NodeId;
import io.hindsight.config.HubConfig;
import io.hindsight.hub.lane.LaneOrder;
import io.hindsight.hub.testing.TestChunks;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lanes behind everything that a request passes. */
final class LaneRoutesTest {
    private static final String TOKEN = "correct-horse-battery-staple";
    private static final String ADDRESS = "hindsight.chunks.node-a/snapshot-1.1";

    @TempDir private Path folder = Path.of("");

    private final Vertx vertx = Vertx.vertx();
    private final AtomicInteger chunks = new AtomicInteger();

    LaneRoutesTest() {
        vertx.eventBus().registerCodec(new ChunkCodec());
        vertx.eventBus()
                .localConsumer(
                        ADDRESS,
                        message -> {
                            if (message.body() instanceof Chunk chunk) {
                                chunk.release();
                                chunks.incrementAndGet();
                            }
                        });
    }

    @AfterEach
    void stop() {
        vertx.close().await();
    }

    private TestApi api(HttpLimits limits) throws IOException {
        Path tokens = Files.writeString(folder.resolve("tokens"), TOKEN + "\n");
        HubConfig plain = HubConfig.withDefaults(folder, 0);
        HubConfig config =
                new HubConfig(
                        plain.snapshotDirectory(),
                        plain.host(),
                        0,
                        tokens,
                        plain.maxConcurrentSnapshots(),
                        plain.streamCredit(),
                        plain.syncInterval(),
                        plain.syncBytes(),
                        plain.reserveFree(),
                        plain.scrubRate(),
                        plain.scrubInterval(),
                        plain.tls(),
                        plain.insecure(),
                        plain.laneMemory(),
                        plain.nodePatience());
        return new TestApi(vertx, config, limits);
    }

    private static String order(TestApi api) {
        return api.laneTokens().issue(new LaneOrder("snapshot-1", new NodeId("node-a"), ADDRESS, 1 << 20));
    }

    private static String head(String joinToken, String laneToken) {
        return "GET "
                + LinkProtocol.LANE_PATH
                + " HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: "
                + LinkProtocol.LANE_UPGRADE
                + "\r\nAuthorization: Bearer "
                + joinToken
                + "\r\n"
                + LinkProtocol.LANE_HEADER
                + ": "
                + laneToken
                + "\r\n\r\n";
    }

    private static Socket lane(TestApi api, String laneToken) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), api.port());
        socket.setSoTimeout(10_000);
        socket.getOutputStream().write(head(TOKEN, laneToken).getBytes(StandardCharsets.US_ASCII));
        byte[] status = socket.getInputStream().readNBytes("HTTP/1.1 101".length());
        assertThat(new String(status, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 101");
        return socket;
    }

    @Test
    void shouldAskForTheJoinTokenBeforeItLooksAtTheLanes() throws IOException {
        new HubDouble(vertx);
        try (TestApi api = api(HttpLimits.DEFAULTS)) {
            String token = order(api);
            String refused =
                    RawHttp.exchange(
                            api.port(),
                            head("not-the-token-of-this-hub", token)
                                    .replace("Connection: Upgrade", "Connection: close"));
            assertThat(RawHttp.status(refused)).isEqualTo(401);
            assertThat(RawHttp.json(refused).getString("field")).isEqualTo("Authorization");
            try (Socket lane = lane(api, token)) {
                lane.getOutputStream().write(TestChunks.packets("node-a", 1, 10).getFirst());
                await().until(() -> chunks.get() == 1);
            }
        }
    }

    @Test
    void shouldAnswerAWrongLaneTokenWithAProblemAndCountIt() throws IOException {
        new HubDouble(vertx);
        try (TestApi api = api(HttpLimits.DEFAULTS)) {
            String token = order(api);
            try (Socket lane = lane(api, token);
                    Socket replay = new Socket(InetAddress.getLoopbackAddress(), api.port())) {
                replay.setSoTimeout(10_000);
                replay.getOutputStream().write(head(TOKEN, token).getBytes(StandardCharsets.US_ASCII));
                StringBuilder answer = new StringBuilder();
                while (answer.indexOf("}") < 0) {
                    answer.append((char) replay.getInputStream().read());
                }
                assertThat(RawHttp.status(answer.toString())).isEqualTo(403);
                assertThat(RawHttp.json(answer.toString()).getString("code")).isEqualTo("FORBIDDEN");
                assertThat(RawHttp.json(answer.toString()).getString("field")).isEqualTo("Hindsight-Lane");
                String metrics = metrics(api);
                assertThat(metrics)
                        .contains("hindsight_lane_refusals_total{cause=\"used-token\"} 1.0")
                        .contains("hindsight_lane_refusals_total{cause=\"bytes\"} 0.0")
                        .contains("hindsight_lanes_open 1.0")
                        .contains("hindsight_lanes_waiting 0.0")
                        .contains("hindsight_lane_memory_used_bytes 0.0");
                byte[] chunk = TestChunks.packets("node-a", 1, 10).getFirst();
                lane.getOutputStream().write(chunk);
                await().until(() -> chunks.get() == 1);
                assertThat(metrics(api))
                        .contains("hindsight_channel_received_bytes_total " + (double) chunk.length)
                        .contains("hindsight_channel_received_chunks_total 1.0");
            }
        }
    }

    private static String metrics(TestApi api) {
        return new String(api.get("/metrics", "Authorization", "Bearer " + TOKEN).body(), StandardCharsets.UTF_8);
    }

    @Test
    void shouldNotTakeALaneForAnIdleConnection() throws IOException {
        new HubDouble(vertx);
        Duration idle = Duration.ofSeconds(1);
        try (TestApi api = api(HttpLimits.DEFAULTS.withTimes(idle, idle, idle, idle))) {
            try (Socket lane = lane(api, order(api));
                    Socket halfARequest = new Socket(InetAddress.getLoopbackAddress(), api.port())) {
                halfARequest.setSoTimeout(10_000);
                halfARequest
                        .getOutputStream()
                        .write(head(TOKEN, "x").substring(0, 60).getBytes(StandardCharsets.US_ASCII));
                assertThat(halfARequest.getInputStream().read())
                        .as("an upgrade that trickles in is ended")
                        .isEqualTo(-1);
                await().pollDelay(Duration.ofSeconds(2)).until(() -> true);
                lane.getOutputStream().write(TestChunks.packets("node-a", 1, 10).getFirst());
                await().until(() -> chunks.get() == 1);
            }
        }
    }
}
