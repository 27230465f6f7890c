package io.hindsight.hub.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.api.ClockOffset;
import io.hindsight.api.Snapshot;
import io.hindsight.api.VerifyReport;
import io.hindsight.api.Violation;
import io.hindsight.chunk.ChunkFlag;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.hub.testing.ScriptedAgent;
import io.hindsight.hub.testing.TestChunks;
import io.hindsight.hub.testing.TestHub;
import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.FixtureEntry;
import io.hindsight.testing.FixturePacket;
import io.hindsight.testing.IndependentVerifier;
import io.hindsight.testing.Mutations;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A program written from FORMAT.md alone reads what the Hub sealed, comes to the same numbers, and agrees with Hindsight's own verifier on what is
 * damaged.
 */
class IndependentVerificationTest {
    private static final int FLIPPED_BITS = 12;
    private static final int MUTATIONS = 400;

    @TempDir Path folder;

    /** Seals a snapshot and copies it, because sealed files are write-protected. */
    private Snapshot seal() throws IOException {
        Path volume = Files.createDirectory(folder.resolve("volume"));
        try (TestHub hub = new TestHub(volume)) {
            ScriptedAgent first = hub.agent("node-1", everySource("node-1"));
            first.clock = new ClockOffset(-12_345, 678, Instant.now());
            first.report();
            hub.agent("node-2", TestChunks.packets("node-2", 5, 20));
            hub.agent("node-3", List.of());
            Snapshot snapshot = hub.ended(hub.create(TestHub.everything("all")).id());
            copyFolder(volume.resolve(snapshot.id()), copy());
            return snapshot;
        }
    }

    private Path copy() {
        return folder.resolve("copy");
    }

    @Test
    void shouldComeToTheNumbersOfTheManifest() throws IOException {
        Snapshot snapshot = seal();

        JsonObject report = IndependentVerifier.snapshot(copy());

        assertThat(report.getBoolean("intact")).as(report.encodePrettily()).isTrue();
        assertThat(report.getString("merkleRoot")).isEqualTo(snapshot.merkleRoot());
        assertThat(report.getLong("bytes")).isEqualTo(snapshot.bytes());
        assertThat(report.getLong("chunks")).isEqualTo(snapshot.chunks());
        assertThat(report.getLong("packets")).isEqualTo(snapshot.packets());
        assertThat(report.getLong("records")).isEqualTo(snapshot.records()).isPositive();
        assertThat(SnapshotVerifier.verify(copy()).violations()).isEmpty();
    }

    @Test
    void shouldFindAFlippedBitInAnyFile() throws IOException {
        seal();
        SplittableRandom random = new SplittableRandom(5);
        List<Path> files = files();
        for (int i = 0; i < FLIPPED_BITS; i++) {
            Path file = files.get(i % files.size());
            byte[] content = Files.readAllBytes(file);
            Files.write(file, Mutations.flipBit(content, random.nextLong((long) content.length * Byte.SIZE)));

            assertBothFindIt(file.getFileName().toString());

            Files.write(file, content);
        }
        assertThat(IndependentVerifier.snapshot(copy()).getBoolean("intact")).isTrue();
    }

    /** Any damage to any file, in Hindsight's own verifier alone: always a report that says so, never an exception. */
    @Test
    void shouldReportWhateverIsDoneToAFile() throws IOException {
        seal();
        List<Path> files = files();
        for (int seed = 1; seed <= MUTATIONS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Path file = files.get(random.nextInt(files.size()));
            byte[] content = Files.readAllBytes(file);
            byte[] mutated = Mutations.mutate(content, random);
            Files.write(file, mutated);

            VerifyReport report = SnapshotVerifier.verify(copy());

            assertThat(report.intact())
                    .as("seed " + seed + " " + file.getFileName())
                    .isEqualTo(Arrays.equals(content, mutated));
            Files.write(file, content);
        }
    }

    @Test
    void shouldFindMissingAndAddedFiles() throws IOException {
        seal();
        Path data = copy().resolve("node-2.pcapng");
        Path aside = folder.resolve("aside");
        Files.move(data, aside);
        assertBothFindIt("node-2.pcapng");
        Files.move(aside, data);

        Files.writeString(copy().resolve("note.txt"), "added");
        assertBothFindIt("note.txt");
    }

    @Test
    void shouldFindChunksThatWereSwappedRepeatedOrLeftOut() throws IOException {
        seal();
        Path data = copy().resolve("node-2.pcapng");
        byte[] content = Files.readAllBytes(data);
        List<byte[]> chunks = TestChunks.packets("node-2", 5, 20);
        assertThat(ChunkFixtures.concatenate(chunks)).isEqualTo(content);

        for (int[] order : new int[][] {{1, 0, 2, 3, 4}, {0, 1, 2, 3}, {0, 1, 1, 2, 3, 4}, {0, 2, 3, 4}, {}}) {
            Files.write(data, ChunkFixtures.concatenate(Arrays.stream(order).mapToObj(chunks::get).toList()));

            // Of a last chunk that is missing the index knows: it may be the one that is named.
            assertBothFindIt("node-2.");
        }
    }

    /** {@code file}: what one of the violations names, or the beginning of it. */
    private void assertBothFindIt(String file) {
        JsonObject independent = IndependentVerifier.snapshot(copy());
        VerifyReport own = SnapshotVerifier.verify(copy());

        assertThat(independent.getBoolean("intact")).as(file).isFalse();
        assertThat(own.intact()).as(file).isFalse();
        assertThat(own.violations()).extracting(Violation::file).anyMatch(named -> named.startsWith(file));
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(copy())) {
            return files.sorted().toList();
        }
    }

    private static void copyFolder(Path from, Path to) throws IOException {
        Files.createDirectory(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.write(to.resolve(String.valueOf(file.getFileName())), Files.readAllBytes(file));
            }
        }
    }

    /** Packets with drops, a trimmed chunk, and events of both kinds. */
    private static List<byte[]> everySource(String node) {
        ChunkFixtures fixtures = ChunkFixtures.node(node);
        List<byte[]> chunks = new ArrayList<>(TestChunks.packets(node, 4, 30));
        long timeNs = TestChunks.START_NS + 1_000_000;
        List<FixturePacket> packets =
                List.of(
                        FixturePacket.ethernet("eth0", timeNs, new byte[60]),
                        new FixturePacket("tun0", 101, timeNs + 7, 2, 9_000, new byte[40]));
        List<FixtureEntry> entries = List.of(FixtureEntry.of(timeNs, "one"), FixtureEntry.of(timeNs + 9, "two\nlines"));
        chunks.add(fixtures.sequence(9).writer(1).drops(3L, 0L, 1L, 0L).packets(packets));
        chunks.add(fixtures.sequence(12).with(ChunkFlag.TRIMMED).packets(packets));
        chunks.add(fixtures.sequence(1).journal(ChunkSource.KUBERNETES, entries));
        chunks.add(fixtures.sequence(4).journal(ChunkSource.OS, entries));
        return chunks;
    }
}
