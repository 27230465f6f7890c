package io.hindsight.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.testing.Root;
import io.hindsight.time.EpochNanos;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many nodes, one Hub: what independent tcpdumps on the nodes saw is in the snapshot, whatever breaks on the way. */
class ClusterIT {
    private static final String END = "the end of the traffic";
    private static final String FRAMES_ONLY = "?bpf=ether+proto+0x88b5";
    private static final long MEBIBYTE = 1L << 20;

    /** So slow that a snapshot of some MiB takes long enough to be disturbed. */
    private static final List<String> SLOW =
            List.of("--storage-size", "64Mi", "--slot-size", "256Ki", "--max-rate", "1Mi");

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    @SuppressWarnings("NullAway.Init")
    private Cluster cluster;

    @BeforeEach
    void root() {
        Root.require("network namespaces and raw sockets");
    }

    @AfterEach
    void tearDown() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    void shouldExportTheUnionOfWhatTheNodesSaw() throws Exception {
        cluster = new Cluster(folder, 5);
        cluster.start(List.of(), List.of("--storage-size", "128Mi"));
        List<Tcpdump> witnesses = new ArrayList<>();
        try {
            for (Cluster.Node node : cluster.nodes()) {
                witnesses.add(new Tcpdump(node.traffic().here(), node.folder(), "hsa", 0));
            }
            Instant from = Instant.now();
            for (Cluster.Node node : cluster.nodes()) {
                send(node);
            }
            for (Tcpdump witness : witnesses) {
                witness.awaitPacket(END);
            }
            Instant to = Instant.now();
            String id = complete(cluster.create(from, to));
            Path export = cluster.api().export(id, "", folder.resolve("export.pcapng"));
            List<Packet> witnessed = new ArrayList<>();
            for (Tcpdump witness : witnesses) {
                witnessed.addAll(within(from, to, witness.packets()));
            }
            List<Packet> recorded = CaptureFile.pcapng(export);
            assertThat(recorded).isSortedAccordingTo(Comparator.comparingLong(Packet::timestampNs));
            assertThat(PacketDifference.between(witnessed, SocketStamps.aligned(witnessed, recorded)).text()).isEmpty();
            for (Cluster.Node node : cluster.nodes()) {
                assertThat(recorded).as(node.name()).anyMatch(packet -> holds(packet, "sent to " + node.name()));
            }
        } finally {
            witnesses.forEach(Tcpdump::close);
        }
    }

    /** Of every kind, and different on each node. */
    private static void send(Cluster.Node node) throws IOException, InterruptedException {
        node.traffic().mixed();
        node.traffic().burst(2_000);
        node.traffic().bulk("2M");
        node.traffic().marker("hsb", "sent to " + node.name());
        node.traffic().marker("hsb", END);
    }

    @Test
    void shouldGoOnWhenAnAgentIsKilledAndComesBack() throws Exception {
        Instant from = slowClusterWithHistory(2);
        String id = cluster.create(from, Instant.now());
        cluster.awaitUnderWay(id, MEBIBYTE);
        cluster.node(1).killAgent();
        cluster.node(1).startAgent();

        complete(id);
        assertEveryFrameIsThereOnce(id, 2);
    }

    @Test
    void shouldSealWhatCameOfANodeThatStaysAway() throws Exception {
        Instant from = slowClusterWithHistory(2, "--node-patience", "3s");
        Instant to = Instant.now();
        String id = cluster.create(from, to);
        cluster.awaitUnderWay(id, MEBIBYTE);
        cluster.node(2).killAgent();

        JsonObject snapshot = cluster.api().ended(id);

        assertThat(snapshot.getString("state")).as(snapshot.encode()).isEqualTo("PARTIAL");
        JsonObject lost = Cluster.parts(snapshot).get(1);
        assertThat(Cluster.parts(snapshot).get(0).getString("state")).isEqualTo("COMPLETE");
        assertThat(lost.getString("state")).isEqualTo("FAILED");
        assertThat(lost.getJsonObject("error").getString("code")).isEqualTo("AGENT_UNREACHABLE");
        JsonObject gap = lost.getJsonArray("gaps").getJsonObject(lost.getJsonArray("gaps").size() - 1);
        assertThat(gap.getString("cause")).isEqualTo("NODE_UNREACHABLE");
        assertThat(gap.getInstant("to")).isEqualTo(to);
        assertThat(gap.getInstant("from")).isAfter(from);
        assertThat(lost.getLong("packets")).as("what had come is kept").isPositive();
        verify(id);
        assertThat(cluster.client("snapshot", "show", id).stdout()).contains("node-2", "NODE_UNREACHABLE");
    }

