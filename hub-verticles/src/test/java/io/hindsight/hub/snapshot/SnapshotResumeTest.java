package io.hindsight.hub.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.api.Gap;
import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotState;
import io.hindsight.bus.HeldChunks;
import io.hindsight.hub.store.ImmutableFlag;
import io.hindsight.hub.testing.ScriptedAgent;
import io.hindsight.hub.testing.TestChunks;
import io.hindsight.hub.testing.TestHub;
import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.IndependentVerifier;
import io.hindsight.time.EpochNanos;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A Hub ends at any moment, and the next one goes on. The end is a copy of the volume, taken while the first Hub works: what a
 * {@code kill -9} leaves.
 */
class SnapshotResumeTest {
    private static final String NODE = "node-1";
    private static final List<byte[]> CHUNKS = TestChunks.packets(NODE, 12, 200);
    private static final byte[] WHOLE = ChunkFixtures.concatenate(CHUNKS);

    @TempDir Path folder;

    private int images;

    @AfterEach
    void unlock() throws IOException {
        ImmutableFlag.clearTree(folder);
    }

    /** The volume as it is when so many chunks of a running snapshot have been written. */
    private Image interruptedAfter(int chunks) throws IOException {
        Path first = Files.createDirectory(folder.resolve("first-" + images++));
        try (TestHub hub = new TestHub(first)) {
            ScriptedAgent agent = hub.agent(NODE, CHUNKS);
            agent.silentAfter = chunks;
            String id = hub.create(TestHub.everything("interrupted"), "the-key").id();
            long bytes = CHUNKS.subList(0, chunks).stream().mapToLong(chunk -> chunk.length).sum();
            await().until(() -> hub.get(id).bytes() == bytes);
            return image(first, id);
        }
    }

    private Image image(Path volume, String id) throws IOException {
        Path copy = folder.resolve("image-" + images++);
        try {
            copyTree(volume, copy);
            return new Image(copy, id);
        } catch (NoSuchFileException replaced) {
            // The running Hub replaces its records by rename: another picture shows the next one.
            return image(volume, id);
        }
    }

    private static void copyTree(Path from, Path to) throws IOException {
        try (Stream<Path> paths = Files.walk(from)) {
            for (Path path : paths.toList()) {
                Files.copy(path, to.resolve(from.relativize(path).toString()));
            }
        }
    }

    /** What a sudden end left. */
    private record Image(Path volume, String id) {
        Path hidden() {
            return volume.resolve("." + id + ".building");
        }

        Path data() {
            return hidden().resolve(NODE + ".pcapng");
        }

        Path sealed() {
            return volume.resolve(id);
        }

        Path record() {
            return volume.resolve(".sessions").resolve(id + ".json");
        }

        void cutData(long lengthBytes) throws IOException {
            try (FileChannel data = FileChannel.open(data(), StandardOpenOption.WRITE)) {
                data.truncate(lengthBytes);
            }
        }

        void edit(String field, Object value) throws IOException {
            JsonObject entry = new JsonObject(Files.readString(record()));
            entry.put(field, value);
            Files.writeString(record(), entry.encode());
        }
    }

    private static void assertWhole(TestHub hub, Image image, Snapshot snapshot) throws IOException {
        assertThat(snapshot.state()).as(snapshot.toString()).isEqualTo(SnapshotState.COMPLETE);
        assertThat(Files.readAllBytes(image.sealed().resolve(NODE + ".pcapng"))).isEqualTo(WHOLE);
        assertThat(hub.verify(image.id()).violations()).isEmpty();
        assertThat(image.record()).doesNotExist();
        assertThat(image.hidden()).doesNotExist();
    }

    private static HeldChunks held(ScriptedAgent agent) {
        return Objects.requireNonNull(agent.plans.getFirst().held().get("packets"));
    }

    @Test
    void shouldGoOnFromTheLastWholeChunkWhereverTheFileEnds() throws IOException {
        Random random = new Random(3);
        int firstChunk = CHUNKS.getFirst().length;
        long[] cuts = {0, 1, firstChunk - 1, firstChunk, firstChunk + 40, 0, 0, 0};
        for (int i = 5; i < cuts.length; i++) {
            cuts[i] = random.nextInt(5 * firstChunk);
        }
        for (long cut : cuts) {
            Image image = interruptedAfter(5);
            image.cutData(cut);
            try (TestHub hub = new TestHub(image.volume())) {
                ScriptedAgent agent = hub.agent(NODE, CHUNKS);
                assertWhole(hub, image, hub.ended(image.id()));
                long held = cut / firstChunk;
                assertThat(agent.plans).hasSize(1);
                if (held == 0) {
                    assertThat(agent.plans.getFirst().held()).isEmpty();
                } else {
                    assertThat(held(agent).sequence()).isEqualTo(held);
                    assertThat(held(agent).ringCreatedNs()).isEqualTo(agent.ringCreatedNs);
                }
            }
            assertThat(IndependentVerifier.snapshot(image.sealed()).getBoolean("intact")).isTrue();
        }
    }

