package io.hindsight.hub.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.api.ClockOffset;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.resolve.Resolution;
import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.Tools;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names, comments and events in an export, as the real programs see them. */
class NamedExportTest {
    private static final ExportRequest ALL = ExportRequest.everything(ExportFormat.PCAPNG);

    @TempDir private Path folder;

    private final ShopStory story = new ShopStory();
    private SnapshotFiles snapshot = new SnapshotFixture(Path.of("")).files();

    @BeforeEach
    void writeSnapshot() {
        Tools.require("tshark", "tcpdump", "capinfos", "editcap", "mergecap");
        snapshot = story.write(folder);
    }

    private Path export(ExportRequest request) {
        return export(request, story::resolution);
    }

    private Path export(ExportRequest request, Supplier<Resolution> resolution) {
        Path file = folder.resolve("out." + request.format().fileExtension());
        Exporter.exportTo(Exporter.plan(snapshot, request, resolution), file);
        return file;
    }

    private static List<String> fields(Path file, String... fields) {
        List<String> command = new ArrayList<>(List.of("tshark", "-r", file.toString(), "-T", "fields"));
        for (String field : fields) {
            command.addAll(List.of("-e", field));
        }
        return Tools.run(command.toArray(String[]::new)).succeeded().lines();
    }

    /** Of packets that have one: milliseconds from the window's start, and the comment. */
    private static List<String> comments(Path file) {
        return fields(file, "frame.time_epoch", "frame.comment").stream()
                .map(line -> line.split("\t", -1))
                .filter(line -> line.length == 2 && !line[1].isEmpty())
                .map(line -> millis(line[0]) + " " + line[1])
                .toList();
    }

    private static long millis(String epochSeconds) {
        return Math.round((Double.parseDouble(epochSeconds) - SnapshotFixture.START_NS / 1e9) * 1000);
    }

    @Test
    void shouldSayOnTheFirstPacketOfEachFlowWhoIsAtItsEnds() {
        assertThat(comments(export(ALL)))
                .containsExactly(
                        "1000 shop/checkout-7f8b/app pid 4711 nginx → payments/ledger:8080",
                        "1002 shop/checkout-7f8b/app pid 4711 nginx → payments/ledger-0/app:8080 pid 900 java",
                        "2000 shop/idle → payments/ledger-0:53",
                        "3000 127.0.0.1 pid 50 curl → shop/idle/app:8000 pid 60 python3",
                        "5000 shop/checkout-7f8b → 93.184.216.34:443",
                        "45000 shop/newcomer → 93.184.216.34:443",
                        "47000 shop/idle → payments/ledger-0:6000");
    }

    @Test
    void shouldListEventsBetweenPacketsInOrderOfTime() {
        List<String> frames = fields(export(ALL), "frame.time_epoch", "frame.protocols");

        assertThat(frames.stream().map(line -> Double.valueOf(line.split("\t", -1)[0])).toList()).isSorted();
        List<String> kinds =
                frames.stream()
                        .map(line -> line.split("\t", -1))
                        .map(line -> millis(line[0]) + (line[1].contains("eth") ? " packet" : " event"))
                        .toList();
        assertThat(kinds)
                .containsSubsequence(
                        "2900 event", "3000 packet", "3001 event", "3002 event", "3003 packet", "3100 event")
                .containsSubsequence("5000 packet", "29000 event", "30000 event", "35000 packet", "40000 event")
                .hasSize(14 + 6 + 3);
    }

    @Test
    void shouldShowNamesOfTheLongestHolder() {
        Path file = export(ALL);
        List<String> shown =
                Tools.run("tshark", "-N", "n", "-r", file.toString(), "-Y", "ip", "-T", "fields", "-e", "ip.src_host")
                        .succeeded()
                        .lines();

        // newcomer had 10.0.0.1 for most of the hour that the window is long, checkout-7f8b for half a minute.
        assertThat(shown)
                .startsWith("newcomer.shop", "ledger.payments.svc", "newcomer.shop", "ledger-0.payments", "idle.shop")
                .contains("127.0.0.1", "93.184.216.34");
    }

