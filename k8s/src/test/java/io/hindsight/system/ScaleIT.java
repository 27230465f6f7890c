package io.hindsight.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One Hub and many agents, each with a link and lanes: a storm of connections, rest, a snapshot over all, and a Hub that is killed and comes back. The property
 * {@code hindsight.scale.agents} says how many; {@code -Pendurance} takes five hundred. It prints its figures.
 */
class ScaleIT {
    private static final int AGENTS_OF_A_PROCESS = 125;
    private static final int PACKETS = 1_000;
    private static final int PACKET_BYTES = 600;
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Duration REST = Endurance.duration("scale.rest", Duration.ofSeconds(4));
    private static final long HEAP_LIMIT = 512L << 20;

    private final int agents = Endurance.rounds("scale.agents", 16);
    private final List<FarmProcess> farms = new ArrayList<>();

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    @SuppressWarnings("NullAway.Init")
    private RunningProgram hub;

    @AfterEach
    void end() {
        farms.forEach(FarmProcess::close);
        if (hub != null) {
            hub.close();
        }
    }

    @Test
    void shouldHoldAllAgents() throws Exception {
        int port = freePort();
        Instant from = Instant.now().minusSeconds(60);
        Path packets = packets(from.plusSeconds(1));
        startFarms("http://127.0.0.1:" + port, packets);

        // All agents have been dialling in vain: the storm.
        long began = System.nanoTime();
        startHub(port);
        awaitAllReachable();
        print("storm", began);

        assertNoHeartbeatIsLost();

        began = System.nanoTime();
        assertEverythingIsFrozen(from);
        print("snapshot", began);

        hub.end(true);
        began = System.nanoTime();
        startHub(port);
        awaitAllReachable();
        print("restart", began);
        assertEverythingIsFrozen(from);
        print("again", began);
    }

    private void startFarms(String url, Path packets) throws IOException {
        for (int first = 0; first < agents; first += AGENTS_OF_A_PROCESS) {
            farms.add(new FarmProcess(url, folder, packets, first, Math.min(AGENTS_OF_A_PROCESS, agents - first)));
        }
        for (FarmProcess farm : farms) {
            farm.awaitStarted();
        }
    }

    private void startHub(int port) throws IOException {
        hub = RunningProgram.hubHere(folder.resolve("hub"), port, List.of("--node-patience", "30s"));
    }

    private void awaitAllReachable() {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(500)).until(() -> reachable() == agents);
    }

    private long reachable() throws IOException {
        return hub.api().request("GET", "nodes").json().getJsonArray("nodes").stream()
                .filter(node -> ((JsonObject) node).getBoolean("reachable"))
                .count();
    }

    /** Every heartbeat that the agents sent in a while of rest is an event of the Hub. */
    private void assertNoHeartbeatIsLost() throws Exception {
        AtomicInteger heard = new AtomicInteger();
        long fromMs = System.currentTimeMillis() + 2_000;
        long toMs = fromMs + REST.toMillis();
        long cpuBefore = cpuMs();
        HttpRequest events = HttpRequest.newBuilder(URI.create(hub.address() + "/api/v1/events")).build();
        try (HttpClient client = HttpClient.newHttpClient();
                Stream<String> lines = client.send(events, HttpResponse.BodyHandlers.ofLines()).body()) {
            lines.filter(line -> line.startsWith("data:"))
                    .map(line -> new JsonObject(line.substring("data:".length())))
                    .takeWhile(event -> System.currentTimeMillis() < toMs + 2_000)
                    .filter(event -> "node".equals(event.getString("type")))
                    .mapToLong(event -> event.getJsonObject("node").getInstant("time").toEpochMilli())
                    .filter(time -> time >= fromMs && time < toMs)
                    .forEach(time -> heard.incrementAndGet());
            client.shutdownNow();
        }
        System.out.println("scale rest cpuMs=" + (cpuMs() - cpuBefore) + " of ms=" + (REST.toMillis() + 4_000));
        long sent = 0;
        for (FarmProcess farm : farms) {
            sent += farm.sent(fromMs, toMs);
        }
        assertThat(sent).as("heartbeats sent").isGreaterThan(agents * (REST.toSeconds() - 1));
        assertThat((long) heard.get()).as("heartbeats that the Hub heard").isEqualTo(sent);
    }

    private void assertEverythingIsFrozen(Instant from) throws Exception {
        String id = hub.api().create(from, from.plusSeconds(59));
        JsonObject snapshot =
                await().atMost(PATIENCE)
                        .pollInterval(Duration.ofMillis(500))
                        .until(
                                () -> hub.api().request("GET", "snapshots/" + id).json(),
                                shown -> shown.getString("endedAt") != null);
        assertThat(snapshot.getString("state")).as("%s", snapshot.getJsonObject("error")).isEqualTo("COMPLETE");
        assertThat(snapshot.getLong("packets")).isEqualTo((long) agents * PACKETS);
        assertThat(snapshot.getJsonArray("nodes")).hasSize(agents);
    }

    private void print(String step, long beganNs) throws IOException {
        long tookMs = (System.nanoTime() - beganNs) / 1_000_000;
        ProcessUse use = ProcessUse.of(hub.process().toHandle());
        System.out.println(
                "scale agents=" + agents + " step=" + step + " ms=" + tookMs + " cpuMs=" + cpuMs() + " hub: " + use);
        assertThat(use.liveHeapBytes()).as("what the Hub keeps").isLessThan(HEAP_LIMIT);
    }

    private long cpuMs() {
        return hub.process().toHandle().info().totalCpuDuration().orElseThrow().toMillis();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** A pcap file with nanoseconds. */
    private Path packets(Instant first) throws IOException {
        ByteBuffer file = ByteBuffer.allocate(24 + PACKETS * (16 + PACKET_BYTES)).order(ByteOrder.LITTLE_ENDIAN);
        file.putInt(0xa1b23c4d).putShort((short) 2).putShort((short) 4).putInt(0).putInt(0).putInt(65_535).putInt(1);
        for (int i = 0; i < PACKETS; i++) {
            file.putInt((int) first.getEpochSecond()).putInt(i * 1_000).putInt(PACKET_BYTES).putInt(PACKET_BYTES);
            file.position(file.position() + PACKET_BYTES);
        }
        return Files.write(folder.resolve("packets.pcap"), file.array());
    }
}