    @Test
    void shouldCutOffWhatIsBroken() throws IOException {
        Image image = interruptedAfter(5);
        byte[] bytes = Files.readAllBytes(image.data());
        bytes[CHUNKS.getFirst().length + 300] ^= 4;
        Files.write(image.data(), bytes);
        try (TestHub hub = new TestHub(image.volume())) {
            ScriptedAgent agent = hub.agent(NODE, CHUNKS);
            assertWhole(hub, image, hub.ended(image.id()));
            assertThat(held(agent).sequence()).isEqualTo(1);
        }
    }

    @Test
    void shouldSealWithoutTheAgentWhatWasWhole() throws IOException {
        Image image = interruptedAfter(CHUNKS.size());
        try (TestHub hub = new TestHub(image.volume())) {
            assertWhole(hub, image, hub.ended(image.id()));
        }
    }

    @Test
    void shouldSealWhatItHoldsWhenTheNodeDoesNotComeBack() throws IOException {
        Image image = interruptedAfter(5);
        try (TestHub hub = new TestHub(image.volume())) {
            Snapshot snapshot = hub.ended(image.id());
            assertThat(snapshot.state()).as(snapshot.toString()).isEqualTo(SnapshotState.PARTIAL);
            assertThat(snapshot.chunks()).isEqualTo(5);
            assertThat(snapshot.nodes().getFirst().gaps())
                    .extracting(Gap::cause)
                    .containsExactly(Gap.Cause.NODE_UNREACHABLE);
            assertThat(hub.verify(image.id()).violations()).isEmpty();
        }
    }

    /** The agent passed over what it had promised, and would have said why at the end of its stream. */
    @Test
    void shouldSayThatTheFirstChunkIsMissingWhenTheNodeDoesNotComeBack() throws IOException {
        Image image = interruptedAfter(5);
        byte[] bytes = Files.readAllBytes(image.data());
        Files.write(image.data(), Arrays.copyOfRange(bytes, CHUNKS.getFirst().length, bytes.length));
        try (TestHub hub = new TestHub(image.volume())) {
            Snapshot snapshot = hub.ended(image.id());
            assertThat(snapshot.state()).as(snapshot.toString()).isEqualTo(SnapshotState.PARTIAL);
            assertThat(snapshot.chunks()).isEqualTo(4);
            assertThat(snapshot.nodes().getFirst().gaps())
                    .anySatisfy(gap ->
                            assertThat(gap.detail()).startsWith("Chunks of packets from sequence=1 to 1 did not come"))
                    .hasSize(2);
            assertThat(hub.verify(image.id()).violations()).isEmpty();
        }
    }

    @Test
    void shouldSayWhatTheRingLostMeanwhile() throws IOException {
        Image image = interruptedAfter(5);
        try (TestHub hub = new TestHub(image.volume())) {
            ScriptedAgent agent = hub.agent(NODE, List.of(CHUNKS.get(10), CHUNKS.get(11)));
            Instant lost = EpochNanos.toInstant(TestChunks.START_NS + 1_000_000);
            agent.planGaps =
                    List.of(new Gap(lost, lost.plusMillis(1), Gap.Cause.RECYCLED, "5 chunks were recycled.", null));
            Snapshot snapshot = hub.ended(image.id());
            assertThat(snapshot.state()).as(snapshot.toString()).isEqualTo(SnapshotState.PARTIAL);
            assertThat(snapshot.chunks()).isEqualTo(7);
            assertThat(snapshot.nodes().getFirst().gaps()).isEqualTo(agent.planGaps);
            assertThat(hub.verify(image.id()).violations()).isEmpty();
        }
    }

    @Test
    void shouldFinishASealThatWasInterrupted() throws IOException {
        Image interrupted = interruptedAfter(CHUNKS.size());
        Image image;
        try (TestHub hub = new TestHub(interrupted.volume())) {
            assertWhole(hub, interrupted, hub.ended(interrupted.id()));
            image = image(interrupted.volume(), interrupted.id());
        }
        // Everything was in place but the name, and the record was not yet forgotten.
        Files.move(image.sealed(), image.hidden());
        Files.writeString(image.record(), Files.readString(interruptedRecord(image)));
        try (TestHub hub = new TestHub(image.volume())) {
            assertWhole(hub, image, hub.ended(image.id()));
        }
    }

    /** The record of a session that was whole but not sealed, under another id. */
    private Path interruptedRecord(Image image) throws IOException {
        Image other = interruptedAfter(CHUNKS.size());
        JsonObject entry = new JsonObject(Files.readString(other.record()));
        entry.getJsonObject("snapshot").put("id", image.id());
        return Files.writeString(folder.resolve("record.json"), entry.encode());
    }