    @Test
    void shouldBeReadByOtherPrograms() throws Exception {
        Path named = export(ALL);
        Path plain =
                ExportTools.exportTo(
                        folder.resolve("plain.pcapng"),
                        snapshot,
                        ALL.choosing(
                                List.of(),
                                List.of(
                                        ExportContent.NAMES,
                                        ExportContent.FLOWS,
                                        ExportContent.OS,
                                        ExportContent.KUBERNETES)));
        List<PcapPacket> packets = ExportTools.tcpdump(plain);
        assertThat(packets).hasSize(14);
        assertThat(ExportTools.tcpdump(named)).isEqualTo(packets);
        assertThat(Tools.run("capinfos", named.toString()).succeeded().stdout())
                .contains("Number of packets:   14")
                .contains("Number of resolved IPv4 addresses in file");

        Path edited = folder.resolve("edited.pcapng");
        Tools.run("editcap", named.toString(), edited.toString()).succeeded();
        assertThat(comments(edited)).isEqualTo(comments(named));
        assertThat(ExportTools.mergecap(folder.resolve("merged.pcapng"), List.of(named))).isEqualTo(packets);
        assertThat(comments(folder.resolve("merged.pcapng"))).isEqualTo(comments(named));
        assertThat(Files.size(named)).isGreaterThan(Files.size(plain));
    }

    @Test
    void shouldWriteTheSameBytesInBuffersOfAnyLength() throws Exception {
        byte[] whole = Files.readAllBytes(export(ALL));
        for (int length : new int[] {64, 100, 333, 1 << 16}) {
            byte[] buffer = new byte[length];
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (ExportRun run = ExportRun.of(Exporter.plan(snapshot, ALL, story::resolution), () -> false)) {
                long filled = run.fill(MemorySegment.ofArray(buffer));
                while (filled > 0) {
                    bytes.write(buffer, 0, (int) filled);
                    filled = run.fill(MemorySegment.ofArray(buffer));
                }
            }
            assertThat(bytes.toByteArray()).isEqualTo(whole);
        }
    }

    @Test
    void shouldLeaveOutWhatIsNotAskedFor() {
        assertThat(comments(export(ALL.choosing(List.of(), List.of(ExportContent.FLOWS))))).isEmpty();
        assertThat(messages(ALL.choosing(List.of(), List.of(ExportContent.OS))))
                .containsExactly("ADDED Event checkout-7f8b.17", "DELETED Pod checkout-7f8b", "ADDED Pod newcomer");
        assertThat(messages(ALL.choosing(List.of(), List.of(ExportContent.KUBERNETES))))
                .containsExactly(
                        "CONNECT nginx", "ACCEPT java", "EXEC curl", "CONNECT curl", "ACCEPT python3", "EXIT curl");
        Path unnamed = export(ALL.choosing(List.of(), List.of(ExportContent.NAMES)));
        assertThat(Tools.run("tshark", "-N", "n", "-r", unnamed.toString()).succeeded().stdout())
                .doesNotContain("newcomer.shop");
    }

    @Test
    void shouldHaveCheckpointsAndWhatWasBeforeTheWindowWhereTheyAreAskedFor() {
        assertThat(messages(ALL)).hasSize(9).noneMatch(message -> message.startsWith("KNOWN"));
        assertThat(messages(ALL.choosing(List.of(ExportContent.CHECKPOINTS), List.of())))
                .hasSize(9 + 3 + 6 + 3)
                .startsWith("CHECKPOINT Pod null", "KNOWN Pod checkout-7f8b")
                .contains("PROCESS python3");
    }

    private List<String> messages(ExportRequest request) {
        Path file = export(request);
        return Tools.run(
                        "tshark",
                        "-r",
                        file.toString(),
                        "-Y",
                        "systemd_journal",
                        "-T",
                        "fields",
                        "-e",
                        "systemd_journal.message")
                .succeeded()
                .lines();
    }

