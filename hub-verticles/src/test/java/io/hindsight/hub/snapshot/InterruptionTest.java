package io.hindsight.hub.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.api.ClockOffset;
import io.hindsight.api.Gap;
import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotNode;
import io.hindsight.api.SnapshotState;
import io.hindsight.bus.HeldChunks;
import io.hindsight.bus.StreamRequest;
import io.hindsight.error.ErrorCode;
import io.hindsight.hub.store.Manifest;
import io.hindsight.hub.store.SealedSnapshot;
import io.hindsight.hub.testing.Fault;
import io.hindsight.hub.testing.ScriptedAgent;
import io.hindsight.hub.testing.TestChunks;
import io.hindsight.hub.testing.TestHub;
import io.hindsight.testing.ChunkFixtures;
import io.hindsight.time.EpochNanos;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Streams break, nodes go and come back, and the snapshot goes on. */
class InterruptionTest {
    private static final String NODE = "node-1";
    private static final long CREDIT_BYTES = 1L << 20;
    private static final List<byte[]> CHUNKS = TestChunks.packets(NODE, 8, 100);

    @TempDir Path folder;

    private TestHub hub;

    @BeforeEach
    void start() {
        hub = new TestHub(TestHub.config(folder, 8, CREDIT_BYTES));
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    private ScriptedAgent agent(Fault... faults) {
        ScriptedAgent agent = hub.agent(NODE, CHUNKS).beating();
        agent.faults.addAll(List.of(faults));
        return agent;
    }

    private String begin() {
        return hub.create(TestHub.everything("interrupted")).id();
    }

    private static Fault fault(Fault.Kind kind, int afterChunks) {
        return new Fault(kind, afterChunks);
    }

    /** Complete, byte for byte, and with the root of a run that nothing happened to. */
    private void assertWhole(Snapshot snapshot, ScriptedAgent agent) throws IOException {
        assertThat(snapshot.state()).as(snapshot.toString()).isEqualTo(SnapshotState.COMPLETE);
        assertThat(data(snapshot)).isEqualTo(ChunkFixtures.concatenate(CHUNKS));
        assertThat(snapshot.nodes().getFirst().error()).isNull();
        assertThat(snapshot.nodes().getFirst().gaps()).isEmpty();
        assertThat(hub.verify(snapshot.id()).violations()).isEmpty();
        Snapshot undisturbed = hub.ended(hub.create(TestHub.everything("undisturbed")).id());
        assertThat(snapshot.merkleRoot()).isNotNull().isEqualTo(undisturbed.merkleRoot());
        assertNothingHeld(agent);
    }

    private byte[] data(Snapshot snapshot) throws IOException {
        return Files.readAllBytes(folder.resolve(snapshot.id()).resolve(NODE + ".pcapng"));
    }

    private static void assertNothingHeld(ScriptedAgent agent) {
        await().untilAsserted(() -> {
            assertThat(agent.unreleased()).as("chunks").isZero();
            assertThat(agent.sessionCount()).as("sessions").isZero();
        });
        assertThat(agent.maxUnacknowledged()).isLessThanOrEqualTo(CREDIT_BYTES);
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.Kind.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"VANISHES", "TELLS_TOO_LITTLE"})
    void shouldGoOnWhateverBreaksAtTheBeginningMidwayAndAtTheEnd(Fault.Kind kind) throws IOException {
        ScriptedAgent agent = agent(fault(kind, 0), fault(kind, 3), fault(kind, 5));
        assertWhole(hub.ended(begin()), agent);
    }

    @Test
    void shouldWaitForAnAgentThatItsOwnCeilingHoldsBack() throws IOException {
        ScriptedAgent agent = agent();
        agent.heldBack = true;
        long startNs = System.nanoTime();
        String id = begin();
        long enoughNs = TestHub.SHORT.streamIdle().multipliedBy(2).toNanos();
        await().until(() -> System.nanoTime() - startNs > enoughNs);
        assertThat(hub.get(id).state()).isEqualTo(SnapshotState.STREAMING);
        agent.heldBack = false;
        Snapshot snapshot = hub.ended(id);
        assertThat(agent.streamRequests).as("streams").hasSize(1);
        assertWhole(snapshot, agent);
    }