    @Test
    void shouldForgetTheRecordOfWhatWasSealed() throws IOException {
        Image interrupted = interruptedAfter(CHUNKS.size());
        String record = Files.readString(interrupted.record());
        try (TestHub hub = new TestHub(interrupted.volume())) {
            assertWhole(hub, interrupted, hub.ended(interrupted.id()));
        }
        Files.writeString(interrupted.record(), record);
        try (TestHub hub = new TestHub(interrupted.volume())) {
            assertThat(hub.get(interrupted.id()).state()).isEqualTo(SnapshotState.COMPLETE);
            assertThat(interrupted.record()).doesNotExist();
        }
    }

    @Test
    void shouldGiveUpWhatIsInterruptedAgainAndAgain() throws IOException {
        Image image = interruptedAfter(5);
        image.edit("attempt", RecoveryRule.MAX_ATTEMPTS);
        assertClosed(image, "It was interrupted 3 times, which is the limit.");
    }

    @Test
    void shouldGiveUpWhatNobodyWaitsForAnyMore() throws IOException {
        Image image = interruptedAfter(5);
        Instant longAgo = Instant.now().minus(RecoveryRule.MAX_AGE).minus(Duration.ofMinutes(1));
        JsonObject snapshot = new JsonObject(Files.readString(image.record())).getJsonObject("snapshot");
        image.edit("snapshot", snapshot.put("createdAt", longAgo.toString()));
        assertClosed(image, "It was asked for 61 minutes before, limit=60.");
    }

    private static void assertClosed(Image image, String reason) {
        try (TestHub hub = new TestHub(image.volume())) {
            Snapshot snapshot = hub.get(image.id());
            assertThat(snapshot.state()).isEqualTo(SnapshotState.FAILED);
            assertThat(snapshot.toString()).contains(reason);
            assertThat(image.hidden()).doesNotExist();
        }
        try (TestHub hub = new TestHub(image.volume())) {
            assertThat(hub.get(image.id()).state()).as("remembered").isEqualTo(SnapshotState.FAILED);
        }
    }

    @Test
    void shouldCountEachAttempt() throws IOException {
        Image image = interruptedAfter(5);
        for (int attempt = 2; attempt <= RecoveryRule.MAX_ATTEMPTS; attempt++) {
            try (TestHub hub = new TestHub(image.volume())) {
                int expected = attempt;
                await().until(() -> new JsonObject(Files.readString(image.record())).getInteger("attempt") == expected);
                assertThat(hub.get(image.id()).state().ended()).isFalse();
            }
        }
        assertClosed(image, "It was interrupted 3 times, which is the limit.");
    }

    @Test
    void shouldBeginAnewWhereTheWindowHadNotBeenCaptured() throws IOException {
        Image image = interruptedAfter(5);
        JsonObject plans = new JsonObject(Files.readString(image.record())).getJsonObject("plans");
        JsonObject gap =
                new JsonObject()
                        .put("from", "2026-11-22T21:00:00Z")
                        .put("to", "2026-11-22T21:00:01Z")
                        .put("cause", "NOT_YET_CAPTURED")
                        .put("detail", "The window ends later.");
        plans.getJsonObject(NODE).getJsonObject("extent").getJsonArray("gaps").add(gap);
        image.edit("plans", plans);
        try (TestHub hub = new TestHub(image.volume())) {
            ScriptedAgent agent = hub.agent(NODE, CHUNKS);
            assertWhole(hub, image, hub.ended(image.id()));
            assertThat(agent.plans.getFirst().held()).isEmpty();
        }
    }

    @Test
    void shouldCancelWhatWaitsForItsNode() throws IOException {
        Image image = interruptedAfter(5);
        try (TestHub hub = new TestHub(image.volume())) {
            assertThat(hub.cancel(image.id()).state()).isEqualTo(SnapshotState.CANCELLED);
            assertThat(image.hidden()).doesNotExist();
        }
    }

    @Test
    void shouldFindItByItsIdempotencyKey() throws IOException {
        Image image = interruptedAfter(5);
        try (TestHub hub = new TestHub(image.volume())) {
            hub.agent(NODE, CHUNKS);
            assertThat(hub.create(TestHub.everything("interrupted"), "the-key").id()).isEqualTo(image.id());
            assertWhole(hub, image, hub.ended(image.id()));
        }
    }

    @Test
    void shouldLeaveARunningSnapshotToTheNextHubWhenTold() throws IOException {
        Path volume = Files.createDirectory(folder.resolve("told"));
        String id;
        try (TestHub hub = new TestHub(volume)) {
            hub.agent(NODE, CHUNKS).silentAfter = 5;
            id = hub.create(TestHub.everything("interrupted")).id();
            await().until(() -> hub.get(id).chunks() == 5);
        }
        try (TestHub hub = new TestHub(volume)) {
            hub.agent(NODE, CHUNKS);
            assertWhole(hub, new Image(volume, id), hub.ended(id));
        }
    }

    @Test
    void shouldRemoveWhatNobodyRemembers() throws IOException {
        Image image = interruptedAfter(5);
        Files.delete(image.record());
        try (TestHub hub = new TestHub(image.volume())) {
            assertThat(hub.events).isEmpty();
            assertThat(image.hidden()).doesNotExist();
        }
    }
}
