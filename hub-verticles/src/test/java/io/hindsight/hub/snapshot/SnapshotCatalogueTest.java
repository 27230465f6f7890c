package io.hindsight.hub.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotPage;
import io.hindsight.api.SnapshotQuery;
import io.hindsight.api.SnapshotRequest;
import io.hindsight.api.SnapshotState;
import io.hindsight.bus.SnapshotAction;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.store.ImmutableFlag;
import io.hindsight.hub.testing.ScriptedAgent;
import io.hindsight.hub.testing.TestChunks;
import io.hindsight.hub.testing.TestHub;
import io.hindsight.json.JsonMapping;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the Hub lists and remembers, over restarts too. */
class SnapshotCatalogueTest {
    @TempDir Path folder;

    private final List<byte[]> chunks = TestChunks.packets("node-1", 3, 20);

    @Test
    void shouldListSealedSnapshotsAfterARestart() {
        Snapshot sealed;
        try (TestHub hub = new TestHub(folder)) {
            sealed = sealedSnapshot(hub, "kept");
        }
        try (TestHub hub = new TestHub(folder)) {
            assertThat(hub.get(sealed.id())).isEqualTo(sealed);
        }
    }

    @Test
    void shouldAnswerTheSameKeyWithTheSameSnapshotAlsoAfterARestart() {
        SnapshotRequest request = TestHub.everything("once");
        String id;
        try (TestHub hub = new TestHub(folder)) {
            hub.agent("node-1", chunks);
            id = hub.create(request, "key-1").id();
            assertThat(hub.create(request, "key-1").id()).isEqualTo(id);
            hub.ended(id);
        }
        try (TestHub hub = new TestHub(folder)) {
            assertThat(hub.create(request, "key-1").id()).isEqualTo(id);
            assertFails(
                    () -> hub.create(TestHub.everything("other"), "key-1"),
                    ErrorCode.IDEMPOTENCY_CONFLICT,
                    "idempotency-key");
        }
    }

    @Test
    void shouldLetARefusedRequestBeTriedAgainUnderItsKey() {
        try (TestHub hub = new TestHub(folder)) {
            ScriptedAgent agent = hub.agent("node-1", chunks);
            agent.extraPlannedBytes = 1L << 60;
            assertFails(() -> hub.create(TestHub.everything("again"), "key-2"), ErrorCode.INSUFFICIENT_STORAGE, null);
            agent.extraPlannedBytes = 0;

            Snapshot second = hub.ended(hub.create(TestHub.everything("again"), "key-2").id());

            assertThat(second.state()).isEqualTo(SnapshotState.COMPLETE);
        }
    }

    @Test
    void shouldListADamagedSnapshotAsDamaged() throws IOException {
        Snapshot sealed;
        try (TestHub hub = new TestHub(folder)) {
            sealed = sealedSnapshot(hub, "damaged");
        }
        Path manifest = folder.resolve(sealed.id()).resolve("manifest.json");
        Files.delete(manifest);
        Files.writeString(manifest, "{\"id\":", StandardCharsets.UTF_8);
        Files.createDirectory(folder.resolve("lost+found"));
        Files.createDirectory(folder.resolve("notes"));
        try (TestHub hub = new TestHub(folder)) {
            Snapshot damaged = hub.get(sealed.id());
            assertThat(damaged.state()).isEqualTo(SnapshotState.FAILED);
            assertThat(damaged.error())
                    .isNotNull()
                    .satisfies(error -> assertThat(error.code()).isEqualTo("INTEGRITY_VIOLATED"));
            assertThat(hub.verify(sealed.id()).intact()).isFalse();
            assertThat(list(hub, new SnapshotQuery(null, null, null, null, null, null)).total()).isEqualTo(1);
        }
    }

    @Test
    void shouldProtectWhatIsSealedAndDeleteItOnlyWhenAsked() throws IOException {
        try (TestHub hub = new TestHub(folder)) {
            Snapshot sealed = sealedSnapshot(hub, "deleted");
            Path data = folder.resolve(sealed.id()).resolve("node-1.pcapng");
            assertThat(Files.getPosixFilePermissions(data))
                    .extracting(Enum::name)
                    .allMatch(name -> name.endsWith("READ"));
            if (ImmutableFlag.set(data, true)) {
                assertThatThrownBy(() -> Files.delete(data)).isInstanceOf(IOException.class);
            }

            hub.delete(sealed.id());

            assertThat(folder.resolve(sealed.id())).doesNotExist();
            assertFails(() -> hub.get(sealed.id()), ErrorCode.SNAPSHOT_NOT_FOUND, "id");
            assertThat(hub.events)
                    .anySatisfy(event ->
                            assertThat(event.body())
                                    .isEqualTo(new JsonObject().put("type", "deleted").put("id", sealed.id())));
        }
    }

