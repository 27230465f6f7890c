package io.hindsight.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.testing.Root;
import io.hindsight.testing.Tools;
import io.hindsight.time.EpochNanos;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Windows that go on when they are asked for, with real traffic, and an independent witness. */
class FutureWindowIT {
    private static final String END = "the end of the window and of all";
    private static final String FRAMES_ONLY = "?bpf=ether+proto+0x88b5";
    private static final int FRAMES_PER_ROUND = 72;
    private static final long MEBIBYTE = 1 << 20;

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    @BeforeEach
    void needRoot() {
        Root.require("network namespaces and raw sockets");
        Tools.require("ip", "tcpdump", "iperf3", "ss", "python3", "curl");
    }

    @Test
    void shouldHoldEveryPacketOfAWindowThatGoesOnExactlyOnce() throws Exception {
        String[] options = {"--interface", "hsa", "--storage-size", "64Mi", "--slot-size", "256Ki"};
        try (Traffic traffic = new Traffic(folder);
                RunningProgram program = RunningProgram.up(traffic.here(), folder.resolve("data"), options);
                Tcpdump tcpdump = new Tcpdump(traffic.here(), folder, "hsa", 0)) {
            JsonObject snapshot;
            try (Iperf load = traffic.load("40M", 9)) {
                Instant started = Instant.now();
                await().until(() -> Instant.now().isAfter(started.plusSeconds(2)));
                snapshot =
                        new JsonObject(
                                program.client("snapshot", "create", "--from", "-2s", "--to", "+4s", "--wait", "--json")
                                        .succeeded()
                                        .stdout());
                assertThat(load).isNotNull();
            }
            traffic.marker("hsb", END);
            tcpdump.awaitPacket(END);

            assertThat(snapshot.getString("state")).as(snapshot.encode()).isEqualTo("COMPLETE");
            assertThat(snapshot.getJsonArray("nodes").getJsonObject(0).getJsonArray("gaps")).isEmpty();
            Instant from = snapshot.getInstant("from");
            Instant to = snapshot.getInstant("to");
            assertThat(Duration.between(from, to)).isBetween(Duration.ofSeconds(6), Duration.ofMillis(6_500));
            Path export = program.api().export(snapshot.getString("id"), "", folder.resolve("export.pcapng"));
            List<Packet> witnessed =
                    stampedOnce(tcpdump.packets()).stream().filter(packet -> lies(packet, from, to)).toList();
            assertThat(witnessed).hasSizeGreaterThan(200);
            assertThat(PacketDifference.between(witnessed, stampedOnce(CaptureFile.pcapng(export))).text()).isEmpty();
            assertThat(program.client("snapshot", "verify", snapshot.getString("id")).exit()).isZero();
        }
    }

    /** At the window's edges nothing may depend on which socket read the clock. */
    private static List<Packet> stampedOnce(List<Packet> packets) {
        return packets.stream().filter(packet -> !SocketStamps.stampedBySocket(packet)).toList();
    }

    private static boolean lies(Packet packet, Instant from, Instant to) {
        return packet.timestampNs() >= EpochNanos.of(from) && packet.timestampNs() < EpochNanos.of(to);
    }

    @Test
    void shouldGoOnThroughKillsOfHubAndAgentAndKeepWhatCameWhenItIsEnded() throws Exception {
        try (Cluster cluster = new Cluster(folder, 1)) {
            cluster.start(List.of(), List.of("--storage-size", "64Mi", "--slot-size", "256Ki", "--os-events", "off"));
            Cluster.Node node = cluster.node(1);
            Instant from = Instant.now();
            node.traffic().raw("hsb");
            String id = cluster.create(from, from.plus(Duration.ofHours(1)));
            node.traffic().bulk("3M");
            cluster.awaitUnderWay(id, MEBIBYTE);

            cluster.hub().end(true);
            node.traffic().raw("hsb");
            cluster.startHub();
            cluster.awaitLinked(cluster.nodes());
            node.traffic().bulk("4M");
            cluster.awaitUnderWay(id, 5 * MEBIBYTE);

            node.killAgent();
            node.startAgent();
            node.agent().awaitReady();
            node.traffic().raw("hsb");
            cluster.awaitLinked(cluster.nodes());
            JsonObject running = cluster.api().request("GET", "snapshots/" + id).json();
            assertThat(running.getJsonObject("progress").getInstant("recordingUntil"))
                    .isEqualTo(from.plus(Duration.ofHours(1)));
            cluster.client("snapshot", "end", id).succeeded();

            JsonObject snapshot = cluster.api().ended(id);
            assertThat(snapshot.getString("state")).as(snapshot.encode()).isEqualTo("COMPLETE");
            assertThat(Cluster.parts(snapshot).getFirst().getJsonArray("gaps"))
                    .as(snapshot.encode())
                    .hasSize(1)
                    .allMatch(gap -> ((JsonObject) gap).getString("cause").equals("NOT_RECORDED"));
            assertThat(snapshot.getJsonObject("endedEarly").getInstant("askedTo"))
                    .isEqualTo(from.plus(Duration.ofHours(1)));
            Path export = cluster.api().export(id, FRAMES_ONLY, folder.resolve("frames.pcapng"));
            assertThat(CaptureFile.pcapng(export)).hasSize(3 * FRAMES_PER_ROUND).doesNotHaveDuplicates();
            assertThat(cluster.client("snapshot", "verify", id).exit()).isZero();
        }
    }
}
