package io.hindsight.hub.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hindsight.api.EarlyEnd;
import io.hindsight.api.Gap;
import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotNode;
import io.hindsight.api.SnapshotRequest;
import io.hindsight.api.SnapshotState;
import io.hindsight.bus.PlanRequest;
import io.hindsight.bus.PlanRound;
import io.hindsight.bus.SnapshotAction;
import io.hindsight.config.HubConfig;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.store.ImmutableFlag;
import io.hindsight.hub.testing.ScriptedAgent;
import io.hindsight.hub.testing.TestChunks;
import io.hindsight.hub.testing.TestHub;
import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.IndependentVerifier;
import io.hindsight.time.EpochNanos;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Windows that end ahead of their request. The wall clock stands at NOW, five seconds after the first packet; chunks are "recorded" when the test adds them. */
class FutureWindowTest {
    private static final String NODE = "node-1";
    private static final List<byte[]> CHUNKS = TestChunks.packets(NODE, 8, 50);
    private static final Instant FIRST = EpochNanos.toInstant(TestChunks.START_NS);
    private static final Instant NOW = FIRST.plusSeconds(5);
    private static final InstantSource CLOCK = InstantSource.fixed(NOW);

    @TempDir Path folder;

    private final List<byte[]> recorded = new CopyOnWriteArrayList<>(CHUNKS.subList(0, 4));

    @AfterEach
    void unlock() throws IOException {
        ImmutableFlag.clearTree(folder);
    }

    private TestHub hub(Path volume) {
        return new TestHub(TestHub.config(volume, 2, 32L << 20, Duration.ofMillis(200)), CLOCK);
    }

    private ScriptedAgent agent(TestHub hub) {
        ScriptedAgent agent = hub.agent(NODE, recorded).beating();
        agent.retentionSeconds = 1L;
        return agent;
    }

    private static SnapshotRequest ahead(Duration ahead) {
        return new SnapshotRequest("ahead", null, FIRST.minusSeconds(1), NOW.plus(ahead), null);
    }

    private static Snapshot awaitChunks(TestHub hub, String id, int chunks) {
        return await().until(() -> hub.get(id), snapshot -> snapshot.chunks() == chunks);
    }

    private static Snapshot end(TestHub hub, String id) {
        return hub.ask(SnapshotAction.END, new JsonObject().put("id", id), Snapshot.class);
    }

    private void assertHolds(Path volume, String id, List<byte[]> chunks) throws IOException {
        Path sealed = volume.resolve(id);
        assertThat(Files.readAllBytes(sealed.resolve(NODE + ".pcapng"))).isEqualTo(ChunkFixtures.concatenate(chunks));
        assertThat(IndependentVerifier.snapshot(sealed).getBoolean("intact")).isTrue();
    }

