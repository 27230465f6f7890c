package io.hindsight.hub.export;

import static io.hindsight.hub.export.SnapshotFixture.START_NS;
import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.FixturePacket;
import io.hindsight.testing.Tools;
import io.hindsight.time.TimeWindow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MergedExportTest {
    private static final ExportRequest ALL = ExportRequest.everything(ExportFormat.PCAPNG);

    @TempDir private Path folder;

    private final Random random = new Random(42);
    private final List<Path> parts = new ArrayList<>();
    private SnapshotFixture fixture;
    private SnapshotFiles snapshot;

    /** Five nodes with two writers each, whose chunks overlap in every way. */
    @BeforeEach
    void writeSnapshot() throws IOException {
        Tools.require("mergecap", "tcpdump", "tshark", "capinfos", "editcap");
        fixture = new SnapshotFixture(folder);
        for (String node : List.of("node-1", "node-2", "node-3", "node-4", "node-5")) {
            List<byte[]> chunks = new ArrayList<>();
            for (int sequence = 1; sequence <= 12; sequence++) {
                byte[] chunk = chunk(node, sequence);
                chunks.add(chunk);
                parts.add(Files.write(folder.resolve(node + "-" + sequence + ".part"), chunk));
            }
            fixture.node(node, chunks);
        }
        snapshot = fixture.files();
    }

    private byte[] chunk(String node, int sequence) {
        long timeNs = START_NS + sequence / 2 * 1_000_000L + parts.size();
        List<FixturePacket> packets = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            for (byte[] frame : Frames.everyKind(100 * sequence + i)) {
                // Steps of whole 100 ns, each chunk with remainders of its own: no two packets have one time.
                timeNs += 100L * (1 + random.nextInt(50));
                packets.add(FixturePacket.ethernet(i % 5 == 0 ? "eth1" : "eth0", timeNs, frame));
            }
        }
        return ChunkFixtures.node(node).sequence(sequence).writer(sequence % 2).packets(packets);
    }

    @Test
    void shouldEqualWhatMergecapMakesOfTheSameChunks() {
        Path exported = ExportTools.exportTo(folder.resolve("out.pcapng"), snapshot, ALL);

        List<PcapPacket> expected = ExportTools.mergecap(folder.resolve("mergecap.pcapng"), parts);
        assertThat(expected).hasSize(5 * 12 * 400);
        assertThat(ExportTools.tcpdump(exported)).isEqualTo(expected);
    }

    @Test
    void shouldWriteTheSamePacketsAsPcap() {
        byte[] pcap = ExportTools.export(snapshot, ExportRequest.everything(ExportFormat.PCAP));

        assertThat(PcapPacket.read(pcap)).isEqualTo(ExportTools.mergecap(folder.resolve("mergecap.pcapng"), parts));
    }

    @Test
    void shouldNameNodeAndInterfaceOfEveryPacket() {
        Path exported = ExportTools.exportTo(folder.resolve("out.pcapng"), snapshot, ALL);

        List<String> names =
                Tools.run("tshark", "-r", exported.toString(), "-T", "fields", "-e", "frame.interface_name")
                        .succeeded()
                        .lines();
        assertThat(names).hasSize(5 * 12 * 400);
        for (int node = 1; node <= 5; node++) {
            assertThat(names.stream().filter(("node-" + node + "/eth0")::equals)).hasSize(12 * 320);
            assertThat(names.stream().filter(("node-" + node + "/eth1")::equals)).hasSize(12 * 80);
        }
    }

    @Test
    void shouldDescribeEachInterfaceOfEachNodeOnce() {
        String exported = ExportTools.exportTo(folder.resolve("out.pcapng"), snapshot, ALL).toString();

        assertThat(
                        Tools.run("capinfos", exported)
                                .succeeded()
                                .stdout()
                                .lines()
                                .filter(line -> line.contains("Name = ")))
                .extracting(line -> line.substring(line.indexOf("= ") + 2))
                .containsExactlyInAnyOrder(
                        "node-1/eth0",
                        "node-1/eth1",
                        "node-2/eth0",
                        "node-2/eth1",
                        "node-3/eth0",
                        "node-3/eth1",
                        "node-4/eth0",
                        "node-4/eth1",
                        "node-5/eth0",
                        "node-5/eth1");
    }

    @Test
    void shouldKeepOnlyTheWindow() {
        TimeWindow window = new TimeWindow(START_NS + 2_000_000L, START_NS + 3_500_000L);
        ExportRequest request = new ExportRequest(ExportFormat.PCAPNG, List.of("node-3", "node-1"), window, "");

        Path exported = ExportTools.exportTo(folder.resolve("out.pcapng"), snapshot, request);

        List<Path> chosen =
                parts.stream().filter(part -> part.getFileName().toString().matches("node-[13]-.*")).toList();
        List<PcapPacket> expected =
                ExportTools.mergecap(folder.resolve("mergecap.pcapng"), chosen).stream()
                        .filter(packet -> window.contains(packet.timestampNs()))
                        .toList();
        assertThat(expected).isNotEmpty();
        assertThat(ExportTools.tcpdump(exported)).isEqualTo(expected);
    }

    @Test
    void shouldBeReadByEveryToolWithoutComplaint() {
        String exported = ExportTools.exportTo(folder.resolve("out.pcapng"), snapshot, ALL).toString();

        for (String[] command :
                new String[][] {
                    {"capinfos", exported},
                    {"tshark", "-r", exported, "-q", "-z", "io,stat,0"},
                    {"editcap", exported, folder.resolve("edited.pcapng").toString()},
                    {"mergecap", "-w", folder.resolve("again.pcapng").toString(), exported, exported},
                    {"reordercap", exported, folder.resolve("ordered.pcapng").toString()},
                }) {
            // tshark warns of root; that is no complaint about the file.
            assertThat(Tools.run(command).succeeded().stderr().lines().filter(line -> !line.startsWith("Running as")))
                    .isEmpty();
        }
        assertThat(Tools.run("capinfos", "-o", "-T", exported).succeeded().stdout()).contains("True");
    }

    @Test
    void shouldCopyStoredBytesOfOneNodeOnlyWhereTheyAreInOrder() throws IOException {
        ExportPlan overlapping =
                Exporter.plan(snapshot, new ExportRequest(ExportFormat.PCAPNG, List.of("node-1"), TimeWindow.ALL, ""));
        assertThat(overlapping.storedCopy()).isEmpty();
        assertThat(overlapping.reason()).contains("overlap");

        SnapshotFiles ordered =
                new SnapshotFixture(folder)
                        .node("tidy", List.of(Files.readAllBytes(parts.get(1)), Files.readAllBytes(parts.get(7))))
                        .files();
        ExportPlan plan = Exporter.plan(ordered, ALL);
        assertThat(plan.storedCopy())
                .contains(
                        new ExportPlan.StoredCopy(
                                folder.resolve("tidy.pcapng"), Files.size(folder.resolve("tidy.pcapng"))));
        assertThat(ExportTools.export(ordered, ALL)).isEqualTo(Files.readAllBytes(folder.resolve("tidy.pcapng")));
    }
}