    /** The pin of the first chunk was given up, and the agent that would have said so at the end is restarted. */
    @Test
    void shouldTellOfFirstChunksThatNobodySpeaksOfAnyMore() {
        ScriptedAgent agent = agent(fault(Fault.Kind.RESTARTS, 2));
        agent.givenUp.add(1L);

        Snapshot snapshot = hub.ended(begin());

        assertThat(snapshot.state()).as(snapshot.toString()).isEqualTo(SnapshotState.PARTIAL);
        SnapshotNode node = snapshot.nodes().getFirst();
        assertThat(node.chunks()).isEqualTo(CHUNKS.size() - 1);
        assertThat(node.gaps())
                .singleElement()
                .satisfies(gap -> {
                    assertThat(gap.cause()).isEqualTo(Gap.Cause.NODE_UNREACHABLE);
                    assertThat(gap.from()).isEqualTo(EpochNanos.toInstant(TestChunks.START_NS));
                    assertThat(gap.to()).isEqualTo(node.firstTimestamp());
                });
    }

    @Test
    void shouldGoOnThroughOneBreakAfterTheOther() throws IOException {
        ScriptedAgent agent =
                agent(
                        fault(Fault.Kind.LANE_BREAKS, 1),
                        fault(Fault.Kind.RESTARTS, 2),
                        fault(Fault.Kind.FORGETS, 0),
                        fault(Fault.Kind.LEASE_ENDS, 1),
                        fault(Fault.Kind.LANE_BREAKS, 0),
                        fault(Fault.Kind.STOPS, 1),
                        fault(Fault.Kind.LOSES_A_CHUNK, 2));
        Snapshot snapshot = hub.ended(begin());
        assertThat(agent.streamRequests).hasSize(8);
        assertWhole(snapshot, agent);
    }

    @Test
    void shouldGiveEachStreamAnAddressAndALaneOfItsOwnAndSendNothingTwice() {
        ScriptedAgent agent = agent(fault(Fault.Kind.LANE_BREAKS, 2), fault(Fault.Kind.RESTARTS, 3));
        hub.ended(begin());
        assertThat(agent.streamRequests).hasSize(3);
        assertThat(agent.streamRequests).extracting(StreamRequest::address).doesNotHaveDuplicates();
        assertThat(agent.streamRequests).extracting(StreamRequest::lane).doesNotContainNull().doesNotHaveDuplicates();
        assertThat(agent.streamRequests)
                .extracting(request -> request.after().getOrDefault("packets", 0L))
                .containsExactly(0L, 2L, 5L);
        for (StreamRequest request : agent.streamRequests) {
            assertThat(hub.verticle().lanes().redeem(Objects.requireNonNull(request.lane()))).isEmpty();
        }
    }

    @Test
    void shouldTellARestartedAgentWhatIsHeld() {
        ScriptedAgent agent = agent(fault(Fault.Kind.RESTARTS, 3));
        hub.ended(begin());
        assertThat(agent.plans).hasSize(2);
        assertThat(agent.plans.getFirst().held()).isEmpty();
        HeldChunks held = Objects.requireNonNull(agent.plans.getLast().held().get("packets"));
        assertThat(held.sequence()).isEqualTo(3);
        assertThat(held.ringCreatedNs()).isEqualTo(agent.ringCreatedNs);
        assertThat(held.lastTimestampNs()).isEqualTo(lastNs(3));
    }

    private static long firstNs(int sequence) {
        return ChunkFixtures.asChunk(CHUNKS.get(sequence - 1)).header().firstTimestampNs();
    }

    private static long lastNs(int sequence) {
        return ChunkFixtures.asChunk(CHUNKS.get(sequence - 1)).header().lastTimestampNs();
    }