    private List<String> custodyLines() throws IOException {
        List<String> lines = new ArrayList<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path log : files.filter(file -> file.toString().endsWith(".jsonl")).toList()) {
                lines.addAll(Files.readAllLines(log));
            }
        }
        return lines;
    }

    private static SnapshotNode node(Snapshot snapshot) {
        return snapshot.nodes().getFirst();
    }

    private static List<PlanRound> rounds(ScriptedAgent agent) {
        return agent.plans.stream().map(PlanRequest::round).map(Objects::requireNonNull).toList();
    }

    @Test
    void shouldTakeWhatIsThereAtOnceAndTheRestAsItIsRecorded() throws IOException {
        try (TestHub hub = hub(folder)) {
            ScriptedAgent agent = agent(hub);
            Instant to = NOW.plusMillis(2_500);
            String id = hub.create(ahead(Duration.ofMillis(2_500))).id();
            Snapshot running = awaitChunks(hub, id, 4);
            assertThat(running.state()).isEqualTo(SnapshotState.STREAMING);
            assertThat(Objects.requireNonNull(running.progress()).recordingUntil()).isEqualTo(to);

            recorded.addAll(CHUNKS.subList(4, 6));
            awaitChunks(hub, id, 6);
            recorded.addAll(CHUNKS.subList(6, 8));
            Snapshot ended = hub.ended(id);

            assertThat(ended.state()).as(ended.toString()).isEqualTo(SnapshotState.COMPLETE);
            assertThat(ended.to()).isEqualTo(to);
            assertThat(ended.endedEarly()).isNull();
            assertHolds(folder, id, CHUNKS);
            List<PlanRound> rounds = rounds(agent);
            assertThat(rounds).extracting(PlanRound::number).isSorted().doesNotHaveDuplicates();
            assertThat(rounds.getLast().last()).isTrue();
            assertThat(rounds.subList(0, rounds.size() - 1)).hasSizeBetween(3, 12).noneMatch(PlanRound::last);
            assertThat(agent.plans).allMatch(plan -> plan.toNs() == EpochNanos.of(to));
            assertThat(agent.unreleased()).isZero();
            assertThat(agent.releases).containsExactly("completed");
        }
    }

    @Test
    void shouldSealWhatCameWhenItIsEndedEarly() throws IOException {
        try (TestHub hub = hub(folder)) {
            ScriptedAgent agent = agent(hub);
            String id = hub.create(ahead(Duration.ofHours(2))).id();
            awaitChunks(hub, id, 4);
            recorded.add(CHUNKS.get(4));
            Snapshot shortened = end(hub, id);
            assertThat(end(hub, id).to()).as("once more").isEqualTo(NOW);
            Snapshot ended = hub.ended(id);

            EarlyEnd end = new EarlyEnd("local", NOW, NOW.plus(Duration.ofHours(2)));
            assertThat(shortened.to()).isEqualTo(NOW);
            assertThat(ended.state()).as(ended.toString()).isEqualTo(SnapshotState.COMPLETE);
            assertThat(ended.to()).isEqualTo(NOW);
            assertThat(ended.endedEarly()).isEqualTo(end);
            JsonObject manifest = hub.ask(SnapshotAction.MANIFEST, new JsonObject().put("id", id), JsonObject.class);
            assertThat(manifest.getString("to")).isEqualTo(NOW.toString());
            assertThat(manifest.getJsonObject("request").getString("to")).isEqualTo(end.askedTo().toString());
            assertThat(manifest.getJsonObject("endedEarly").getString("by")).isEqualTo("local");
            assertHolds(folder, id, CHUNKS.subList(0, 5));
            assertThat(agent.plans.getLast().toNs()).isEqualTo(EpochNanos.of(NOW));
            assertThat(custodyLines()).filteredOn(line -> line.contains("\"END\"")).hasSize(2);
            assertThat(end(hub, id)).as("when it is over").isEqualTo(hub.get(id));
        }
    }

    @Test
    void shouldNotEndAWindowThatHasNotBegun() {
        try (TestHub hub = hub(folder)) {
            agent(hub);
            recorded.clear();
            SnapshotRequest later = new SnapshotRequest("later", null, NOW.plusSeconds(60), NOW.plusSeconds(120), null);
            String id = hub.create(later).id();

            assertThatThrownBy(() -> end(hub, id))
                    .isInstanceOfSatisfying(
                            HindsightException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.WRONG_STATE));
            assertThat(hub.cancel(id).state()).isEqualTo(SnapshotState.CANCELLED);
            hub.awaitNothingKept();
        }
    }

    @Test
    void shouldGoOnWithTheWindowWhenTheHubHasBeenKilled() throws IOException {
        Path first = Files.createDirectory(folder.resolve("first"));
        Path image = folder.resolve("image");
        String id;
        try (TestHub hub = hub(first)) {
            agent(hub);
            id = hub.create(ahead(Duration.ofHours(2))).id();
            awaitChunks(hub, id, 4);
            recorded.add(CHUNKS.get(4));
            awaitChunks(hub, id, 5);
            copy(first, image);
        }
        interruptedBefore(image, id, RecoveryRule.MAX_ATTEMPTS + 1);
        recorded.add(CHUNKS.get(5));
        try (TestHub hub = hub(image)) {
            ScriptedAgent agent = agent(hub);
            awaitChunks(hub, id, 6);
            assertThat(agent.plans.getFirst().held()).containsKey("packets");
            assertThat(rounds(agent)).allMatch(round -> round.number() > 4_000_000 && !round.last());
            recorded.add(CHUNKS.get(6));
            end(hub, id);

            Snapshot ended = hub.ended(id);
            assertThat(ended.state()).as(ended.toString()).isEqualTo(SnapshotState.COMPLETE);
            assertThat(node(ended).gaps()).isEmpty();
            assertHolds(image, id, CHUNKS.subList(0, 7));
        }
    }

    /** As often as another snapshot must not have been; this one goes on for two hours more. */
    private static void interruptedBefore(Path image, String id, int attempts) throws IOException {
        Path record = image.resolve(".sessions").resolve(id + ".json");
        Files.writeString(record, new JsonObject(Files.readString(record)).put("attempt", attempts).encode());
    }

    /** What a {@code kill -9} leaves. */
    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> paths = Files.walk(from)) {
            for (Path path : paths.toList()) {
                try {
                    Files.copy(path, to.resolve(from.relativize(path).toString()));
                } catch (NoSuchFileException replaced) {
                    // A record that is replaced by rename just now; the one that takes its place is copied too.
                    assertThat(path.toString()).contains(".sessions");
                }
            }
        }
    }

    @Test
    void shouldRememberAnEarlyEndWhenTheHubHasBeenKilled() throws IOException {
        Path first = Files.createDirectory(folder.resolve("first"));
        Path image = folder.resolve("image");
        String id;
        try (TestHub hub = hub(first)) {
            ScriptedAgent agent = agent(hub);
            id = hub.create(ahead(Duration.ofHours(2))).id();
            awaitChunks(hub, id, 4);
            agent.answersPlans = false;
            end(hub, id);
            copy(first, image);
        }
        recorded.add(CHUNKS.get(4));
        try (TestHub hub = hub(image)) {
            ScriptedAgent agent = agent(hub);
            Snapshot ended = hub.ended(id);

            assertThat(rounds(agent)).extracting(PlanRound::last).containsExactly(true);
            assertThat(Objects.requireNonNull(ended.endedEarly()).by()).isEqualTo("local");
            assertThat(ended.to()).isEqualTo(NOW);
            assertHolds(image, id, CHUNKS.subList(0, 5));
        }
    }

    @Test
    void shouldWaitForANodeForAsLongAsTheWindowGoesOn() throws IOException {
        try (TestHub hub = hub(folder)) {
            ScriptedAgent agent = agent(hub);
            String id = hub.create(ahead(Duration.ofHours(2))).id();
            awaitChunks(hub, id, 4);
            agent.kill();
            await().until(() -> node(hub.get(id)).state() == SnapshotNode.State.WAITING);
            long sinceNs = System.nanoTime();
            recorded.addAll(CHUNKS.subList(4, 7));
            await().until(() -> System.nanoTime() - sinceNs > 4 * Duration.ofMillis(200).toNanos());
            assertThat(node(hub.get(id)).state()).isEqualTo(SnapshotNode.State.WAITING);
            agent.comeBack();
            awaitChunks(hub, id, 7);
            end(hub, id);

            Snapshot ended = hub.ended(id);
            assertThat(ended.state()).as(ended.toString()).isEqualTo(SnapshotState.COMPLETE);
            assertHolds(folder, id, CHUNKS.subList(0, 7));
        }
    }

    @Test
    void shouldSealWhatCameOfANodeThatIsAwayAtTheEnd() throws IOException {
        try (TestHub hub = hub(folder)) {
            ScriptedAgent agent = agent(hub);
            String id = hub.create(ahead(Duration.ofHours(2))).id();
            awaitChunks(hub, id, 4);
            agent.kill();
            await().until(() -> node(hub.get(id)).state() == SnapshotNode.State.WAITING);
            end(hub, id);

            Snapshot ended = hub.ended(id);
            assertThat(ended.state()).as(ended.toString()).isEqualTo(SnapshotState.PARTIAL);
            assertThat(node(ended).gaps()).extracting(Gap::cause).containsExactly(Gap.Cause.NODE_UNREACHABLE);
            assertThat(node(ended).gaps().getFirst().to()).isEqualTo(NOW);
            assertHolds(folder, id, CHUNKS.subList(0, 4));
        }
    }

    @Test
    void shouldKeepWhatCameWhereTheNextRoundHasNoRoom() throws IOException {
        try (TestHub hub = hub(folder)) {
            ScriptedAgent agent = agent(hub);
            String id = hub.create(ahead(Duration.ofHours(2))).id();
            awaitChunks(hub, id, 4);
            agent.extraPlannedBytes = 1L << 60;
            recorded.add(CHUNKS.get(4));

            Snapshot ended = hub.ended(id);
            assertThat(ended.state()).as(ended.toString()).isEqualTo(SnapshotState.PARTIAL);
            assertThat(Objects.requireNonNull(ended.error()).code()).isEqualTo(ErrorCode.INSUFFICIENT_STORAGE.name());
            assertThat(node(ended).gaps()).extracting(Gap::cause).containsExactly(Gap.Cause.NOT_YET_CAPTURED);
            assertThat(node(ended).gaps().getFirst().detail()).contains("needed=");
            assertHolds(folder, id, CHUNKS.subList(0, 4));
        }
    }

    @Test
    void shouldCountOnceWhatIsMissing() {
        try (TestHub hub = hub(folder)) {
            ScriptedAgent agent = agent(hub);
            Gap before = new Gap(FIRST.minusSeconds(1), FIRST, Gap.Cause.RECYCLED, "Older ones are gone.", null);
            Gap dropped = new Gap(FIRST, FIRST.plusMillis(1), Gap.Cause.DROPPED_BY_KERNEL, "3 were dropped.", 3L);
            agent.planGaps = List.of(before, dropped);
            String id = hub.create(ahead(Duration.ofHours(2))).id();
            awaitChunks(hub, id, 4);
            recorded.addAll(CHUNKS.subList(4, 6));
            agent.recycled.add(5L);
            awaitChunks(hub, id, 5);
            await().until(() -> agent.plans.size() > 5);
            end(hub, id);

            Snapshot ended = hub.ended(id);
            assertThat(ended.state()).as(ended.toString()).isEqualTo(SnapshotState.PARTIAL);
            assertThat(node(ended).gaps())
                    .extracting(Gap::cause)
                    .containsExactlyInAnyOrder(Gap.Cause.RECYCLED, Gap.Cause.DROPPED_BY_KERNEL, Gap.Cause.RECYCLED);
            assertThat(node(ended).gaps()).contains(before, dropped);
        }
    }

    @Test
    void shouldCountWindowsThatAreBeingRecordedApart() {
        HubConfig one = TestHub.config(folder, 1, 32L << 20);
        try (TestHub hub = new TestHub(one, CLOCK)) {
            agent(hub);
            String id = hub.create(ahead(Duration.ofHours(2))).id();
            assertThatThrownBy(() -> hub.create(ahead(Duration.ofHours(1))))
                    .isInstanceOfSatisfying(
                            HindsightException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TOO_MANY_REQUESTS));
            String other = hub.create(new SnapshotRequest("past", null, FIRST.minusSeconds(1), NOW, null)).id();

            assertThat(hub.ended(other).state()).isEqualTo(SnapshotState.COMPLETE);
            assertThat(hub.get(id).state().ended()).isFalse();
            assertThat(hub.cancel(id).state()).isEqualTo(SnapshotState.CANCELLED);
        }
    }

    @Test
    void shouldRefuseWhatEndsMoreThanADayAhead() {
        try (TestHub hub = hub(folder)) {
            agent(hub);
            assertThatThrownBy(() -> hub.create(ahead(Duration.ofHours(24).plusSeconds(1))))
                    .isInstanceOfSatisfying(
                            HindsightException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_WINDOW))
                    .hasMessageContaining("24 h");
        }
    }
}
