package io.hindsight.hub.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.api.VerifyReport;
import io.hindsight.api.Violation;
import io.hindsight.api.Violation.Kind;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.store.ManifestCodec;
import io.hindsight.hub.testing.Damage;
import io.hindsight.hub.testing.SealedFixture;
import io.hindsight.testing.IndependentVerifier;
import io.hindsight.testing.Mutations;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every kind of damage to a sealed snapshot: the report names the file, the chunk and a stretch of bytes that holds what was damaged, and blames
 * nothing else. The program that shares no code finds each as well.
 */
class DamageTest {
    /** Random bits of each data file; more with the property. */
    private static final int BITS = Integer.getInteger("hindsight.damage.bits", 100);

    private static final int MANIFEST_BITS = BITS / 4;
    private static final long SEED = Long.getLong("hindsight.damage.seed", 20_261_123);

    @TempDir static Path shared;

    @TempDir Path own;

    private Path folder = Path.of("unset");

    @BeforeAll
    static void seal() throws IOException {
        SealedFixture.sealed(shared.resolve("volume"), shared.resolve("sealed"));
        SealedFixture.sealed(shared.resolve("volume"), shared.resolve("other"), 12);
    }

    @BeforeEach
    void copy() throws IOException {
        folder = own.resolve("snapshot");
        SealedFixture.copy(shared.resolve("sealed"), folder);
    }

    static Stream<Damage> damages() {
        return Damage.all();
    }

    @ParameterizedTest
    @MethodSource("damages")
    void shouldNameFileChunkAndPlace(Damage damage) throws IOException {
        damage.inflict(folder, shared.resolve("other"));

        VerifyReport report = SnapshotVerifier.verify(folder);

        assertThat(report.intact()).isFalse();
        for (Damage.Place place : damage.places()) {
            assertThat(report.violations()).as(damage.name()).anyMatch(place::isToldBy);
        }
        assertThat(report.violations())
                .as("no other file is blamed")
                .extracting(Violation::file)
                .isSubsetOf(damage.files());
        assertThat(report.violations()).hasSizeLessThanOrEqualTo(damage.maxFindings());
    }

    @Test
    void shouldBeFoundByAProgramThatSharesNoCode() throws IOException {
        List<Damage> damages = Damage.all().toList();
        List<Path> folders = new ArrayList<>();
        for (Damage damage : damages) {
            Path damaged = own.resolve("damaged-" + folders.size());
            SealedFixture.copy(shared.resolve("sealed"), damaged);
            damage.inflict(damaged, shared.resolve("other"));
            folders.add(damaged);
        }

        List<JsonObject> reports = IndependentVerifier.snapshots(folders);

        for (int i = 0; i < folders.size(); i++) {
            assertThat(reports.get(i).getBoolean("intact")).as("%s", damages.get(i)).isFalse();
            assertThat(
                            reports.get(i).getJsonArray("violations").stream()
                                    .map(each -> ((JsonObject) each).getString("file")))
                    .as("%s: %s", damages.get(i), reports.get(i))
                    .containsAnyElementsOf(damages.get(i).files());
        }
    }

    /** Every bit; the place is that very byte. */
    @Test
    void shouldNameTheByteOfEveryBitOfAnIndex() throws IOException {
        Path file = folder.resolve("node-2.index");
        byte[] sound = Files.readAllBytes(file);
        for (long bit = 0; bit < (long) sound.length * Byte.SIZE; bit++) {
            Files.write(file, Mutations.flipBit(sound, bit));

            IndexContent index = IndexContent.read(file, new NodeId("node-2"));

            long at = bit / Byte.SIZE;
            assertThat(index.problems())
                    .as("bit=%d", bit)
                    .singleElement()
                    .matches(violation ->
                            Long.valueOf(at).equals(violation.offset()) && Long.valueOf(1).equals(violation.bytes()));
            Files.write(file, sound);
        }
        for (long bit = SEED % 11; bit < (long) sound.length * Byte.SIZE; bit += 11) {
            assertThatBitIsNamed(file, sound, bit);
        }
    }

    @Test
    void shouldRefuseTheManifestWithAnyBitFlipped() throws IOException {
        byte[] sound = Files.readAllBytes(folder.resolve("manifest.json"));
        for (long bit = 0; bit < (long) sound.length * Byte.SIZE; bit++) {
            byte[] flipped = Mutations.flipBit(sound, bit);

            assertThatThrownBy(() -> ManifestCodec.decode(flipped))
                    .as("bit=%d", bit)
                    .isInstanceOf(HindsightException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"node-2.pcapng", "node-1.pcapng"})
    void shouldNameTheByteOfBitsOfADataFile(String name) throws IOException {
        Path file = folder.resolve(name);
        byte[] sound = Files.readAllBytes(file);
        SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i < BITS; i++) {
            assertThatBitIsNamed(file, sound, random.nextLong((long) sound.length * Byte.SIZE));
        }
        // The section header and the first interface: every field of both.
        for (long bit = random.nextInt(4); bit < 210 * Byte.SIZE; bit += 4) {
            assertThatBitIsNamed(file, sound, bit);
        }
    }

    @Test
    void shouldNameTheDerivedFileOfAnyBit() throws IOException {
        Path file = folder.resolve("timeline.json");
        byte[] sound = Files.readAllBytes(file);
        SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i < BITS; i++) {
            long bit = random.nextLong((long) sound.length * Byte.SIZE);
            Files.write(file, Mutations.flipBit(sound, bit));

            assertThat(SnapshotVerifier.verify(folder).violations())
                    .as("bit=%d", bit)
                    .singleElement()
                    .matches(new Damage.Place("timeline.json", Kind.CHANGED, null, bit / Byte.SIZE)::isToldBy);
        }
    }

    @Test
    void shouldNameTheByteOfBitsOfTheManifest() throws IOException {
        Path file = folder.resolve("manifest.json");
        byte[] sound = Files.readAllBytes(file);
        SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i < MANIFEST_BITS; i++) {
            assertThatBitIsNamed(file, sound, random.nextLong((long) sound.length * Byte.SIZE));
        }
    }

    @Test
    void shouldNameTheByteOfBitsOfTheDigestList() throws IOException {
        Path file = folder.resolve("manifest.sha256");
        byte[] sound = Files.readAllBytes(file);
        for (long bit = 0; bit < (long) sound.length * Byte.SIZE; bit += 5) {
            assertThatBitIsNamed(file, sound, bit);
        }
    }

    private void assertThatBitIsNamed(Path file, byte[] sound, long bit) throws IOException {
        String name = String.valueOf(file.getFileName());
        Files.write(file, Mutations.flipBit(sound, bit));

        VerifyReport report = SnapshotVerifier.verify(folder);

        assertThat(report.violations())
                .as("seed=%d %s bit=%d", SEED, name, bit)
                .extracting(Violation::file)
                .containsOnly(name);
        assertThat(report.violations())
                .as("seed=%d %s bit=%d", SEED, name, bit)
                .anyMatch(violation ->
                        new Damage.Place(name, Kind.CHANGED, null, bit / Byte.SIZE).isToldBy(violation)
                                && Long.valueOf(1).equals(violation.bytes()));
        Files.write(file, sound);
    }
}
