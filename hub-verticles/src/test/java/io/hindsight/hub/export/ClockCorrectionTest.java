package io.hindsight.hub.export;

import static io.hindsight.hub.export.SnapshotFixture.START_NS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.api.Gap;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.FixtureEntry;
import io.hindsight.testing.FixturePacket;
import io.hindsight.testing.Tools;
import io.hindsight.time.EpochNanos;
import io.hindsight.time.TimeWindow;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Five nodes whose clocks differ by up to seconds, with overlapping times; mergecap merges files whose times the test itself has corrected. */
class ClockCorrectionTest {
    private static final List<Long> OFFSETS_NS = List.of(0L, 2_000_000_123L, -1_500_000_007L, 40_000L, -1L);

    @TempDir private Path folder;

    private final Random random = new Random(7);
    private final List<Path> correctedParts = new ArrayList<>();
    private SnapshotFixture fixture;
    private SnapshotFiles snapshot;

    @BeforeEach
    void writeSnapshot() throws IOException {
        Tools.require("mergecap", "tcpdump", "tshark", "capinfos");
        fixture = new SnapshotFixture(folder);
        for (int node = 1; node <= OFFSETS_NS.size(); node++) {
            writeNode("node-" + node, OFFSETS_NS.get(node - 1), node);
        }
        snapshot = fixture.files();
    }

    private void writeNode(String node, long offsetNs, int residue) throws IOException {
        List<byte[]> stored = new ArrayList<>();
        long timeNs = START_NS + residue;
        for (int sequence = 1; sequence <= 4; sequence++) {
            List<FixturePacket> asRecorded = new ArrayList<>();
            List<FixturePacket> corrected = new ArrayList<>();
            for (int i = 0; i < 150; i++) {
                // Steps of whole microseconds, each node with a remainder of its own: no two corrected times are equal.
                timeNs += 1_000L * (1 + random.nextInt(20_000));
                byte[] frame = Frames.udp(random.nextInt(1_000), 53, 20 + random.nextInt(900));
                asRecorded.add(FixturePacket.ethernet("eth" + i % 2, timeNs - offsetNs, frame));
                corrected.add(FixturePacket.ethernet("eth" + i % 2, timeNs, frame));
            }
            ChunkFixtures chunk = ChunkFixtures.node(node).sequence(sequence);
            stored.add(chunk.packets(asRecorded));
            correctedParts.add(Files.write(folder.resolve(node + "-" + sequence + ".part"), chunk.packets(corrected)));
        }
        fixture.node(node, stored).clock(offsetNs, 2_500);
    }

    private static ExportRequest corrected(ExportFormat format, TimeWindow window) {
        return new ExportRequest(format, List.of(), window, "", true);
    }

    private List<PcapPacket> mergecapOfCorrected() {
        return ExportTools.mergecap(folder.resolve("mergecap.pcapng"), correctedParts);
    }

    @Test
    void shouldMergeByCorrectedTimesInEveryFormat() {
        List<PcapPacket> expected = mergecapOfCorrected();

        Path pcapng =
                ExportTools.exportTo(
                        folder.resolve("out.pcapng"), snapshot, corrected(ExportFormat.PCAPNG, TimeWindow.ALL));
        byte[] pcap = ExportTools.export(snapshot, corrected(ExportFormat.PCAP, TimeWindow.ALL));

        assertThat(expected).hasSize(5 * 4 * 150);
        assertThat(ExportTools.tcpdump(pcapng)).isEqualTo(expected);
        assertThat(PcapPacket.read(pcap)).isEqualTo(expected);
        assertThat(ExportTools.export(snapshot, ExportRequest.everything(ExportFormat.PCAP))).isNotEqualTo(pcap);
    }

    @Test
    void shouldTakeTheWindowAsCorrectedTimes() {
        TimeWindow window = new TimeWindow(START_NS + 700_000_000L, START_NS + 1_900_000_000L);

        Path exported =
                ExportTools.exportTo(folder.resolve("out.pcapng"), snapshot, corrected(ExportFormat.PCAPNG, window));

        List<PcapPacket> expected =
                mergecapOfCorrected().stream().filter(packet -> window.contains(packet.timestampNs())).toList();
        assertThat(expected).hasSizeBetween(300, 2_000);
        assertThat(ExportTools.tcpdump(exported)).isEqualTo(expected);
    }

    /** A block that lies across two buffers is put together another way than a run that fits. */
    @Test
    void shouldCorrectBlocksThatLieAcrossBuffers() throws IOException {
        byte[] bytes = ExportTools.exportInSteps(snapshot, corrected(ExportFormat.PCAPNG, TimeWindow.ALL), 100);

        Path exported = Files.write(folder.resolve("small.pcapng"), bytes);
        assertThat(ExportTools.tcpdump(exported)).isEqualTo(mergecapOfCorrected());
    }

    @Test
    void shouldSayWhatWasAddedToWhichNode() {
        String exported =
                ExportTools.exportTo(
                                folder.resolve("out.pcapng"), snapshot, corrected(ExportFormat.PCAPNG, TimeWindow.ALL))
                        .toString();

        assertThat(Tools.run("capinfos", exported).succeeded().stdout())
                .contains("clock of node node-2 corrected: +2000000123 ns added to every time, error at most 2500 ns")
                .contains("clock of node node-5 corrected: -1 ns added to every time")
                .contains("node-3/eth1")
                .contains("eth1 on node node-3, snap length 262144, -1500000007 ns added to every time");
    }