    @Test
    void shouldNotDeleteARunningSnapshot() {
        try (TestHub hub = new TestHub(folder)) {
            hub.agent("node-1", chunks).silentAfter = 1;
            String id = hub.create(TestHub.everything("running")).id();

            assertFails(() -> hub.delete(id), ErrorCode.WRONG_STATE, null);
            assertFails(() -> hub.verify(id), ErrorCode.WRONG_STATE, null);
            hub.cancel(id);
            hub.delete(id);
            assertFails(() -> hub.get(id), ErrorCode.SNAPSHOT_NOT_FOUND, "id");
        }
    }

    @Test
    void shouldSearchFilterSortAndPage() {
        try (TestHub hub = new TestHub(folder)) {
            hub.agent("node-1", chunks);
            List.of("Beta", "alpha", "gamma").forEach(name -> sealedAnother(hub, name));
            assertThat(names(hub, new SnapshotQuery(null, null, null, "name", null, null)))
                    .containsExactly("Beta", "alpha", "gamma");
            assertThat(names(hub, new SnapshotQuery("ALP", null, null, null, null, null))).containsExactly("alpha");
            assertThat(names(hub, new SnapshotQuery(null, null, null, "-name", 1, 1))).containsExactly("alpha");
            assertThat(names(hub, new SnapshotQuery(null, List.of(SnapshotState.FAILED), null, null, null, null)))
                    .isEmpty();
            assertThat(names(hub, new SnapshotQuery(null, null, "node-2", null, null, null))).isEmpty();
            assertFails(
                    () -> list(hub, new SnapshotQuery(null, null, null, "size", null, null)),
                    ErrorCode.INVALID_REQUEST,
                    "sort");
            assertFails(
                    () -> list(hub, new SnapshotQuery(null, null, null, null, 0, null)),
                    ErrorCode.INVALID_REQUEST,
                    "limit");
            assertFails(
                    () -> list(hub, new SnapshotQuery(null, null, null, null, null, -1)),
                    ErrorCode.INVALID_REQUEST,
                    "offset");
        }
    }

    @Test
    void shouldRefuseRequestsThatCannotBeMeant() {
        Instant now = Instant.now();
        try (TestHub hub = new TestHub(folder)) {
            hub.agent("node-1", chunks);
            assertFails(() -> hub.create(window("5 minutes", null, null)), ErrorCode.INVALID_REQUEST, "last");
            assertFails(() -> hub.create(window("0s", null, null)), ErrorCode.INVALID_WINDOW, "last");
            assertFails(() -> hub.create(window("400d", null, null)), ErrorCode.INVALID_WINDOW, "last");
            assertFails(() -> hub.create(window("5m", now, null)), ErrorCode.INVALID_REQUEST, "from");
            assertFails(() -> hub.create(window(null, null, null)), ErrorCode.INVALID_REQUEST, "last");
            assertFails(() -> hub.create(window(null, now, now.minusSeconds(1))), ErrorCode.INVALID_WINDOW, "from");
            assertFails(
                    () -> hub.create(window(null, now, now.plus(Duration.ofHours(25)))),
                    ErrorCode.INVALID_WINDOW,
                    "to");
            assertFails(
                    () -> hub.create(new SnapshotRequest("a\nb", "5m", null, null, null)),
                    ErrorCode.INVALID_REQUEST,
                    "name");
            assertFails(
                    () -> hub.create(new SnapshotRequest(null, "5m", null, null, List.of("../x"))),
                    ErrorCode.INVALID_REQUEST,
                    "node");
            assertFails(
                    () -> hub.create(window("5m", null, null), "a b"), ErrorCode.INVALID_REQUEST, "idempotency-key");
            for (String id : List.of("..", "../x", "a/b", "", "x".repeat(9_999))) {
                assertFails(() -> hub.get(id), ErrorCode.SNAPSHOT_NOT_FOUND, "id");
                assertFails(() -> hub.delete(id), ErrorCode.SNAPSHOT_NOT_FOUND, "id");
            }
        }
    }

    private static SnapshotRequest window(@Nullable String last, @Nullable Instant from, @Nullable Instant to) {
        return new SnapshotRequest(null, last, from, to, null);
    }

    private Snapshot sealedSnapshot(TestHub hub, String name) {
        hub.agent("node-1", chunks);
        return sealedAnother(hub, name);
    }

    private static Snapshot sealedAnother(TestHub hub, String name) {
        return hub.ended(hub.create(TestHub.everything(name)).id());
    }

    private static List<String> names(TestHub hub, SnapshotQuery query) {
        return list(hub, query).snapshots().stream().map(Snapshot::name).toList();
    }

    private static SnapshotPage list(TestHub hub, SnapshotQuery query) {
        return hub.ask(SnapshotAction.LIST, JsonMapping.toJson(query), SnapshotPage.class);
    }

    private static void assertFails(ThrowingCallable call, ErrorCode code, @Nullable String field) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        HindsightException.class,
                        failure -> {
                            assertThat(failure.code()).as(failure.toString()).isEqualTo(code);
                            assertThat(failure.field()).isEqualTo(field);
                        });
    }
}
