package io.hindsight.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.testing.Root;
import io.hindsight.testing.Tools;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Hub whose disk takes 5 MB/s: whoever waits for it waits with bounded memory, and goes on recording. */
class SlowHubIT {
    private static final int NODES = 3;
    private static final int SLOT_BYTES = 1 << 20;

    /** One chunk of 1 MiB in 600 ms for each of three files: 5 MiB a second together. */
    private static final String SLOWLY = "delay_exit=600000";

    private static final Duration HOW_LONG = Duration.ofSeconds(10);

    /** What the Hub may hold beside its heap at rest: {@code lane-memory}, and what the allocator and the threads need. */
    private static final long HUB_GROWTH_LIMIT_BYTES = 160L << 20;

    /** An agent's whole budget without the ring's pages. */
    private static final long AGENT_LIMIT_BYTES = 192L << 20;

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    @SuppressWarnings("NullAway.Init")
    private Cluster cluster;

    @BeforeEach
    void root() {
        Root.require("network namespaces and raw sockets");
        Tools.require("strace");
    }

    @AfterEach
    void tearDown() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    void shouldHoldEveryoneBackWithBoundedMemory() throws Exception {
        cluster = new Cluster(folder, NODES);
        List<String> options = List.of("--storage-size", "256Mi", "--slot-size", "1Mi", "--max-rate", "10Mi");
        cluster.start(List.of("--lane-memory", "64Mi"), options);
        Instant from = Instant.now();
        for (Cluster.Node node : cluster.nodes()) {
            node.traffic().bulk("90M");
        }
        Map<String, Long> dropsBefore = await().until(this::drops, drops -> drops.size() == NODES);
        ProcessHandle hub = cluster.hub().process().toHandle();
        ProcessUse atRest = ProcessUse.of(hub);
        String id = cluster.create(from, Instant.now());
        cluster.awaitUnderWay(id, SLOT_BYTES);
        try (Strace slow = new Strace(folder, hub, "write,writev,pwrite64,pwritev", SLOWLY, dataFiles())) {
            watch(atRest);
            assertThat(slow.text()).as("writes were slowed down").contains("writ");
            assertThat(cluster.api().request("GET", "snapshots/" + id).json().getString("state"))
                    .isEqualTo("STREAMING");
        }

        JsonObject snapshot = cluster.api().ended(id);
        assertThat(snapshot.getString("state")).as(snapshot.encode()).isEqualTo("COMPLETE");
        await().untilAsserted(() -> assertThat(drops()).as("drops by node").isEqualTo(dropsBefore));
    }

    private void watch(ProcessUse atRest) throws IOException {
        Instant end = Instant.now().plus(HOW_LONG);
        while (Instant.now().isBefore(end)) {
            for (Cluster.Node node : cluster.nodes()) {
                node.traffic().raw("hsb");
                long agent = ProcessUse.anonymousBytes(node.agent().process().toHandle());
                assertThat(agent).as("%s, anonymous bytes", node.name()).isLessThan(AGENT_LIMIT_BYTES);
            }
            long hub = ProcessUse.anonymousBytes(cluster.hub().process().toHandle());
            assertThat(hub - atRest.anonymousBytes()).as("the Hub's growth").isLessThan(HUB_GROWTH_LIMIT_BYTES);
        }
    }

    /** Of those nodes whose word accounts for every packet that their interface has carried. */
    private Map<String, Long> drops() {
        Map<String, Long> drops = new TreeMap<>();
        for (Cluster.Node node : cluster.nodes()) {
            JsonObject source = cluster.source(node);
            long dropped = Api.sum(source.getJsonObject("drops"));
            if (source.getLong("records") + dropped == node.traffic().carried()) {
                drops.put(node.name(), dropped);
            }
        }
        return drops;
    }

    /** Of the snapshot that is being built. */
    private List<Path> dataFiles() {
        Path snapshots = cluster.hub().data().resolve("snapshots");
        return await().until(() -> dataFiles(snapshots), files -> files.size() == NODES);
    }

    private static List<Path> dataFiles(Path snapshots) {
        try (Stream<Path> files = Files.walk(snapshots, 2)) {
            return files.filter(file -> file.toString().endsWith(".pcapng")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
