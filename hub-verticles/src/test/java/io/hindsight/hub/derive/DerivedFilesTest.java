package io.hindsight.hub.derive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotState;
import io.hindsight.api.Violation;
import io.hindsight.api.Violation.Kind;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.derive.ScriptedDeriver.Failure;
import io.hindsight.hub.store.DerivedFile;
import io.hindsight.hub.store.DigestList;
import io.hindsight.hub.store.LocalSnapshotStore;
import io.hindsight.hub.store.Manifest;
import io.hindsight.hub.store.ManifestCodec;
import io.hindsight.hub.store.SealedSnapshot;
import io.hindsight.hub.store.SnapshotBuild;
import io.hindsight.hub.store.StoreWorkers;
import io.hindsight.hub.store.SyncPolicy;
import io.hindsight.hub.testing.SealedFixture;
import io.hindsight.hub.testing.TestChunks;
import io.hindsight.hub.testing.TestHub;
import io.hindsight.hub.verify.SnapshotVerifier;
import io.hindsight.json.JsonMapping;
import io.hindsight.testing.IndependentVerifier;
import io.hindsight.testing.Mutations;
import io.hindsight.testing.Tools;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Files that are computed while a snapshot is sealed are part of it: named, digested, verified; and never worth more than its data. */
class DerivedFilesTest {
    private static final String NAME = "resolution.json";

    @TempDir Path volume;

    @TempDir Path copies;

    private Path seal(List<Deriver> derivers) throws IOException {
        try (TestHub hub =
                new TestHub(TestHub.config(volume, 4, 8L << 20), TestHub.SHORT, Clock.systemUTC(), derivers)) {
            hub.agent("node-1", TestChunks.packets("node-1", 3, 5));
            hub.agent("node-2", List.of());
            hub.agent("node-3", TestChunks.packets("node-3", 2, 5));
            Snapshot snapshot = hub.ended(hub.create(TestHub.everything("derived")).id());
            assertThat(snapshot.state()).isEqualTo(SnapshotState.COMPLETE);
            Path copy = copies.resolve("copy");
            SealedFixture.copy(volume.resolve(snapshot.id()), copy);
            return copy;
        }
    }

    private Path sealedWithOne() throws IOException {
        return seal(List.of(new ScriptedDeriver(DerivedFile.RESOLUTION, Failure.NEVER)));
    }

    @Test
    void shouldBeMadeOfEveryChunkAndBePartOfTheSnapshot() throws IOException {
        Path folder = sealedWithOne();

        SealedSnapshot sealed = SealedSnapshot.open(folder);
        assertThat(sealed.manifest().derivedFiles()).extracting(Manifest.File::name).containsExactly(NAME);
        assertThat(sealed.manifest().notes()).isNull();
        assertThat(new String(sealed.derived(DerivedFile.RESOLUTION).orElseThrow(), StandardCharsets.UTF_8).lines())
                .containsExactlyElementsOf(expectedCalls());
        assertThat(sealed.derivedFile(DerivedFile.RESOLUTION)).contains(folder.resolve(NAME));
        assertThat(sealed.derived(DerivedFile.TIMELINE)).isEmpty();
        assertThat(SnapshotVerifier.verify(folder).violations()).isEmpty();
        assertThat(SnapshotVerifier.verify(folder).files()).isEqualTo(7);
        assertThat(IndependentVerifier.snapshot(folder).getBoolean("intact")).isTrue();
        assertThat(Tools.run("sh", "-c", "cd " + folder + " && sha256sum --strict -c manifest.sha256").stdout())
                .contains(NAME + ": OK");
    }

