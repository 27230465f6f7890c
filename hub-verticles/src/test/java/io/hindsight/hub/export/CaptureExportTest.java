package io.hindsight.hub.export;

import static io.hindsight.hub.export.SnapshotFixture.START_NS;
import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.api.CaptureChange;
import io.hindsight.api.CapturePolicy;
import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.FixturePacket;
import io.hindsight.testing.Tools;
import io.hindsight.time.TimeWindow;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An export says what was being captured when; judged by tshark and its friends. */
class CaptureExportTest {
    private static final long SECOND = 1_000_000_000L;
    private static final CapturePolicy NINE = new CapturePolicy(null, List.of(), List.of(), "udp port 9", false);
    private static final ExportRequest ALL = ExportRequest.everything(ExportFormat.PCAPNG);

    @TempDir private Path folder;

    private static CaptureChange change(
            long fromNs, long revision, CapturePolicy policy, String expression, @Nullable String problem) {
        return new CaptureChange(fromNs, revision, policy, "alice", expression, 0, problem);
    }

    private static List<byte[]> packets(String node) {
        List<FixturePacket> packets =
                LongStream.range(0, 10)
                        .mapToObj(
                                i -> FixturePacket.ethernet("eth0", START_NS + i * SECOND, Frames.udp((int) i, 9, 20)))
                        .toList();
        return List.of(ChunkFixtures.node(node).packets(packets));
    }

    /** node-1 was changed before and in the middle of the window, node-2 recorded everything. */
    private SnapshotFixture changed() {
        return new SnapshotFixture(folder)
                .node("node-1", packets("node-1"))
                .captures(
                        change(START_NS - 90 * SECOND, 1, CapturePolicy.EVERYTHING, "", null),
                        change(START_NS - 60 * SECOND, 2, NINE, "udp port 9", null),
                        change(START_NS + 3 * SECOND + 5, 3, CapturePolicy.EVERYTHING, "", null),
                        change(START_NS + 9_999 * SECOND, 4, NINE, "after the window", null))
                .node("node-2", packets("node-2"))
                .captures(change(START_NS - 90 * SECOND, 1, CapturePolicy.EVERYTHING, "not port 8899", null));
    }

    private static List<String> fields(Path file, String field) {
        return Tools.run("tshark", "-r", file.toString(), "-T", "fields", "-e", field).succeeded().lines();
    }

    @Test
    void shouldTellOfEachChangeBetweenThePacketsInTheOrderOfTime() {
        Tools.require("tshark", "capinfos", "mergecap", "tcpdump", "editcap");
        Path exported = ExportTools.exportTo(folder.resolve("out.pcapng"), changed().files(), ALL);

        String text = Tools.run("tshark", "-r", exported.toString(), "-V").succeeded().stdout();
        assertThat(text)
                .contains("Field name: HINDSIGHT_KIND", "Field value: capture")
                .contains("Message: node-1 records: udp port 9, revision 2 by alice, since 2026-11-22T21:29:00Z")
                .contains("Message: node-1 records: everything, revision 3 by alice")
                .doesNotContain("after the window")
                .doesNotContain("Message: node-2");
        List<String> protocols = fields(exported, "_ws.col.Protocol");
        assertThat(protocols).hasSize(22);
        assertThat(protocols.getFirst()).containsIgnoringCase("journal");
        // Four packets of each node came before the change.
        assertThat(protocols.get(9)).containsIgnoringCase("journal");
        List<String> times = fields(exported, "frame.time_epoch");
        assertThat(times.stream().map(Double::valueOf).toList()).isSorted();
        assertThat(Tools.run("capinfos", exported.toString()).succeeded().stdout())
                .contains("node node-1 records: udp port 9, revision 2 by alice, since 2026-11-22T21:29:00Z");
        for (String tool : List.of("tcpdump -r", "mergecap -w /dev/null")) {
            Tools.run((tool + " " + exported).split(" ", -1)).succeeded();
        }
        Tools.run("editcap", exported.toString(), folder.resolve("edited.pcapng").toString()).succeeded();
    }

    @Test
    void shouldBeTheSameInBuffersOfAnyLength() {
        SnapshotFiles snapshot = changed().files();
        byte[] whole = ExportTools.export(snapshot, ALL);
        for (int length : new int[] {64, 100, 1_000}) {
            assertThat(ExportTools.exportInSteps(snapshot, ALL, length)).isEqualTo(whole);
        }
    }

