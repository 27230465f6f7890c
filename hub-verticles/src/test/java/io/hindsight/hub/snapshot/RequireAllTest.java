package io.hindsight.hub.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hindsight.api.Gap;
import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotNode;
import io.hindsight.api.SnapshotRequest;
import io.hindsight.api.SnapshotState;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.testing.Fault;
import io.hindsight.hub.testing.ScriptedAgent;
import io.hindsight.hub.testing.TestChunks;
import io.hindsight.hub.testing.TestHub;
import io.hindsight.time.EpochNanos;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A snapshot that is to hold everything of every node, or nothing. */
class RequireAllTest {
    @TempDir Path folder;

    private TestHub hub;
    private ScriptedAgent agent;

    @BeforeEach
    void start() {
        hub = new TestHub(folder);
        agent = hub.agent("node-1", TestChunks.packets("node-1", 8, 100)).beating();
        hub.agent("node-2", TestChunks.packets("node-2", 2, 10)).beating();
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    private static SnapshotRequest all() {
        SnapshotRequest some = TestHub.everything("all or nothing");
        return new SnapshotRequest(some.name(), null, some.from(), some.to(), null, true);
    }

    private void assertIncomplete(Snapshot snapshot, String reason) {
        assertThat(snapshot.state()).as(snapshot.toString()).isEqualTo(SnapshotState.FAILED);
        assertThat(snapshot.error())
                .isNotNull()
                .satisfies(error -> {
                    assertThat(error.code()).isEqualTo(ErrorCode.INCOMPLETE.name());
                    assertThat(error.detail()).contains("node-1", reason);
                });
        hub.awaitNothingKept();
    }

    @Test
    void shouldBeCompleteWhereNothingIsMissing() {
        agent.faults.add(new Fault(Fault.Kind.LANE_BREAKS, 3));
        assertThat(hub.ended(hub.create(all()).id()).state()).isEqualTo(SnapshotState.COMPLETE);
    }

    @Test
    void shouldFailAndKeepNothingWhereANodeBreaksOffForGood() {
        agent.breakOffAfter = 3;
        assertIncomplete(hub.ended(hub.create(all()).id()), "taken away");
    }

    @Test
    void shouldFailWhereTheRingLostWhatItHadPromised() {
        agent.endGaps =
                List.of(
                        new Gap(
                                EpochNanos.toInstant(TestChunks.START_NS),
                                EpochNanos.toInstant(TestChunks.START_NS + 1),
                                Gap.Cause.RECYCLED,
                                "It was recycled meanwhile.",
                                null));
        assertIncomplete(hub.ended(hub.create(all()).id()), "recycled meanwhile");
    }

    @Test
    void shouldFailWithoutWaitingForTheOthers() {
        ScriptedAgent slow = hub.agent("node-3", TestChunks.packets("node-3", 4, 10)).beating();
        slow.silentAfter = 2;
        agent.breakOffAfter = 3;
        Snapshot snapshot = hub.ended(hub.create(all()).id());
        assertThat(snapshot.nodes().getLast().state()).isEqualTo(SnapshotNode.State.STREAMING);
        assertIncomplete(snapshot, "taken away");
        await().untilAsserted(() -> assertThat(slow.releases).hasSize(1));
    }

    @Test
    void shouldRefuseTheRequestWhereANodeCannotBeReached() {
        agent.kill();
        await().until(() -> isUnreachable("node-1"));
        assertRefused("Every node is required, and the nodes [node-1] cannot be reached.");
        assertThat(hub.all()).isEmpty();
    }

    private boolean isUnreachable(String node) {
        return hub.events.stream()
                .map(event -> event.body().getJsonObject("node"))
                .anyMatch(told -> told != null && node.equals(told.getString("node")) && !told.getBoolean("reachable"));
    }

    @Test
    void shouldRefuseTheRequestWhereANodeDoesNotPlan() {
        agent.answersPlans = false;
        assertRefused("1 of 2 nodes failed");
        hub.awaitNothingKept();
    }

    private void assertRefused(String reason) {
        assertThatThrownBy(() -> hub.create(all()))
                .isInstanceOfSatisfying(
                        HindsightException.class,
                        refused -> {
                            assertThat(refused.code()).isEqualTo(ErrorCode.AGENT_UNREACHABLE);
                            assertThat(refused).hasMessageContaining(reason);
                        });
    }
}