    private static List<String> expectedCalls() {
        List<byte[]> first = TestChunks.packets("node-1", 3, 5);
        List<byte[]> third = TestChunks.packets("node-3", 2, 5);
        return List.of(
                "node node-1",
                "chunk 1 " + first.get(0).length,
                "chunk 2 " + first.get(1).length,
                "chunk 3 " + first.get(2).length,
                "node node-2",
                "node node-3",
                "chunk 1 " + third.get(0).length,
                "chunk 2 " + third.get(1).length,
                "files [node-1, node-3]");
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NEVER")
    void shouldBeLeftOutAndNotedWhereItCannotBeMade(Failure failure) throws IOException {
        Path folder =
                seal(
                        List.of(
                                new ScriptedDeriver(DerivedFile.RESOLUTION, failure),
                                new ScriptedDeriver(DerivedFile.TIMELINE, Failure.NEVER)));

        Manifest manifest = SealedSnapshot.open(folder).manifest();
        assertThat(manifest.derivedFiles()).extracting(Manifest.File::name).containsExactly("timeline.json");
        assertThat(manifest.notes()).singleElement().asString().contains(NAME);
        assertThat(folder.resolve(NAME)).doesNotExist();
        assertThat(SnapshotVerifier.verify(folder).violations()).isEmpty();
    }

    @Test
    void shouldBeAbsentFromOlderSnapshotsWhichStillVerify() throws IOException {
        Path folder = seal(List.of());

        assertThat(new JsonObject(Files.readString(folder.resolve("manifest.json"))).fieldNames())
                .doesNotContain("derived", "notes");
        assertThat(SealedSnapshot.open(folder).derived(DerivedFile.TIMELINE)).isEmpty();
        assertThat(SnapshotVerifier.verify(folder).violations()).isEmpty();
        assertThat(IndependentVerifier.snapshot(folder).getBoolean("intact")).isTrue();
    }

    @Test
    void shouldBeNamedAloneOfAnyFlippedBit() throws IOException {
        Path folder = sealedWithOne();
        Path file = folder.resolve(NAME);
        byte[] sound = Files.readAllBytes(file);
        SplittableRandom random = new SplittableRandom(11);
        for (int i = 0; i < 50; i++) {
            Files.write(file, Mutations.flipBit(sound, random.nextLong((long) sound.length * Byte.SIZE)));

            assertThat(SnapshotVerifier.verify(folder).violations())
                    .extracting(Violation::file, Violation::kind)
                    .containsExactly(tuple(NAME, Kind.CHANGED));
            assertThatThrownBy(() -> SealedSnapshot.open(folder).derived(DerivedFile.RESOLUTION))
                    .isInstanceOfSatisfying(
                            HindsightException.class,
                            refused -> assertThat(refused.code()).isEqualTo(ErrorCode.INTEGRITY_VIOLATED));
        }
        assertThat(IndependentVerifier.snapshot(folder).encode()).contains("\"file\":\"" + NAME + "\"");
    }

    @Test
    void shouldBeMissedAndNotBeAddedByAnybody() throws IOException {
        Path folder = sealedWithOne();
        Files.writeString(folder.resolve("timeline.json"), "{}");
        Files.delete(folder.resolve(NAME));

        assertThat(SnapshotVerifier.verify(folder).violations())
                .extracting(Violation::file, Violation::kind)
                .containsExactlyInAnyOrder(tuple(NAME, Kind.MISSING), tuple("timeline.json", Kind.ADDED));
        assertThat(IndependentVerifier.snapshot(folder).getBoolean("intact")).isFalse();
    }

    @Test
    void shouldNotBeBelievedUnderNamesOutsideOfTheList() throws IOException {
        Path folder = sealedWithOne();
        byte[] manifest = Files.readAllBytes(folder.resolve("manifest.json"));
        for (String name : List.of("../" + NAME, "/etc/passwd", "..", "", "node-1.pcapng", "notes.json")) {
            forge(folder, derived -> derived.getJsonObject(0).put("name", name));
            assertThatTheManifestIsBlamed(folder, "/derived/0/name");
            Files.write(folder.resolve("manifest.json"), manifest);
        }
        forge(folder, derived -> derived.add(derived.getJsonObject(0).copy()));
        assertThatTheManifestIsBlamed(folder, "/derived/1/name");
    }

    private static void assertThatTheManifestIsBlamed(Path folder, String field) {
        assertThat(SnapshotVerifier.verify(folder).violations())
                .as(field)
                .anyMatch(violation ->
                        violation.file().equals("manifest.json")
                                && violation.kind() == Kind.CLAIM
                                && field.equals(violation.field()));
        assertThat(IndependentVerifier.snapshot(folder).getBoolean("intact")).isFalse();
    }

    /** Another manifest, with all its digests right. */
    private static void forge(Path folder, Consumer<JsonArray> edit) throws IOException {
        JsonObject json = JsonMapping.toJson(SealedSnapshot.open(folder).manifest());
        edit.accept(json.getJsonArray("derived"));
        Manifest forged = JsonMapping.fromJson(json, Manifest.class);
        byte[] bytes = ManifestCodec.encode(forged);
        Files.write(folder.resolve("manifest.json"), bytes);
        Files.write(folder.resolve("manifest.sha256"), DigestList.of(forged, bytes));
    }

    @Test
    void shouldNotOutliveAnAttemptToSeal() {
        try (StoreWorkers workers = new StoreWorkers()) {
            LocalSnapshotStore store =
                    new LocalSnapshotStore(
                            volume, workers, new SyncPolicy(1 << 20, Duration.ofSeconds(1), System::nanoTime));
            SnapshotBuild build = store.begin("s1");
            build.writeDerived(DerivedFile.TIMELINE, out -> out.write(1));
            Manifest.File again = build.writeDerived(DerivedFile.TIMELINE, out -> out.write(new byte[3]));
            assertThat(again.bytes()).isEqualTo(3);
            assertThat(volume.resolve(".s1.building/timeline.json")).hasSize(3);

            store.reopen("s1");

            assertThat(volume.resolve(".s1.building")).isEmptyDirectory();
        }
    }
}