    @Test
    void shouldShowThatItWaitsAndWhy() throws IOException {
        ScriptedAgent agent = agent(fault(Fault.Kind.VANISHES, 3));
        String id = begin();

        await().until(() -> node(hub.get(id)).state() == SnapshotNode.State.WAITING);

        assertThat(hub.get(id).state()).isEqualTo(SnapshotState.STREAMING);
        assertThat(node(hub.get(id)).error())
                .isNotNull()
                .satisfies(error -> {
                    assertThat(error.code()).isEqualTo(ErrorCode.AGENT_UNREACHABLE.name());
                    assertThat(error.detail()).contains(NODE, "It is waited for, 3 s at most.");
                });
        agent.comeBack();
        assertWhole(hub.ended(id), agent);
    }

    private static SnapshotNode node(Snapshot snapshot) {
        return snapshot.nodes().getFirst();
    }

    @Test
    void shouldNotHoldUpOtherNodes() {
        ScriptedAgent other = hub.agent("node-2", TestChunks.packets("node-2", 4, 50));
        agent(fault(Fault.Kind.VANISHES, 3));
        String id = begin();
        await().until(() -> node(hub.get(id)).state() == SnapshotNode.State.WAITING);
        await().until(() -> hub.get(id).nodes().getLast().state() == SnapshotNode.State.COMPLETE);
        assertThat(other.releases).containsExactly("completed");
        Snapshot snapshot = hub.ended(id);
        assertThat(snapshot.state()).isEqualTo(SnapshotState.PARTIAL);
        assertThat(snapshot.nodes().getLast().state()).isEqualTo(SnapshotNode.State.COMPLETE);
    }

    @Test
    void shouldSayExactlyWhatIsMissingOfANodeThatDoesNotComeBack() {
        agent(fault(Fault.Kind.VANISHES, 3));
        Snapshot snapshot = hub.ended(begin());
        assertThat(snapshot.state()).isEqualTo(SnapshotState.PARTIAL);
        assertThat(node(snapshot).error())
                .isNotNull()
                .satisfies(error -> assertThat(error.detail()).contains("did not come back within 3 s"));
        assertThat(node(snapshot).gaps())
                .singleElement()
                .satisfies(gap -> {
                    assertThat(gap.cause()).isEqualTo(Gap.Cause.NODE_UNREACHABLE);
                    assertThat(gap.from()).isEqualTo(EpochNanos.toInstant(lastNs(3) + 1));
                    assertThat(gap.to()).isEqualTo(snapshot.to());
                });
        assertThat(hub.verify(snapshot.id()).violations()).isEmpty();
    }

    @Test
    void shouldBeCompleteWithoutTheLastWordOfANodeThatHadSentEverything() throws IOException {
        ScriptedAgent agent = agent(fault(Fault.Kind.VANISHES, CHUNKS.size()));
        Snapshot snapshot = hub.ended(begin());
        assertThat(snapshot.state()).as(snapshot.toString()).isEqualTo(SnapshotState.COMPLETE);
        assertThat(data(snapshot)).isEqualTo(ChunkFixtures.concatenate(CHUNKS));
        assertThat(agent.unreleased()).isZero();
    }

    @Test
    void shouldGiveUpANodeThatOnlyEverBegins() {
        List<Fault> faults = new ArrayList<>();
        for (int i = 0; i < 2 * Patience.MAX_FRUITLESS; i++) {
            faults.add(fault(Fault.Kind.FORGETS, 0));
        }
        ScriptedAgent agent = agent(fault(Fault.Kind.LANE_BREAKS, 2));
        agent.faults.addAll(faults);

        Snapshot snapshot = hub.ended(begin());

        assertThat(snapshot.state()).isEqualTo(SnapshotState.PARTIAL);
        assertThat(agent.streamRequests).hasSize(1 + Patience.MAX_FRUITLESS);
        assertThat(node(snapshot).chunks()).isEqualTo(2);
        assertThat(node(snapshot).error())
                .isNotNull()
                .satisfies(error -> assertThat(error.code()).isEqualTo(ErrorCode.AGENT_FAILED.name()));
    }

