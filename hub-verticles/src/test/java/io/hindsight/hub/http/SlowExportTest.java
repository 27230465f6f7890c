package io.hindsight.hub.http;

import static io.hindsight.hub.http.TestApi.assertProblem;
import static io.hindsight.hub.http.TestApi.header;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotState;
import io.hindsight.hub.testing.TestChunks;
import io.hindsight.hub.testing.TestHub;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that are slow, stop reading, or go away in the middle of an export. */
final class SlowExportTest {
    private static final HttpLimits LIMITS =
            HttpLimits.DEFAULTS
                    .withConcurrency(100, 2, 3)
                    .withTimes(
                            Duration.ofSeconds(60),
                            Duration.ofSeconds(5),
                            Duration.ofSeconds(5),
                            Duration.ofSeconds(2));

    @TempDir private Path folder = Path.of("");

    private TestHub hub;
    private TestApi api;
    private String path;

    @BeforeEach
    void start() {
        hub = new TestHub(folder);
        api = new TestApi(hub.vertx(), TestHub.config(folder, 32, 32L << 20), LIMITS);
        for (String node : new String[] {"node-a", "node-b"}) {
            // Far more than the buffers of both sockets hold.
            hub.agent(node, TestChunks.packets(node, 10, 8_000));
        }
        Heartbeats.send(hub.vertx(), "node-a", Heartbeats.source(0));
        Snapshot ended = hub.ended(hub.create(TestHub.everything("large")).id());
        assertThat(ended.state()).as(String.valueOf(ended.error())).isEqualTo(SnapshotState.COMPLETE);
        path = "/api/v1/snapshots/" + ended.id() + "/pcap";
    }

    @AfterEach
    void stop() {
        api.close();
        hub.close();
    }

    /** A client that asks and reads nothing. */
    private Socket ask(String query) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(16 << 10);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), api.port()));
        socket.getOutputStream()
                .write(
                        ("GET " + path + query + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
                                .getBytes(StandardCharsets.ISO_8859_1));
        return socket;
    }

    private long running() {
        return new String(api.get("/metrics").body(), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith("hindsight_exports_active "))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(25)))
                .findFirst()
                .orElse(-1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "?nodes=node-a"})
    void shouldGiveThePlaceBackWhenAClientGoes(String query) throws IOException {
        try (Socket client = ask(query)) {
            await().until(() -> running() == 1);
            assertThat(client.getInputStream().readNBytes(12))
                    .asString(StandardCharsets.ISO_8859_1)
                    .isEqualTo("HTTP/1.1 200");
        }
        await().until(() -> running() == 0);
        assertThat(api.get(path + query).statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "?nodes=node-a"})
    void shouldBreakOffWhenAClientTakesNothing(String query) throws IOException {
        try (Socket client = ask(query)) {
            await().until(() -> running() == 1);
            await().atMost(Duration.ofSeconds(20)).until(() -> running() == 0);
            assertThat(client.isConnected()).isTrue();
        }
    }

    @Test
    void shouldBoundTheExportsAtOnce() throws IOException {
        try (Socket first = ask("");
                Socket second = ask("?nodes=node-a")) {
            await().until(() -> running() == 2);
            HttpResponse<byte[]> refused = api.get(path);
            assertProblem(refused, 429, "TOO_MANY_REQUESTS", null);
            assertThat(header(refused, "Retry-After")).isNotEmpty();
            assertThat(first.isConnected() && second.isConnected()).isTrue();
        }
        await().until(() -> running() == 0);
        assertThat(api.get(path).statusCode()).isEqualTo(200);
    }
}
