package io.hindsight.hub.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.api.VerifyReport;
import io.hindsight.api.Violation;
import io.hindsight.hub.store.DigestList;
import io.hindsight.hub.store.Manifest;
import io.hindsight.hub.store.ManifestCodec;
import io.hindsight.hub.store.SealedSnapshot;
import io.hindsight.hub.testing.SealedFixture;
import io.hindsight.json.JsonMapping;
import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.IndependentVerifier;
import io.hindsight.testing.Tools;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotVerifierTest {
    @TempDir static Path shared;

    @TempDir Path own;

    private Path folder = Path.of("unset");

    @BeforeAll
    static void seal() throws IOException {
        SealedFixture.sealed(shared.resolve("volume"), shared.resolve("sealed"));
    }

    @BeforeEach
    void copy() throws IOException {
        folder = own.resolve("snapshot");
        SealedFixture.copy(shared.resolve("sealed"), folder);
    }

    @Test
    void shouldFindNothingInWhatTheHubSealed() throws IOException {
        VerifyReport report = SnapshotVerifier.verify(folder);

        assertThat(report.violations()).isEmpty();
        assertThat(report.intact()).isTrue();
        assertThat(report.files()).isEqualTo(7);
        assertThat(report.chunks()).isEqualTo(9);
        assertThat(report.bytes()).isEqualTo(totalBytes());
    }

    @Test
    void shouldBeUnderstoodByAProgramThatSharesNoCode() {
        JsonObject report = IndependentVerifier.snapshot(folder);

        assertThat(report.getBoolean("intact")).as(report.encode()).isTrue();
    }

    @Test
    void shouldBeCheckedBySha256sum() {
        Tools.require("sh", "sha256sum");

        assertThat(Tools.run("sh", "-c", "cd " + folder + " && sha256sum --strict -c manifest.sha256").exit()).isZero();
    }

    @Test
    void shouldNameTheChunkAndItsOffset() throws IOException {
        SealedSnapshot sealed = SealedSnapshot.open(folder);
        long offset;
        try (var index = sealed.files().getFirst().openIndex()) {
            index.next();
            index.next();
            offset = index.next().offset();
        }
        flip("node-1.pcapng", (int) offset + 1_000);

        assertThat(SnapshotVerifier.verify(folder).violations())
                .first()
                .satisfies(violation -> {
                    assertThat(violation.file()).isEqualTo("node-1.pcapng");
                    assertThat(violation.chunk()).isEqualTo(2);
                    assertThat(violation.offset()).isEqualTo(offset + 1_000);
                    assertThat(violation.bytes()).isEqualTo(1);
                    assertThat(violation.sequence()).isEqualTo(3);
                    assertThat(violation.detail()).contains("offset=" + offset);
                });
    }

    @Test
    void shouldFindSwappedDroppedAndDoubledChunks() throws IOException {
        Path file = folder.resolve("node-1.pcapng");
        List<byte[]> chunks = chunks(file);
        List<List<byte[]>> others =
                List.of(
                        List.of(
                                chunks.get(1),
                                chunks.get(0),
                                chunks.get(2),
                                chunks.get(3),
                                chunks.get(4),
                                chunks.get(5)),
                        chunks.subList(0, 5),
                        chunks.subList(1, 6),
                        List.of(
                                chunks.get(0),
                                chunks.get(0),
                                chunks.get(2),
                                chunks.get(3),
                                chunks.get(4),
                                chunks.get(5)));
        for (List<byte[]> other : others) {
            Files.write(file, ChunkFixtures.concatenate(other));

            assertThat(SnapshotVerifier.verify(folder).violations())
                    .extracting(Violation::file)
                    .contains("node-1.pcapng");
        }
    }

    @Test
    void shouldFindAMissingAndAnAddedFile() throws IOException {
        Files.delete(folder.resolve("node-2.pcapng"));
        Files.writeString(folder.resolve("notes.txt"), "mine");

        assertThat(SnapshotVerifier.verify(folder).violations())
                .extracting(Violation::file)
                .contains("node-2.pcapng", "notes.txt");
    }

    @ParameterizedTest
    @ValueSource(strings = {"manifest.json", "manifest.sha256", "node-1.index", "timeline.json"})
    void shouldFindAMissingFile(String name) throws IOException {
        Files.delete(folder.resolve(name));

        assertThat(SnapshotVerifier.verify(folder).violations()).extracting(Violation::file).contains(name);
    }

    @Test
    void shouldFindAnEditedManifestThoughItsOwnDigestIsRight() throws IOException {
        Manifest manifest = SealedSnapshot.open(folder).manifest();
        JsonObject edited = JsonMapping.toJson(manifest).put("packets", manifest.packets() + 1);
        byte[] forged = ManifestCodec.encode(JsonMapping.fromJson(edited, Manifest.class));
        Files.write(folder.resolve("manifest.json"), forged);
        assertThat(SnapshotVerifier.verify(folder).intact()).isFalse();

        Files.write(folder.resolve("manifest.sha256"), DigestList.of(SealedSnapshot.open(folder).manifest(), forged));
        assertThat(SnapshotVerifier.verify(folder).violations())
                .extracting(Violation::file)
                .containsExactly("manifest.json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"node-1.pcapng", "node-1.index", "timeline.json", "manifest.json", "manifest.sha256"})
    void shouldSurviveFilesCutAnywhere(String name) throws IOException {
        Path file = folder.resolve(name);
        byte[] sound = Files.readAllBytes(file);
        for (int part = 0; part < 20; part++) {
            byte[] cut = Arrays.copyOf(sound, (int) ((long) sound.length * part / 20));
            Files.write(file, cut);

            assertThat(SnapshotVerifier.verify(folder).violations()).extracting(Violation::file).contains(name);
        }
    }

    private void flip(String name, int at) throws IOException {
        Path file = folder.resolve(name);
        byte[] bytes = Files.readAllBytes(file);
        bytes[at] ^= 1;
        Files.write(file, bytes);
    }

    private List<byte[]> chunks(Path file) throws IOException {
        byte[] all = Files.readAllBytes(file);
        List<byte[]> chunks = new ArrayList<>();
        try (var index = SealedSnapshot.open(folder).files().getFirst().openIndex()) {
            while (index.hasNext()) {
                var entry = index.next();
                chunks.add(Arrays.copyOfRange(all, (int) entry.offset(), (int) entry.end()));
            }
        }
        return chunks;
    }

    private long totalBytes() throws IOException {
        try (var files = Files.list(folder)) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        }
    }
}
