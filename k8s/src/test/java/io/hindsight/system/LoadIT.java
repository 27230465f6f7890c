package io.hindsight.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.testing.Root;
import io.hindsight.testing.Tools;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many snapshots of overlapping windows while much is recorded: each whole, each loss told, memory in its bounds. */
@Tag("alone")
class LoadIT {
    private static final int SNAPSHOTS = 20;
    private static final int FRAMES = 20_000;

    /** What {@code ./hindsight up} gives the JVM, see PackagedProgram; the old generation never comes near it. */
    private static final long HEAP_LIMIT_BYTES = 512L << 20;

    /** What a full collection leaves, whatever runs. */
    private static final long LIVE_HEAP_BUDGET_BYTES = 128L << 20;

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
            long dropsAlone = dropsUnderLoad(api, () -> traffic.burst(FRAMES));
            Instant from = Instant.now();
            long drops =
                    dropsUnderLoad(
                            api,
                            () -> {
                                traffic.burst(FRAMES);
                                takeSnapshots(api, from);
                            });
            assertThat(drops)
                    .as("packets lost beside snapshots, alone it lost " + dropsAlone)
                    .isLessThanOrEqualTo(dropsAlone);
            ProcessUse use = ProcessUse.of(program.process().toHandle());
            assertThat(use.liveHeapBytes()).as("%s", use).isLessThan(LIVE_HEAP_BUDGET_BYTES);
            assertThat(heapUsedBytes(api)).isBetween(1L, HEAP_LIMIT_BYTES);
            shouldAccountForEveryPacket(api);
        }
    }

    /** How many packets are lost while something happens and 40 Mbit/s of TCP flow. */
    private long dropsUnderLoad(Api api, Runnable what) throws IOException {
        long before = Api.sum(api.source().getJsonObject("drops"));
        try (Iperf load = traffic.load("40M", 60)) {
            what.run();
            assertThat(load.running()).as("traffic flowed all the while").isTrue();
        }
        shouldAccountForEveryPacket(api);
        return Api.sum(api.source().getJsonObject("drops")) - before;
    }

    private void takeSnapshots(Api api, Instant from) {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < SNAPSHOTS; i++) {
            ids.add(api.create(from, Instant.now()));
        }
        for (String id : ids) {
            verify(api, api.ended(id));
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
            assertThat(node.getLong("packets") + Api.sum(node.getJsonObject("drops"))).isEqualTo(traffic.carried());
        }
    }

    private void verify(Api api, JsonObject snapshot) {
        assertThat(snapshot.getString("state")).as(snapshot.encode()).isEqualTo("COMPLETE");
        JsonObject node = snapshot.getJsonArray("nodes").getJsonObject(0);
        assertThat(framesIn(api, snapshot) + Api.sum(node.getJsonObject("drops"))).isEqualTo(FRAMES);
        JsonObject report = api.request("POST", "snapshots/" + snapshot.getString("id") + "/verify").json();
        assertThat(report.getBoolean("intact")).as(report.encode()).isTrue();
    }

    /** The frames of the burst alone, of which we know the number. */
    private int framesIn(Api api, JsonObject snapshot) {
        Path export = api.export(snapshot.getString("id"), "?bpf=ether+proto+0x88b5", folder.resolve("frames.pcapng"));
        try {
            return CaptureFile.pcapng(export).size();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the interface carried is what was recorded and what was reported lost; nothing vanishes unsaid. */
    private void shouldAccountForEveryPacket(Api api) {
        await().untilAsserted(() -> {
            JsonObject source = api.source();
            assertThat(source.getLong("records") + Api.sum(source.getJsonObject("drops"))).isEqualTo(traffic.carried());
        });
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
