package io.hindsight.hub.timeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotNode;
import io.hindsight.api.Timeline;
import io.hindsight.chunk.ChunkVerifier;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.store.Manifest;
import io.hindsight.hub.store.SealedSnapshot;
import io.hindsight.hub.testing.EventfulNode;
import io.hindsight.hub.testing.SealedFixture;
import io.hindsight.hub.testing.TestChunks;
import io.hindsight.hub.testing.TestHub;
import io.hindsight.hub.verify.ReadPace;
import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.FixturePacket;
import io.hindsight.time.TimeWindow;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TimelineDerivationTest {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final TimeWindow WINDOW = new TimeWindow(TestChunks.START_NS, TestChunks.START_NS + 10 * SECOND_NS);

    @TempDir Path folder;

    private static Manifest.Node node(String name, @Nullable Long shiftNs) {
        return new Manifest.Node(
                name,
                SnapshotNode.State.COMPLETE,
                null,
                null,
                null,
                0,
                0,
                0,
                null,
                null,
                List.of(),
                Map.of(),
                List.of(),
                new Snapshot.Problem("NONE", "None."),
                null,
                shiftNs,
                null);
    }

    private static void give(TimelineDerivation derivation, byte[] chunk) {
        MemorySegment bytes = MemorySegment.ofArray(chunk);
        derivation.chunk(ChunkVerifier.checkRecords(bytes, 0), bytes);
    }

    private static Map<Long, BucketCounts> buckets(TimelineDerivation derivation, String node) {
        return Objects.requireNonNull(derivation.data().nodes().get(node)).buckets();
    }

    private static byte[] packets(long... timesNs) {
        List<FixturePacket> packets =
                Arrays.stream(timesNs)
                        .mapToObj(timeNs -> FixturePacket.ethernet("eth0", timeNs, new byte[60]))
                        .toList();
        return ChunkFixtures.node("node-1").drops(1L, 0L, 0L, 0L).packets(packets);
    }

    /** A clock that is an hour fast: its records lie in the window that the node was asked for. */
    @Test
    void shouldLayANodeWithAnotherClockBesideTheOthers() {
        long shiftNs = 3_600 * SECOND_NS;
        TimelineDerivation derivation = new TimelineDerivation(WINDOW, 2);
        derivation.node(node("right", null));
        give(derivation, packets(TestChunks.START_NS + SECOND_NS));
        derivation.node(node("fast", shiftNs));
        give(derivation, packets(TestChunks.START_NS + SECOND_NS + shiftNs));
        derivation.node(node("absent", null));

        assertThat(derivation.data().nodes()).containsOnlyKeys("right", "fast", "absent");
        assertThat(buckets(derivation, "fast").keySet()).isEqualTo(buckets(derivation, "right").keySet()).hasSize(1);
        assertThat(buckets(derivation, "absent")).isEmpty();
    }

    @Test
    void shouldCountWhatIsInTheWindowAlone() {
        TimelineDerivation derivation = new TimelineDerivation(WINDOW, 1);
        derivation.node(node("node-1", null));
        give(derivation, packets(WINDOW.fromNs() - 1, WINDOW.fromNs(), WINDOW.toNs() - 1, WINDOW.toNs()));
        give(derivation, packets(WINDOW.fromNs() - 2, WINDOW.fromNs() - 1));
        give(derivation, packets(WINDOW.toNs()));
        give(derivation, packets());

        Map<Long, BucketCounts> buckets = buckets(derivation, "node-1");

        assertThat(buckets.values().stream().mapToLong(BucketCounts::packets).sum()).isEqualTo(2);
        // Of the chunk that reaches into the window, and of the one without records, which may be of any time.
        assertThat(buckets.values().stream().mapToLong(bucket -> bucket.drops(0)).sum()).isEqualTo(2);
        assertThat(buckets.keySet()).containsExactly(WINDOW.fromNs() / 100_000_000, (WINDOW.toNs() - 1) / 100_000_000);
    }

    private Path sealed(boolean withTimeline) throws IOException {
        Path volume = Files.createDirectory(folder.resolve("volume" + withTimeline));
        try (TestHub hub =
                new TestHub(
                        TestHub.config(volume, 4, 8L << 20),
                        TestHub.SHORT,
                        Clock.systemUTC(),
                        withTimeline ? List.of(new TimelineDeriver()) : List.of())) {
            hub.agent("node-1", EventfulNode.chunks("node-1"));
            String id = hub.ended(hub.create(TestHub.everything("one")).id()).id();
            Path copy = folder.resolve("copy" + withTimeline);
            SealedFixture.copy(volume.resolve(id), copy);
            return copy;
        }
    }

    @Test
    void shouldCountAgainWhatWasStored() throws IOException {
        TimelineQuery query = TimelineQuery.of("500ms", null, null, List.of());

        Timeline stored = Timelines.answer(SealedSnapshot.open(sealed(true)), query, ReadPace.UNLIMITED);
        Timeline counted = Timelines.answer(SealedSnapshot.open(sealed(false)), query, ReadPace.UNLIMITED);

        assertThat(counted.nodes()).isEqualTo(stored.nodes());
        assertThat(counted.total()).isEqualTo(stored.total());
    }

    @Test
    void shouldStopCountingWhenNobodyWaits() throws IOException {
        Path folder = sealed(false);
        Vertx vertx = Vertx.vertx();
        try {
            TimelineQuery query = TimelineQuery.of(null, null, null, List.of());
            TimelineService service = new TimelineService(vertx);

            assertThatThrownBy(() -> service.answer(folder, query, () -> true).await())
                    .isInstanceOfSatisfying(
                            HindsightException.class, ended -> assertThat(ended.code()).isEqualTo(ErrorCode.CANCELLED))
                    .hasCauseInstanceOf(CancellationException.class);
            assertThat(service.answer(folder, query, () -> false).await().length()).isPositive();
        } finally {
            vertx.close().await();
        }
    }

    @Test
    void shouldNotCountWhatIsDamaged() throws IOException {
        Path damaged = sealed(false);
        Path data = damaged.resolve("node-1.pcapng");
        byte[] bytes = Files.readAllBytes(data);
        bytes[bytes.length / 2] ^= 1;
        Files.write(data, bytes);
        TimelineQuery query = TimelineQuery.of(null, null, null, List.of());

        assertThatThrownBy(() -> Timelines.answer(SealedSnapshot.open(damaged), query, ReadPace.UNLIMITED))
                .isInstanceOfSatisfying(
                        HindsightException.class,
                        refused -> assertThat(refused.code()).isEqualTo(ErrorCode.INTEGRITY_VIOLATED))
                .hasMessageContaining("node-1.pcapng");
    }
}