    @Test
    void shouldChangeNothingThatIsStored() throws IOException {
        byte[] before = Files.readAllBytes(fixture.file("node-2"));
        ExportTools.export(snapshot, corrected(ExportFormat.PCAPNG, TimeWindow.ALL));
        assertThat(fixture.file("node-2")).hasBinaryContent(before);
    }

    @Test
    void shouldNotSendStoredBytesOfOneNodeWhenItsClockIsCorrected() {
        ExportRequest one = new ExportRequest(ExportFormat.PCAPNG, List.of("node-2"), TimeWindow.ALL, "", true);

        assertThat(Exporter.plan(snapshot, one).storedCopy()).isEmpty();
        assertThat(
                        Exporter.plan(
                                        snapshot,
                                        new ExportRequest(ExportFormat.PCAPNG, List.of("node-2"), TimeWindow.ALL, ""))
                                .storedCopy())
                .isPresent();
    }

    @Test
    void shouldRefuseANodeWhoseOffsetIsNotKnown() {
        fixture.node("node-6", List.of(ChunkFixtures.node("node-6").packets(List.of())));
        SnapshotFiles withUnknown = fixture.files();

        assertThatThrownBy(() -> Exporter.plan(withUnknown, corrected(ExportFormat.PCAPNG, TimeWindow.ALL)))
                .isInstanceOfSatisfying(
                        HindsightException.class,
                        refused -> {
                            assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
                            assertThat(refused.field()).isEqualTo("correctClocks");
                            assertThat(refused).hasMessageContaining("nodes=[node-6]");
                        });
        ExportRequest others = new ExportRequest(ExportFormat.PCAP, List.of("node-1"), TimeWindow.ALL, "", true);
        assertThat(Exporter.plan(withUnknown, others).chunkCount()).isEqualTo(4);
    }

    @Test
    void shouldRefuseAnOffsetThatLeadsOutOfTime() {
        byte[] chunk =
                ChunkFixtures.node("far").packets(List.of(FixturePacket.ethernet("eth0", START_NS, new byte[60])));
        SnapshotFiles far = new SnapshotFixture(folder).node("far", List.of(chunk)).clock(Long.MAX_VALUE, 0).files();

        assertThatThrownBy(() -> Exporter.plan(far, corrected(ExportFormat.PCAP, TimeWindow.ALL)))
                .isInstanceOf(HindsightException.class)
                .hasMessageContaining("far.pcapng")
                .hasMessageContaining("clock offset=" + Long.MAX_VALUE);
    }

    @Test
    void shouldCorrectEventsAndGaps() {
        long offsetNs = 3_000_000_001L;
        byte[] events =
                ChunkFixtures.node("n")
                        .journal(
                                ChunkSource.OS,
                                List.of(
                                        new FixtureEntry(
                                                START_NS,
                                                Map.of(
                                                        "MESSAGE",
                                                        "oom\nkill",
                                                        "OS_COMM",
                                                        "java",
                                                        "HINDSIGHT_JSON",
                                                        "{}")),
                                        new FixtureEntry(START_NS + 10, Map.of("MESSAGE", "second"))));
        byte[] packet =
                ChunkFixtures.node("n")
                        .packets(List.of(FixturePacket.ethernet("eth0", START_NS + 5, Frames.udp(1, 53, 9))));
        Gap gap =
                new Gap(
                        EpochNanos.toInstant(START_NS),
                        EpochNanos.toInstant(START_NS + 1),
                        Gap.Cause.RECYCLED,
                        "Gone.",
                        null);
        SnapshotFiles one =
                new SnapshotFixture(folder).node("n", List.of(packet, events)).clock(offsetNs, 9).gaps(gap).files();

        String ndjson =
                new String(
                        ExportTools.export(one, corrected(ExportFormat.NDJSON, TimeWindow.ALL)),
                        StandardCharsets.UTF_8);
        Path pcapng =
                ExportTools.exportTo(folder.resolve("out.pcapng"), one, corrected(ExportFormat.PCAPNG, TimeWindow.ALL));

        assertThat(ndjson.lines().map(line -> new JsonObject(line).getString("time")))
                .containsExactly("2026-11-22T21:30:03.000000001Z", "2026-11-22T21:30:03.000000011Z");
        String[] fields = {
            "tshark", "-r", pcapng.toString(), "-T", "fields", "-e", "frame.time_epoch", "-e", "_ws.col.Protocol"
        };
        assertThat(Tools.run(fields).succeeded().lines())
                .hasSize(3)
                .allSatisfy(line -> assertThat(line).startsWith("1795383003.000000"));
        assertThat(Tools.run("tshark", "-r", pcapng.toString(), "-V").succeeded().stdout())
                .contains("Field value: " + (START_NS + offsetNs), "Field name: OS_COMM", "Field value: java")
                .contains("Message: oom", "Message: second", "Field value: {}");
        assertThat(Tools.run("capinfos", pcapng.toString()).succeeded().stdout())
                .contains(
                        "node n: gap 2026-11-22T21:30:03.000000001Z to 2026-11-22T21:30:03.000000002Z RECYCLED: Gone.");
    }
}