    @Test
    void shouldFailInsteadWhereAllNodesAreRequired() throws Exception {
        Instant from = slowClusterWithHistory(2, "--node-patience", "1s");
        JsonObject window =
                new JsonObject()
                        .put("from", from.toString())
                        .put("to", Instant.now().toString())
                        .put("requireAll", true);
        Api.Answer answer = cluster.api().post("snapshots", window);
        assertThat(answer.status()).as(answer.body()).isEqualTo(202);
        String id = answer.json().getString("id");
        cluster.awaitUnderWay(id, MEBIBYTE);
        cluster.node(2).killAgent();

        JsonObject snapshot = cluster.api().ended(id);

        assertThat(snapshot.getString("state")).as(snapshot.encode()).isEqualTo("FAILED");
        assertThat(snapshot.getJsonObject("error").getString("detail")).contains("node-2");
        assertThat(cluster.snapshotFolder(id)).doesNotExist();
    }

    @Test
    void shouldGoOnWhenTheHubIsKilledAndComesBack() throws Exception {
        Instant from = slowClusterWithHistory(2);
        String id = cluster.create(from, Instant.now());
        cluster.awaitUnderWay(id, MEBIBYTE);
        cluster.hub().end(true);
        cluster.startHub();

        complete(id);
        assertEveryFrameIsThereOnce(id, 2);
    }

    /** As a rollout does: told to end, and started again on the same folders, first the agent, then the Hub. */
    @Test
    void shouldLoseNeitherHistoryNorSessionWhenAgentAndHubAreRolled() throws Exception {
        List<String> packetsAlone = Stream.concat(SLOW.stream(), Stream.of("--os-events", "off")).toList();
        cluster = new Cluster(folder, 1);
        cluster.start(List.of(), packetsAlone);
        Instant from = Instant.now();
        cluster.node(1).traffic().bulk("6M");
        cluster.node(1).traffic().raw("hsb");
        Instant to = Instant.now();
        String id = cluster.create(from, to);
        cluster.awaitUnderWay(id, MEBIBYTE);
        assertThat(cluster.node(1).agent().end(false)).isZero();
        cluster.node(1).startAgent();
        cluster.awaitUnderWay(id, 2 * MEBIBYTE);
        assertThat(cluster.hub().end(false)).isZero();
        cluster.startHub();

        complete(id);
        assertEveryFrameIsThereOnce(id, 1);
        JsonObject later = cluster.api().snapshot(from, Instant.now());
        assertEveryFrameIsThereOnce(later.getString("id"), 1);
        assertThat(Cluster.parts(later).getFirst().getJsonArray("gaps").stream().map(JsonObject.class::cast))
                .as("the time without an agent, and nothing else: %s", later)
                .singleElement()
                .satisfies(gap -> assertThat(gap.getString("cause")).isEqualTo("NOT_RECORDED"))
                .satisfies(gap -> assertThat(gap.getInstant("from")).isAfterOrEqualTo(to));
    }

    @Test
    void shouldGoOnAfterTheLinkWasCut() throws Exception {
        Instant from = slowClusterWithHistory(2);
        String id = cluster.create(from, Instant.now());
        cluster.awaitUnderWay(id, MEBIBYTE);
        cluster.node(1).cut();
        Instant cutAt = Instant.now();
        await().atMost(Duration.ofSeconds(20)).until(() -> !cluster.reachable().contains("node-1"));
        await().atMost(Duration.ofSeconds(30)).until(() -> Instant.now().isAfter(cutAt.plusSeconds(20)));
        cluster.node(1).mend();

        complete(id);
        assertEveryFrameIsThereOnce(id, 2);
    }

    /** A small ring that packets have for themselves: what else this machine does would fill the share of events. */
    private static List<String> onlyPackets(String maxRate) {
        return List.of("--storage-size", "16Mi", "--slot-size", "256Ki", "--max-rate", maxRate, "--os-events", "off");
    }

