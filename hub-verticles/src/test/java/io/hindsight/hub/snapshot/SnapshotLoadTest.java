package io.hindsight.hub.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotRequest;
import io.hindsight.api.SnapshotState;
import io.hindsight.bus.SnapshotAction;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.testing.ScriptedAgent;
import io.hindsight.hub.testing.TestChunks;
import io.hindsight.hub.testing.TestHub;
import io.hindsight.hub.testing.TestHub.Event;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many at once, and how much is under way. */
class SnapshotLoadTest {
    private static final long CREDIT_BYTES = 1L << 20;

    @TempDir Path folder;

    @Test
    void shouldCompleteThirtyTwoSnapshotsAtOnce() {
        try (TestHub hub = new TestHub(folder)) {
            hub.agent("node-1", TestChunks.packets("node-1", 10, 200));
            List<Future<JsonObject>> created =
                    IntStream.range(0, 32).mapToObj(number -> create(hub, "number " + number)).toList();

            List<Snapshot> ended =
                    created.stream()
                            .map(answer -> JsonMapping.fromJson(answer.await(), Snapshot.class))
                            .map(snapshot -> hub.ended(snapshot.id()))
                            .toList();

            assertThat(ended).extracting(Snapshot::state).containsOnly(SnapshotState.COMPLETE);
            assertThat(ended).extracting(Snapshot::merkleRoot).doesNotContainNull().hasSize(32);
            assertThat(hub.verify(ended.getLast().id()).intact()).isTrue();
        }
    }

    @Test
    void shouldRefuseMoreThanItsLimitAtOnce() {
        try (TestHub hub = new TestHub(TestHub.config(folder, 2, CREDIT_BYTES))) {
            hub.agent("node-1", TestChunks.packets("node-1", 3, 10)).silentAfter = 1;
            hub.create(TestHub.everything("one"));
            hub.create(TestHub.everything("two"));
            SnapshotRequest third = TestHub.everything("three");

            assertThatThrownBy(() -> hub.create(third))
                    .isInstanceOfSatisfying(
                            HindsightException.class,
                            refused -> assertThat(refused.code()).isEqualTo(ErrorCode.TOO_MANY_REQUESTS));
        }
    }

    @Test
    void shouldNeverHaveMoreUnderWayThanItsCredit() {
        List<byte[]> chunks = TestChunks.packets("node-1", 100, 500);
        try (TestHub hub = new TestHub(TestHub.config(folder, 2, CREDIT_BYTES))) {
            ScriptedAgent agent = hub.agent("node-1", chunks);

            Snapshot snapshot = hub.ended(hub.create(TestHub.everything("bounded")).id());

            assertThat(snapshot.state()).isEqualTo(SnapshotState.COMPLETE);
            assertThat(agent.maxUnacknowledged()).isBetween(CREDIT_BYTES / 2, CREDIT_BYTES);
            assertThat(agent.grants)
                    .extracting(grant -> grant.durable().getOrDefault("packets", 0L))
                    .isSorted()
                    .contains(0L);
        }
    }

    @Test
    void shouldPublishProgressAtMostTenTimesASecondAndTheEnd() {
        List<byte[]> chunks = TestChunks.packets("node-1", 400, 500);
        try (TestHub hub = new TestHub(TestHub.config(folder, 2, CREDIT_BYTES))) {
            hub.agent("node-1", chunks);
            Snapshot snapshot = hub.ended(hub.create(TestHub.everything("watched")).id());
            Awaitility.await().untilAsserted(() -> assertThat(states(hub, snapshot.id())).contains("COMPLETE"));

            List<Event> events = of(hub, snapshot.id());
            for (int event = 10; event < events.size(); event++) {
                assertThat(events.get(event).timeNs() - events.get(event - 10).timeNs()).isGreaterThan(1_000_000_000L);
            }
            assertThat(states(hub, snapshot.id()).getLast()).isEqualTo("COMPLETE");
        }
    }

    private static Future<JsonObject> create(TestHub hub, String name) {
        return hub.request(SnapshotAction.CREATE, JsonMapping.toJson(TestHub.everything(name)), null);
    }

    private static List<String> states(TestHub hub, String id) {
        return of(hub, id).stream().map(event -> event.body().getJsonObject("snapshot").getString("state")).toList();
    }

    private static List<Event> of(TestHub hub, String id) {
        List<Event> found = new ArrayList<>();
        for (Event event : hub.events) {
            JsonObject snapshot = event.body().getJsonObject("snapshot");
            if (snapshot != null && id.equals(snapshot.getString("id"))) {
                found.add(event);
            }
        }
        return found;
    }
}