    @Test
    void shouldNotGiveUpANodeThatGetsOn() throws IOException {
        List<Fault> faults = new ArrayList<>();
        for (int i = 0; i < CHUNKS.size(); i++) {
            faults.add(fault(Fault.Kind.LANE_BREAKS, 1));
        }
        ScriptedAgent agent = agent(faults.toArray(Fault[]::new));
        assertWhole(hub.ended(begin()), agent);
    }

    @Test
    void shouldSayWhatTheRingLostWhileTheNodeWasAway() {
        ScriptedAgent agent = agent(fault(Fault.Kind.VANISHES, 3));
        String id = begin();
        await().until(() -> node(hub.get(id)).state() == SnapshotNode.State.WAITING);
        agent.recycled.addAll(List.of(4L, 5L));
        agent.comeBack();

        Snapshot snapshot = hub.ended(id);

        assertThat(snapshot.state()).as(snapshot.toString()).isEqualTo(SnapshotState.PARTIAL);
        assertThat(node(snapshot).state()).isEqualTo(SnapshotNode.State.COMPLETE);
        assertThat(node(snapshot).chunks()).isEqualTo(6);
        assertLost(snapshot, 4, 5);
    }

    private void assertLost(Snapshot snapshot, int... sequences) {
        List<Gap> gaps = node(snapshot).gaps();
        assertThat(gaps).extracting(Gap::cause).containsOnly(Gap.Cause.RECYCLED);
        assertThat(gaps).hasSize(sequences.length);
        for (int i = 0; i < sequences.length; i++) {
            assertThat(gaps.get(i).from()).isEqualTo(EpochNanos.toInstant(firstNs(sequences[i])));
            assertThat(gaps.get(i).to()).isEqualTo(EpochNanos.toInstant(lastNs(sequences[i]) + 1));
        }
        assertThat(hub.verify(snapshot.id()).violations()).isEmpty();
    }

    @Test
    void shouldRememberWhatTheRingLostWhenTheHubRestartsAfterwards() {
        ScriptedAgent agent = agent(fault(Fault.Kind.VANISHES, 3), fault(Fault.Kind.FALLS_SILENT, 2));
        String id = begin();
        await().until(() -> node(hub.get(id)).state() == SnapshotNode.State.WAITING);
        agent.recycled.addAll(List.of(4L, 5L));
        agent.comeBack();
        await().until(() -> hub.get(id).chunks() == 5);
        hub.close();
        start();
        agent();

        Snapshot snapshot = hub.ended(id);

        assertThat(snapshot.state()).as(snapshot.toString()).isEqualTo(SnapshotState.PARTIAL);
        assertLost(snapshot, 4, 5);
    }

    @Test
    void shouldNotTakeTheChunksOfAnotherRing() {
        ScriptedAgent agent = agent(fault(Fault.Kind.VANISHES, 3));
        String id = begin();
        await().until(() -> node(hub.get(id)).state() == SnapshotNode.State.WAITING);
        agent.ringCreatedNs = 99;
        Instant from = EpochNanos.toInstant(lastNs(3) + 1);
        agent.planGaps = List.of(new Gap(from, hub.get(id).to(), Gap.Cause.RECYCLED, "The ring was made anew.", null));
        agent.comeBack();

        Snapshot snapshot = hub.ended(id);

        assertThat(snapshot.state()).isEqualTo(SnapshotState.PARTIAL);
        assertThat(node(snapshot).chunks()).isEqualTo(3);
        assertThat(node(snapshot).gaps()).isEqualTo(agent.planGaps);
    }

    @Test
    void shouldSayThatChunksDidNotComeWhenTheAgentThatKnewWhyIsGone() {
        ScriptedAgent agent = agent(fault(Fault.Kind.RESTARTS, 4));
        agent.givenUp.add(3L);

        Snapshot snapshot = hub.ended(begin());

        assertThat(snapshot.state()).as(snapshot.toString()).isEqualTo(SnapshotState.PARTIAL);
        assertThat(node(snapshot).chunks()).isEqualTo(7);
        assertThat(node(snapshot).gaps())
                .singleElement()
                .satisfies(gap -> {
                    assertThat(gap.detail()).contains("sequence=3 to 3");
                    assertThat(gap.from()).isEqualTo(EpochNanos.toInstant(lastNs(2)));
                    assertThat(gap.to()).isEqualTo(EpochNanos.toInstant(firstNs(4)));
                });
    }

