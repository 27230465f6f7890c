package io.hindsight.hub.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.api.ClockOffset;
import io.hindsight.api.Gap;
import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotNode;
import io.hindsight.api.SnapshotState;
import io.hindsight.hub.export.ExportFormat;
import io.hindsight.hub.export.ExportRequest;
import io.hindsight.hub.export.Exporter;
import io.hindsight.hub.export.SnapshotFiles;
import io.hindsight.hub.store.Manifest;
import io.hindsight.hub.store.SealedSnapshot;
import io.hindsight.hub.testing.ScriptedAgent;
import io.hindsight.hub.testing.TestChunks;
import io.hindsight.hub.testing.TestHub;
import io.hindsight.json.JsonMapping;
import io.hindsight.testing.Tools;
import io.hindsight.time.EpochNanos;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every way in which records can be missing, from the agent's word to each place where people look. */
class GapPathTest {
    private static final Instant FROM = EpochNanos.toInstant(TestChunks.START_NS + 10_000_000_000L);
    private static final Instant TO = FROM.plusSeconds(5);

    /** Tshark cuts what is much longer. */
    private static final int SHOWN_BY_TSHARK = 150;

    @TempDir Path folder;

    private TestHub hub;
    private ScriptedAgent agent;

    @BeforeEach
    void start() {
        Tools.require("tshark", "capinfos");
        hub = new TestHub(folder);
        agent = hub.agent("node-1", TestChunks.packets("node-1", 3, 10));
        hub.agent("node-2", TestChunks.packets("node-2", 2, 10));
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    private Snapshot ended() {
        return hub.ended(hub.create(TestHub.everything("gaps")).id());
    }

    private Path sealed(Snapshot snapshot) {
        return folder.resolve(snapshot.id());
    }

    @ParameterizedTest
    @EnumSource(Gap.Cause.class)
    void shouldTellWhatTheAgentKnowsEverywhere(Gap.Cause cause) {
        Gap gap = new Gap(FROM, TO, cause, "Records are missing: cause=" + cause + ".", 42L);
        agent.planGaps = List.of(gap);

        Snapshot snapshot = ended();

        assertToldEverywhere(snapshot, gap);
    }

    @Test
    void shouldTellEverywhereThatANodeFellSilent() {
        agent.silentAfter = 1;
        String id = hub.create(TestHub.everything("gaps")).id();
        Awaitility.await().until(() -> hub.get(id).nodes().getFirst().chunks() == 1);
        agent.answersPlans = false;

        Snapshot snapshot = hub.ended(id);

        Gap gap = snapshot.nodes().getFirst().gaps().getFirst();
        assertThat(gap.cause()).isEqualTo(Gap.Cause.NODE_UNREACHABLE);
        // From the last packet that arrived to the window's end.
        assertThat(gap.from()).isEqualTo(EpochNanos.toInstant(TestChunks.START_NS + 9_000 + 1));
        assertThat(gap.to()).isEqualTo(snapshot.to());
        assertToldEverywhere(snapshot, gap);
    }

    @Test
    void shouldNameANodeThatDeliveredNothing() {
        agent.answersPlans = false;

        Snapshot snapshot = ended();

        Path exported = export(snapshot);
        assertThat(Tools.run("capinfos", exported.toString()).succeeded().stdout())
                .contains("node node-1 delivered nothing")
                .contains("node node-1: gap " + snapshot.from() + " to " + snapshot.to() + " NODE_UNREACHABLE: ");
    }

    private void assertToldEverywhere(Snapshot snapshot, Gap gap) {
        assertThat(snapshot.nodes().getFirst().gaps()).contains(gap);
        assertThat(manifest(snapshot).nodes().getFirst().gaps()).contains(gap);
        Awaitility.await().until(() -> events(snapshot.id()).anyMatch(shown -> tells(shown, gap)));
        Path exported = export(snapshot);
        String line = "gap " + gap.from() + " to " + gap.to() + " " + gap.cause() + ": " + gap.detail();
        String blocks =
                Tools.run("tshark", "-r", exported.toString(), "-X", "read_format:MIME Files Format", "-V")
                        .succeeded()
                        .stdout();
        assertThat(blocks.substring(blocks.indexOf("Block: Interface Statistics Block")))
                .contains("Comment = " + line.substring(0, Math.min(line.length(), SHOWN_BY_TSHARK)));
        assertThat(Tools.run("capinfos", exported.toString()).succeeded().stdout()).contains("node node-1: " + line);
    }

    private Stream<Snapshot> events(String id) {
        return hub.events.stream()
                .map(event -> event.body().getJsonObject("snapshot"))
                .filter(shown -> shown != null && id.equals(shown.getString("id")))
                .map(shown -> JsonMapping.fromJson(shown, Snapshot.class));
    }

    private static boolean tells(Snapshot shown, Gap gap) {
        return shown.nodes().getFirst().gaps().contains(gap);
    }

    @Test
    void shouldTellGapsWhileTheSnapshotRuns() {
        Gap gap = new Gap(FROM, TO, Gap.Cause.RECYCLED, "Gone.", null);
        agent.planGaps = List.of(gap);
        agent.silentAfter = 1;

        Snapshot snapshot = ended();

        assertThat(events(snapshot.id()))
                .anyMatch(shown -> shown.state() == SnapshotState.STREAMING && tells(shown, gap));
    }

    private Manifest manifest(Snapshot snapshot) {
        return SealedSnapshot.open(sealed(snapshot)).manifest();
    }

    private Path export(Snapshot snapshot) {
        Path file = folder.resolve("out.pcapng");
        SnapshotFiles files = SnapshotFiles.of(SealedSnapshot.open(sealed(snapshot)));
        Exporter.exportTo(Exporter.plan(files, ExportRequest.everything(ExportFormat.PCAPNG)), file);
        return file;
    }

    @Test
    void shouldKeepEachNodesClockOffset() {
        ClockOffset clock = new ClockOffset(-1_234_567, 89_000, FROM);
        agent.clock = clock;
        agent.report();

        Snapshot snapshot = ended();

        assertThat(manifest(snapshot).nodes()).extracting(Manifest.Node::clock).containsExactly(clock, null);
        assertThat(snapshot.nodes()).extracting(SnapshotNode::clock).containsExactly(clock, null);
        assertThat(hub.verify(snapshot.id()).violations()).isEmpty();
    }

    /** What was frozen was recorded before the clock was set right. */
    @Test
    void shouldKeepTheClockOffsetThatTheRecordsWereMadeWith() {
        ClockOffset before = new ClockOffset(-1_000, 0, FROM);
        agent.clock = before;
        agent.report();
        agent.silentAfter = 1;
        String id = hub.create(TestHub.everything("gaps")).id();
        agent.clock = new ClockOffset(0, 0, FROM);
        agent.report();

        assertThat(hub.ended(id).nodes().getFirst().clock()).isEqualTo(before);
    }

    @Test
    void shouldTakeAClockOffsetThatIsKnownOnlyAtTheEnd() {
        agent.silentAfter = 1;
        String id = hub.create(TestHub.everything("gaps")).id();
        ClockOffset late = new ClockOffset(5, 6, FROM);
        agent.clock = late;
        agent.report();

        assertThat(hub.ended(id).nodes().getFirst().clock()).isEqualTo(late);
    }
}