    @Test
    void shouldTellWhatItWrote() {
        ExportStatistics statistics =
                Exporter.exportTo(Exporter.plan(snapshot, ALL, story::resolution), folder.resolve("out"));

        assertThat(statistics.packets()).isEqualTo(14);
        assertThat(statistics.records()).isEqualTo(9);
        assertThat(statistics.outsideWindow()).isEqualTo(9);
        assertThat(statistics.notAskedFor()).isEqualTo(3);
        assertThat(statistics.commentedFlows()).isEqualTo(7);
        assertThat(statistics.uncommentedFlows()).isZero();
    }

    @Test
    void shouldGoWithoutNamesWhereTheyCannotBeHad() {
        Path file =
                export(
                        ALL,
                        () -> {
                            throw new HindsightException(ErrorCode.IO_FAILED, "The disk is gone.");
                        });
        assertThat(comments(file)).isEmpty();
        assertThat(Tools.run("capinfos", file.toString()).succeeded().stdout())
                .contains("without names and flows: The disk is gone.");
    }

    @Test
    void shouldCorrectClocksOfCommentedPacketsToo() {
        SnapshotFiles shifted =
                new SnapshotFiles(
                        snapshot.id(),
                        snapshot.name(),
                        snapshot.from(),
                        snapshot.to(),
                        snapshot.nodes().stream()
                                .map(file ->
                                        new SnapshotFiles.NodeFile(
                                                file.node(),
                                                file.path(),
                                                List.of(),
                                                new ClockOffset(1_000_000_000L, 5, snapshot.from()),
                                                0))
                                .toList(),
                        List.of());
        Path file = folder.resolve("shifted.pcapng");
        ExportRequest request = new ExportRequest(ExportFormat.PCAPNG, List.of(), ALL.window(), "", true);
        Exporter.exportTo(Exporter.plan(shifted, request, story::resolution), file);

        assertThat(comments(file)).hasSize(7).contains("46000 shop/newcomer → 93.184.216.34:443");
    }

    @Test
    void shouldStayAStraightCopyWhereNothingIsAddedOrLeftOut() throws Exception {
        Path other = Files.createDirectory(folder.resolve("plain"));
        SnapshotFiles plain =
                new SnapshotFixture(other)
                        .node("node-1", List.of(ChunkFixtures.node("node-1").packets(ShopStory.packets())))
                        .files();
        ExportPlan withoutNames =
                Exporter.plan(
                        plain,
                        ALL.choosing(List.of(), List.of(ExportContent.NAMES, ExportContent.FLOWS)),
                        story::resolution);
        assertThat(withoutNames.storedCopy()).isPresent();
        assertThat(Exporter.plan(plain, ALL).storedCopy()).isPresent();
        assertThat(ExportTools.export(plain, ALL)).isEqualTo(Files.readAllBytes(other.resolve("node-1.pcapng")));

        ExportPlan named = Exporter.plan(plain, ALL, story::resolution);
        assertThat(named.storedCopy()).isEmpty();
        assertThat(named.reason()).contains("Names and comments");
        ExportPlan events =
                Exporter.plan(
                        snapshot,
                        new ExportRequest(ExportFormat.PCAPNG, List.of("node-1"), ALL.window(), "")
                                .choosing(List.of(), ExportContent.defaultsOf(ExportFormat.PCAPNG)));
        assertThat(events.storedCopy()).isEmpty();
        assertThat(events.reason()).contains("events that are left out");
    }

    @Test
    void shouldRefuseWhatAFormatCannotHold() {
        for (ExportContent content : ExportContent.values()) {
            assertRefused(ExportFormat.PCAP, content);
        }
        assertRefused(ExportFormat.NDJSON, ExportContent.NAMES);
        assertRefused(ExportFormat.NDJSON, ExportContent.FLOWS);
        assertThatThrownBy(() -> ALL.choosing(List.of(ExportContent.OS), List.of(ExportContent.OS)))
                .hasMessageContaining("with=os is in without too");
    }

    private static void assertRefused(ExportFormat format, ExportContent content) {
        assertThatThrownBy(() -> ExportRequest.everything(format).choosing(List.of(content), List.of()))
                .isInstanceOfSatisfying(
                        HindsightException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
                            assertThat(e.field()).isEqualTo("with");
                        })
                .hasMessageContaining("with=" + content.label())
                .hasMessageContaining("pcapng");
    }
}
