package io.hindsight.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.testing.Root;
import io.hindsight.testing.Tools;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many snapshots of overlapping windows while much is recorded: each whole, each loss told, memory in its bounds. */
class LoadIT {
    private static final int SNAPSHOTS = 20;

    /** What {@code ./hindsight up} gives the JVM, see PackagedProgram; the old generation never comes near it. */
    private static final long HEAP_LIMIT_BYTES = 512L << 20;

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    @SuppressWarnings("NullAway.Init")
    private Traffic traffic;

    @BeforeEach
    void connect() throws IOException {
        Root.require("network namespaces and raw sockets");
        Tools.require("ip", "iperf3", "ss", "python3", "trafgen", "curl");
        traffic = new Traffic(folder);
    }

    @AfterEach
    void disconnect() {
        if (traffic != null) {
            traffic.close();
        }
    }

    @Test
    void shouldTakeTwentySnapshotsAtOnceWhileTrafficFlows() throws Exception {
        String[] options = {"--interface", "hsa", "--storage-size", "256Mi", "--slot-size", "1Mi"};
        try (RunningProgram program = RunningProgram.up(traffic.here(), folder.resolve("data"), options)) {
            Api api = program.api();
            Instant from = Instant.now();
            traffic.burst(20_000);
            List<String> ids = new ArrayList<>();
            try (Iperf load = traffic.load("40M", 60)) {
                for (int i = 0; i < SNAPSHOTS; i++) {
                    ids.add(api.create(from, Instant.now()));
                }
                for (String id : ids) {
                    verify(api, api.ended(id));
                }
                assertThat(load.running()).as("traffic flowed all the while").isTrue();
            }
            assertThat(heapUsedBytes(api)).isBetween(1L, HEAP_LIMIT_BYTES);
            shouldAccountForEveryPacket(api);
        }
    }

    /** A kernel buffer far too small for the burst: how much is lost is the machine's affair, that it is told is ours. */
    @Test
    void shouldTellHowManyPacketsTheKernelDropped() throws Exception {
        String[] options = {"--interface", "hsa", "--storage-size", "256Mi", "--kernel-buffer", "2Mi"};
        try (RunningProgram program = RunningProgram.up(traffic.here(), folder.resolve("data"), options)) {
            Api api = program.api();
            Instant from = Instant.now();
            traffic.burst(200_000);
            traffic.marker("hsb", "a packet after the loss, which carries its number");
            shouldAccountForEveryPacket(api);
            JsonObject snapshot = api.snapshot(from, Instant.now());
            JsonObject node = snapshot.getJsonArray("nodes").getJsonObject(0);
            assertThat(node.getLong("packets") + sum(node.getJsonObject("drops"))).isEqualTo(carried());
        }
    }

    private static void verify(Api api, JsonObject snapshot) {
        assertThat(snapshot.getString("state")).as(snapshot.encode()).isEqualTo("COMPLETE");
        JsonObject node = snapshot.getJsonArray("nodes").getJsonObject(0);
        assertThat(node.getLong("packets") + sum(node.getJsonObject("drops"))).isGreaterThanOrEqualTo(20_000);
        JsonObject report = api.request("POST", "snapshots/" + snapshot.getString("id") + "/verify").json();
        assertThat(report.getBoolean("intact")).as(report.encode()).isTrue();
    }

    /** What the interface carried is what was recorded and what was reported lost; nothing vanishes unsaid. */
    private void shouldAccountForEveryPacket(Api api) {
        await().untilAsserted(() -> {
            JsonObject source = api.source();
            assertThat(source.getLong("records") + sum(source.getJsonObject("drops"))).isEqualTo(carried());
        });
    }

    private static long sum(JsonObject drops) {
        return drops.stream().mapToLong(each -> ((Number) each.getValue()).longValue()).sum();
    }

    /** Packets in both directions, by the interface's own count. */
    private long carried() {
        JsonArray links = new JsonArray(traffic.here().run("ip", "-j", "-s", "link", "show", "hsa").stdout());
        JsonObject statistics = links.getJsonObject(0).getJsonObject("stats64");
        return statistics.getJsonObject("rx").getLong("packets") + statistics.getJsonObject("tx").getLong("packets");
    }

    private static long heapUsedBytes(Api api) {
        String metrics = api.request("GET", "/metrics").body();
        Matcher matcher = Pattern.compile("(?m)^jvm_memory_used_bytes\\{area=\"heap\".*} (\\S+)$").matcher(metrics);
        long sum = 0;
        while (matcher.find()) {
            sum += (long) Double.parseDouble(matcher.group(1));
        }
        return sum;
    }
}
