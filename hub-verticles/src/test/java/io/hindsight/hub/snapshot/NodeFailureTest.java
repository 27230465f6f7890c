package io.hindsight.hub.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.api.Gap;
import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotNode;
import io.hindsight.api.SnapshotRequest;
import io.hindsight.api.SnapshotState;
import io.hindsight.chunk.Chunk;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.testing.Fault;
import io.hindsight.hub.testing.ScriptedAgent;
import io.hindsight.hub.testing.TestChunks;
import io.hindsight.hub.testing.TestHub;
import io.hindsight.time.EpochNanos;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a snapshot when agents do what they should not. */
class NodeFailureTest {
    @TempDir Path folder;

    private TestHub hub;
    private final List<byte[]> chunks = TestChunks.packets("node-1", 8, 100);

    @BeforeEach
    void start() {
        hub = new TestHub(folder);
        hub.agent("node-2", TestChunks.packets("node-2", 2, 10));
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    @Test
    void shouldSealPartiallyWhenANodeIsGoneForGood() {
        hub.agent("node-1", chunks).faults.add(new Fault(Fault.Kind.VANISHES, 3));

        Snapshot snapshot = ended();

        assertPartial(snapshot, ErrorCode.AGENT_UNREACHABLE, Gap.Cause.NODE_UNREACHABLE);
        assertThat(node(snapshot).chunks()).isEqualTo(3);
        assertThat(hub.verify(snapshot.id()).violations()).isEmpty();
    }

    @Test
    void shouldSealPartiallyWhenANodeBreaksOff() {
        hub.agent("node-1", chunks).breakOffAfter = 5;

        Snapshot snapshot = ended();

        assertPartial(snapshot, ErrorCode.AGENT_FAILED, Gap.Cause.NODE_UNREACHABLE);
        assertThat(node(snapshot).chunks()).isEqualTo(5);
        assertThat(node(snapshot).error())
                .isNotNull()
                .satisfies(error -> assertThat(error.detail()).contains("taken away"));
    }

    @Test
    void shouldSealPartiallyWhenAChunkArrivesBroken() {
        List<Chunk> messages = new ArrayList<>(TestChunks.messages(chunks).get());
        messages.set(4, TestChunks.broken(chunks.get(4), 1_000));
        new ScriptedAgent(hub.vertx(), "node-1", () -> messages).report();

        Snapshot snapshot = ended();

        assertPartial(snapshot, ErrorCode.INTEGRITY_VIOLATED, Gap.Cause.CORRUPT);
        assertThat(node(snapshot).chunks()).isEqualTo(4);
        assertThat(hub.verify(snapshot.id()).violations()).isEmpty();
    }

    @Test
    void shouldSealPartiallyWhenANodeDoesNotPlan() {
        hub.agent("node-1", chunks).answersPlans = false;

        Snapshot snapshot = ended();

        assertPartial(snapshot, ErrorCode.AGENT_UNREACHABLE, Gap.Cause.NODE_UNREACHABLE);
        assertThat(node(snapshot).chunks()).isZero();
        assertThat(folder.resolve(snapshot.id()).resolve("node-1.pcapng")).doesNotExist();
    }

    @Test
    void shouldSealPartiallyWhenTheRingLostWhatItHadPromised() {
        ScriptedAgent agent = hub.agent("node-1", chunks);
        agent.endGaps = List.of(gap(Gap.Cause.RECYCLED));

        Snapshot snapshot = ended();

        assertThat(snapshot.state()).isEqualTo(SnapshotState.PARTIAL);
        assertThat(node(snapshot).state()).isEqualTo(SnapshotNode.State.COMPLETE);
    }

    @Test
    void shouldBeCompleteWhenTheRingNeverReachedBackSoFar() {
        hub.agent("node-1", chunks).planGaps = List.of(gap(Gap.Cause.RECYCLED));

        Snapshot snapshot = ended();

        assertThat(snapshot.state()).isEqualTo(SnapshotState.COMPLETE);
        assertThat(node(snapshot).gaps()).hasSize(1);
    }

    @Test
    void shouldFailWhenEveryNodeFailed() {
        hub.agent("node-1", chunks).answersPlans = false;
        SnapshotRequest request = everything(List.of("node-1"));

        assertThatThrownBy(() -> hub.create(request))
                .isInstanceOfSatisfying(
                        HindsightException.class,
                        refused -> assertThat(refused.code()).isEqualTo(ErrorCode.AGENT_UNREACHABLE));
        hub.awaitNothingKept();
    }

    @Test
    void shouldRefuseAWindowInWhichNobodyHoldsAnything() {
        hub.agent("node-1", List.of());

        assertThatThrownBy(() -> hub.create(everything(List.of("node-1"))))
                .isInstanceOfSatisfying(
                        HindsightException.class,
                        refused -> assertThat(refused.code()).isEqualTo(ErrorCode.EMPTY_WINDOW));
        hub.awaitNothingKept();
    }

    @Test
    void shouldRefuseNodesThatNeverReported() {
        assertThatThrownBy(() -> hub.create(everything(List.of("node-9"))))
                .isInstanceOfSatisfying(
                        HindsightException.class,
                        refused -> {
                            assertThat(refused.code()).isEqualTo(ErrorCode.UNKNOWN_NODE);
                            assertThat(refused.field()).isEqualTo("nodes");
                        });
    }

    @Test
    void shouldKeepNothingOfACancelledSnapshot() {
        ScriptedAgent agent = hub.agent("node-1", chunks);
        agent.silentAfter = 2;
        Snapshot running = hub.create(everything(null));
        assertThat(running.state()).isEqualTo(SnapshotState.STREAMING);

        Snapshot cancelled = hub.cancel(running.id());

        assertThat(cancelled.state()).isEqualTo(SnapshotState.CANCELLED);
        assertThat(hub.cancel(running.id()).state()).isEqualTo(SnapshotState.CANCELLED);
        Awaitility.await().untilAsserted(() -> assertThat(agent.releases).containsExactly("cancelled"));
        hub.awaitNothingKept();
    }

    @Test
    void shouldFailANodeThatIgnoresItsCredit() {
        List<byte[]> large = TestChunks.packets("node-1", 24, 40_000);
        hub.agent("node-1", large).ignoresCredit = true;

        Snapshot snapshot = ended();

        assertPartial(snapshot, ErrorCode.AGENT_FAILED, Gap.Cause.NODE_UNREACHABLE);
    }

    private Snapshot ended() {
        return hub.ended(hub.create(everything(null)).id());
    }

    private static SnapshotRequest everything(@Nullable List<String> nodes) {
        SnapshotRequest all = TestHub.everything("test");
        return new SnapshotRequest(all.name(), null, all.from(), all.to(), nodes);
    }

    private static Gap gap(Gap.Cause cause) {
        return new Gap(
                EpochNanos.toInstant(TestChunks.START_NS - 1_000),
                EpochNanos.toInstant(TestChunks.START_NS),
                cause,
                "History was recycled.",
                null);
    }

    private static void assertPartial(Snapshot snapshot, ErrorCode code, Gap.Cause cause) {
        assertThat(snapshot.state()).as(snapshot.toString()).isEqualTo(SnapshotState.PARTIAL);
        SnapshotNode node = node(snapshot);
        assertThat(node.state()).isEqualTo(SnapshotNode.State.FAILED);
        assertThat(node.error()).isNotNull().satisfies(error -> assertThat(error.code()).isEqualTo(code.name()));
        assertThat(node.gaps()).extracting(Gap::cause).containsExactly(cause);
        assertThat(node.gaps().getFirst().to()).isEqualTo(snapshot.to());
        assertThat(snapshot.nodes().get(1).state()).isEqualTo(SnapshotNode.State.COMPLETE);
    }

    private static SnapshotNode node(Snapshot snapshot) {
        return snapshot.nodes().getFirst();
    }
}