    @Test
    void shouldWriteChangesAsLinesOfJson() {
        byte[] ndjson = ExportTools.export(changed().files(), ExportRequest.everything(ExportFormat.NDJSON));
        List<JsonObject> lines = new String(ndjson, StandardCharsets.UTF_8).lines().map(JsonObject::new).toList();

        assertThat(lines).hasSize(2);
        JsonObject atStart = lines.getFirst();
        assertThat(atStart.getString("source")).isEqualTo("capture");
        assertThat(atStart.getString("node")).isEqualTo("node-1");
        assertThat(atStart.getString("time")).isEqualTo("2026-11-22T21:30:00Z");
        assertThat(atStart.getJsonObject("record").getLong("fromNs")).isEqualTo(START_NS - 60 * SECOND);
        assertThat(atStart.getJsonObject("record").getJsonObject("policy").getString("bpfOverride"))
                .isEqualTo("udp port 9");
        assertThat(lines.getLast().getString("time")).isEqualTo("2026-11-22T21:30:03.000000005Z");
    }

    @Test
    void shouldLeaveThemOutWhereTheyAreNotWanted() {
        ExportRequest without = ALL.choosing(Set.of(), Set.of(ExportContent.CAPTURE));
        Path exported = ExportTools.exportTo(folder.resolve("out.pcapng"), changed().files(), without);

        assertThat(fields(exported, "_ws.col.Protocol")).hasSize(20);
        assertThat(ExportTools.export(changed().files(), ExportRequest.everything(ExportFormat.PCAP))).isNotEmpty();
    }

    @Test
    void shouldTellWhatWasInForceAtTheStartOfAChosenPart() {
        TimeWindow late = new TimeWindow(START_NS + 5 * SECOND, START_NS + 6 * SECOND);
        // Everything was recorded in this part, as far as it goes.
        assertThat(
                        Exporter.plan(changed().files(), new ExportRequest(ExportFormat.PCAPNG, List.of(), late, ""))
                                .captureNotes())
                .isEmpty();
        TimeWindow early = new TimeWindow(START_NS + SECOND, START_NS + 2 * SECOND);
        assertThat(
                        Exporter.plan(
                                        changed().files(),
                                        new ExportRequest(ExportFormat.PCAPNG, List.of("node-1"), early, ""))
                                .captureNotes())
                .singleElement()
                .satisfies(note -> assertThat(note.timeNs()).isEqualTo(START_NS + SECOND));
    }

    @Test
    void shouldSendStoredBytesWhereEverythingWasRecorded() {
        SnapshotFiles everything =
                new SnapshotFixture(folder)
                        .node("node-1", packets("node-1"))
                        .captures(change(START_NS - SECOND, 1, CapturePolicy.EVERYTHING, "not port 8899", null))
                        .files();
        assertThat(Exporter.plan(everything, ALL).storedCopy()).isPresent();

        SnapshotFiles failing =
                new SnapshotFixture(folder)
                        .node("node-1", packets("node-1"))
                        .captures(
                                change(START_NS - SECOND, 1, CapturePolicy.EVERYTHING, "", "It could not be attached."))
                        .files();
        ExportPlan plan = Exporter.plan(failing, ALL);
        assertThat(plan.storedCopy()).isEmpty();
        assertThat(plan.reason()).contains("What was recorded when");
    }

    @Test
    void shouldKeepAHostileAgentsWordsOnOneLineAndWithinBounds() {
        Tools.require("tshark");
        String hostile = "x\nMESSAGE=forged\u001b[2J\0".repeat(200);
        List<CaptureChange> changes = new ArrayList<>();
        for (int i = 0; i < 256; i++) {
            changes.add(new CaptureChange(START_NS + i, i, null, hostile, hostile, -1, hostile));
        }
        changes.add(new CaptureChange(Long.MIN_VALUE, 0, null, null, hostile, 0, null));
        changes.add(new CaptureChange(Long.MAX_VALUE, 0, null, null, hostile, 0, null));
        SnapshotFiles snapshot =
                new SnapshotFixture(folder)
                        .node("node-1", packets("node-1"))
                        .captures(changes.toArray(CaptureChange[]::new))
                        .files();

        Path exported = ExportTools.exportTo(folder.resolve("out.pcapng"), snapshot, ALL);

        assertThat(fields(exported, "frame.number")).hasSizeBetween(11, 10 + 257);
        ExportPlan plan = Exporter.plan(snapshot, ALL);
        assertThat(plan.captureNotes().getFirst().message())
                .doesNotContain("\n", "\u001b", "\0")
                .hasSizeLessThan(1_100);
    }
}
