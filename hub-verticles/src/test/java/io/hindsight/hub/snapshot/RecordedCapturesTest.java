package io.hindsight.hub.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.api.CaptureChange;
import io.hindsight.api.CapturePolicy;
import io.hindsight.bus.ExtentPlan;
import io.hindsight.hub.store.Manifest;
import io.hindsight.hub.store.ManifestCodec;
import io.hindsight.hub.store.SealedSnapshot;
import io.hindsight.hub.testing.Fault;
import io.hindsight.hub.testing.ScriptedAgent;
import io.hindsight.hub.testing.TestChunks;
import io.hindsight.hub.testing.TestHub;
import io.hindsight.json.JsonMapping;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a manifest says of what was recorded when. */
final class RecordedCapturesTest {
    private static final CapturePolicy NINE = new CapturePolicy(null, List.of(), List.of(), "udp port 9", false);

    @TempDir private Path folder = Path.of("");

    private static CaptureChange change(long fromNs, long revision) {
        return new CaptureChange(fromNs, revision, NINE, "alice", "udp port 9", 0, null);
    }

    private Manifest manifest(TestHub hub) {
        String id = hub.ended(hub.create(TestHub.everything("captures")).id()).id();
        return SealedSnapshot.open(folder.resolve(id)).manifest();
    }

    @Test
    void shouldSealWhatAnAgentSaysThatItRecorded() {
        try (TestHub hub = new TestHub(folder)) {
            ScriptedAgent agent = hub.agent("node-1", TestChunks.packets("node-1", 3, 20));
            hub.agent("node-2", TestChunks.packets("node-2", 3, 20));
            List<CaptureChange> told = List.of(change(1, 1), change(TestChunks.START_NS + 5, 2));
            agent.captures = told;

            Manifest sealed = manifest(hub);

            assertThat(sealed.nodes().getFirst().captures()).isEqualTo(told);
            assertThat(sealed.nodes().getLast().captures()).isNull();
            JsonObject old = new JsonObject(Buffer.buffer(ManifestCodec.encode(sealed)));
            old.getJsonArray("nodes").forEach(node -> ((JsonObject) node).remove("captures"));
            assertThat(ManifestCodec.parse(old.toBuffer().getBytes()).nodes().getFirst().captureChanges()).isEmpty();
        }
    }

    @Test
    void shouldKeepItOverARestartOfHubAndAgent() {
        // A fault in the middle: the agent plans anew, and by then remembers the newer change alone.
        try (TestHub hub = new TestHub(folder)) {
            ScriptedAgent agent = hub.agent("node-1", TestChunks.packets("node-1", 6, 20)).beating();
            agent.captures = List.of(change(1, 1));
            agent.faults.add(new Fault(Fault.Kind.RESTARTS, 2));
            String id = hub.create(TestHub.everything("restart")).id();
            await().until(() -> !agent.plans.isEmpty());
            agent.captures = List.of(change(TestChunks.START_NS + 5, 2));

            hub.ended(id);

            assertThat(SealedSnapshot.open(folder.resolve(id)).manifest().nodes().getFirst().captures())
                    .extracting(CaptureChange::revision)
                    .containsExactly(1L, 2L);
        }
    }

    @Test
    void shouldLeaveOutTheOldestOfTooManyAndCountThem() {
        List<CaptureChange> many = LongStream.range(0, 400).mapToObj(i -> change(i, i)).toList();
        RecordedCaptures kept = RecordedCaptures.of(many);
        assertThat(kept.changes()).hasSizeLessThanOrEqualTo(ExtentPlan.MAX_CAPTURES);
        assertThat(kept.changes().getLast().revision()).isEqualTo(399);
        assertThat(kept.leftOut()).isEqualTo(400 - kept.changes().size());
        // The same told again is the same.
        assertThat(kept.with(many)).isEqualTo(kept);
    }

    @Test
    void shouldBoundWhatAnAgentSays() {
        List<String> names = Collections.nCopies(200, "a".repeat(60)).stream().distinct().toList();
        CapturePolicy impossible =
                new CapturePolicy(null, Collections.nCopies(5_000, "a"), List.of(), "x".repeat(9_000), false);
        CaptureChange large =
                new CaptureChange(3, 3, impossible, "b".repeat(90_000), "e".repeat(90_000), 0, "p".repeat(90_000));
        RecordedCaptures kept =
                RecordedCaptures.of(
                        List.of(
                                new CaptureChange(
                                        1, 1, new CapturePolicy(null, names, names, null, false), "a", "", 0, null),
                                large));
        assertThat(kept.changes().getLast().policy()).isNull();
        int length = new JsonArray(kept.changes().stream().map(JsonMapping::toJson).toList()).encode().length();
        assertThat(length).isLessThan(RecordedCaptures.MAX_BYTES);
    }
}