    @Test
    void shouldTakeTheWordOfAnAgentThatKeptItsSessionForChunksThatDidNotCome() {
        ScriptedAgent agent = agent(fault(Fault.Kind.LANE_BREAKS, 4));
        agent.givenUp.add(3L);
        Snapshot snapshot = hub.ended(begin());
        assertThat(snapshot.state()).as(snapshot.toString()).isEqualTo(SnapshotState.PARTIAL);
        assertLost(snapshot, 3);
    }

    @Test
    void shouldCancelWhatWaits() {
        ScriptedAgent agent = agent(fault(Fault.Kind.VANISHES, 3));
        String id = begin();
        await().until(() -> node(hub.get(id)).state() == SnapshotNode.State.WAITING);

        assertThat(hub.cancel(id).state()).isEqualTo(SnapshotState.CANCELLED);

        hub.awaitNothingKept();
        assertThat(agent.unreleased()).isZero();
    }

    @Test
    void shouldFailAtOnceWhereMoreArrivesThanWasPromised() {
        ScriptedAgent agent = agent(fault(Fault.Kind.TELLS_TOO_LITTLE, 5));
        hub.agent("node-2", TestChunks.packets("node-2", 1, 5));
        Snapshot snapshot = hub.ended(begin());
        assertThat(snapshot.state()).isEqualTo(SnapshotState.PARTIAL);
        assertThat(node(snapshot).gaps()).extracting(Gap::cause).containsExactly(Gap.Cause.CORRUPT);
        assertThat(agent.streamRequests).hasSize(1);
    }

    @Test
    void shouldAskNodesWithAWrongClockForTheSameRealTime() {
        ScriptedAgent behind = hub.agent(NODE, CHUNKS);
        behind.clock = new ClockOffset(10_000_000_000L, 1_000_000, Instant.now());
        behind.report();
        ScriptedAgent right = hub.agent("node-2", TestChunks.packets("node-2", 1, 5));
        right.clock = new ClockOffset(90_000_000, 1_000, Instant.now());
        right.report();
        ScriptedAgent unsure = hub.agent("node-3", TestChunks.packets("node-3", 1, 5));
        unsure.clock = new ClockOffset(400_000_000, 350_000_000, Instant.now());
        unsure.report();

        Snapshot snapshot = hub.ended(begin());

        long fromNs = EpochNanos.of(snapshot.from());
        long toNs = EpochNanos.of(snapshot.to());
        assertThat(behind.plans.getFirst().fromNs()).isEqualTo(fromNs - 10_000_000_000L);
        assertThat(behind.plans.getFirst().toNs()).isEqualTo(toNs - 10_000_000_000L);
        assertThat(right.plans.getFirst().fromNs()).isEqualTo(fromNs);
        assertThat(unsure.plans.getFirst().toNs()).isEqualTo(toNs);
        assertThat(SealedSnapshot.open(folder.resolve(snapshot.id())).manifest().nodes())
                .extracting(Manifest.Node::windowShiftNs)
                .containsExactly(-10_000_000_000L, null, null);
        assertThat(hub.verify(snapshot.id()).violations()).isEmpty();
    }

    @Test
    void shouldAskForTheSameWindowAgainWhateverTheClockSaysMeanwhile() {
        ScriptedAgent agent = agent();
        agent.clock = new ClockOffset(10_000_000_000L, 1_000_000, Instant.now());
        agent.report();
        agent.silentAfter = 3;
        String id = begin();
        await().until(() -> hub.get(id).chunks() == 3);
        hub.close();
        start();
        ScriptedAgent later = agent();

        Snapshot snapshot = hub.ended(id);

        assertThat(snapshot.state()).isEqualTo(SnapshotState.COMPLETE);
        assertThat(later.plans.getFirst().fromNs()).isEqualTo(EpochNanos.of(snapshot.from()) - 10_000_000_000L);
    }
}