    /** Pins hold half of the ring; what flows meanwhile takes the rest, again and again. */
    @Test
    void shouldKeepWhatIsPinnedWhileTheRingWraps() throws Exception {
        cluster = new Cluster(folder, 1);
        cluster.start(List.of(), onlyPackets("512Ki"));
        Cluster.Node node = cluster.node(1);
        Instant from = Instant.now();
        node.traffic().bulk("4M");
        node.traffic().raw("hsb");
        String id = cluster.create(from, Instant.now());
        cluster.awaitUnderWay(id, MEBIBYTE / 2);
        node.traffic().bulk("40M");

        complete(id);
        assertEveryFrameIsThereOnce(id, 1);
    }

    /** More is asked for than pins may hold: what is given up is told to the record. */
    @Test
    void shouldTellExactlyWhatTheRingLost() throws Exception {
        cluster = new Cluster(folder, 1);
        cluster.start(List.of(), onlyPackets("1Mi"));
        Cluster.Node node = cluster.node(1);
        Instant from = Instant.now();
        try (Tcpdump witness = new Tcpdump(node.traffic().here(), node.folder(), "hsa", 0)) {
            // More than half of the ring, less than all of it.
            node.traffic().bulk("9M");
            node.traffic().marker("hsb", END);
            witness.awaitPacket(END);
            Instant to = Instant.now();
            String id = cluster.create(from, to);
            cluster.awaitUnderWay(id, 1);
            node.traffic().bulk("40M");

            JsonObject snapshot = cluster.api().ended(id);
            verify(id);
            JsonObject part = Cluster.parts(snapshot).getFirst();
            List<JsonObject> gaps = part.getJsonArray("gaps").stream().map(JsonObject.class::cast).toList();
            List<JsonObject> recycled = gaps.stream().filter(gap -> gap.getString("cause").equals("RECYCLED")).toList();
            assertThat(recycled).as(snapshot.encode()).isNotEmpty();
            long told = recycled.stream().mapToLong(gap -> gap.getLong("lost", 0L)).sum();
            long witnessed = within(from, to, witness.packets()).size();
            assertThat(part.getLong("packets") + told + Api.sum(part.getJsonObject("drops")))
                    .as("delivered, and told to be lost: %s", gaps)
                    .isEqualTo(witnessed);
        }
    }

    /** Nodes with some MiB of history and a few frames that can be counted; returns when it begins. */
    private Instant slowClusterWithHistory(int size, String... hubOptions) throws IOException, InterruptedException {
        cluster = new Cluster(folder, size);
        cluster.start(List.of(hubOptions), SLOW);
        Instant from = Instant.now();
        for (Cluster.Node node : cluster.nodes()) {
            node.traffic().bulk("6M");
            node.traffic().raw("hsb");
        }
        return from;
    }

    /** The frames of {@code raw}, of which we know the number. */
    private void assertEveryFrameIsThereOnce(String id, int nodes) throws IOException {
        Path export = cluster.api().export(id, FRAMES_ONLY, folder.resolve("frames.pcapng"));
        assertThat(CaptureFile.pcapng(export)).hasSize(72 * nodes);
        Path all = cluster.api().export(id, "", folder.resolve("all.pcapng"));
        List<Packet> packets = CaptureFile.pcapng(all);
        // One whole file is copied as it lies, in the kernel's order.
        assertThat(nodes > 1 ? packets : List.<Packet>of())
                .isSortedAccordingTo(Comparator.comparingLong(Packet::timestampNs));
        assertThat(packets.stream().distinct().count()).as("no record twice").isEqualTo(packets.size());
    }

    private String complete(String id) {
        JsonObject snapshot = cluster.api().ended(id);
        assertThat(snapshot.getString("state")).as(snapshot.encode()).isEqualTo("COMPLETE");
        Cluster.parts(snapshot)
                .forEach(part -> assertThat(part.getJsonObject("drops").getMap()).as(part.encode()).isEmpty());
        verify(id);
        return id;
    }

    private void verify(String id) {
        JsonObject report = cluster.api().request("POST", "snapshots/" + id + "/verify").json();
        assertThat(report.getBoolean("intact")).as(report.encode()).isTrue();
    }

    private static List<Packet> within(Instant from, Instant to, List<Packet> packets) {
        long fromNs = EpochNanos.of(from);
        long toNs = EpochNanos.of(to);
        return packets.stream()
                .filter(packet -> packet.timestampNs() >= fromNs && packet.timestampNs() < toNs)
                .toList();
    }

    private static boolean holds(Packet packet, String text) {
        return new String(packet.bytes(), StandardCharsets.ISO_8859_1).contains(text);
    }
}
