package io.hindsight.hub.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotState;
import io.hindsight.hub.store.ImmutableFlag;
import io.hindsight.hub.testing.TestChunks;
import io.hindsight.hub.testing.TestHub;
import io.hindsight.testing.Mutations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a Hub remembers on its volume is damaged while it does not run: records of sessions and of verifications, files of an interrupted snapshot, and
 * of a sealed one. The next Hub starts all the same, lists what it can, leaves no leftover, and takes snapshots.
 * {@code -Dhindsight.fuzz.seconds=N}, three unless set; a failure names its seed, and {@code -Dhindsight.fuzz.seed=N} starts there.
 */
class VolumeFuzzTest {
    private static final Duration DURATION = Duration.ofSeconds(Long.getLong("hindsight.fuzz.seconds", 3));
    private static final long FIRST_SEED = Long.getLong("hindsight.fuzz.seed", 1);
    private static final String NODE = "node-1";

    @TempDir Path folder;

    @AfterEach
    void unlock() throws IOException {
        ImmutableFlag.clearTree(folder);
    }

    @Test
    void shouldStartOnWhateverItFinds() throws IOException {
        Path image = image();
        List<Path> files = files(image);
        assertThat(files).hasSizeGreaterThan(8);
        long end = System.nanoTime() + DURATION.toNanos();
        for (long seed = FIRST_SEED; System.nanoTime() < end; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Path volume = folder.resolve("round-" + seed);
            copy(image, volume);
            Path damaged = volume.resolve(image.relativize(files.get(random.nextInt(files.size()))));
            Files.write(damaged, Mutations.mutate(Files.readAllBytes(damaged), random));
            try {
                startAndUse(volume);
            } catch (RuntimeException | Error e) {
                throw new AssertionError("Fuzzing fails with -Dhindsight.fuzz.seed=" + seed + " of " + damaged, e);
            }
        }
    }

    /** A sealed snapshot that was verified, one that failed, and one that was interrupted; and what no Hub leaves. */
    private Path image() throws IOException {
        Path volume = Files.createDirectory(folder.resolve("first"));
        Path image = folder.resolve("image");
        try (TestHub hub = new TestHub(volume)) {
            var agent = hub.agent(NODE, TestChunks.packets(NODE, 4, 20));
            String sealed = hub.ended(hub.create(TestHub.everything("sealed")).id()).id();
            hub.verify(sealed);
            await().until(() -> Files.exists(volume.resolve(".verifications").resolve(sealed + ".json")));
            agent.silentAfter = 2;
            String cancelled = hub.create(TestHub.everything("cancelled")).id();
            hub.cancel(cancelled);
            await().until(() -> Files.readString(record(volume, cancelled)).contains("CANCELLED"));
            Snapshot running = hub.create(TestHub.everything("interrupted"));
            await().until(() -> hub.get(running.id()).chunks() == 2);
            copy(volume, image);
        }
        // The end came while records were being replaced.
        Files.writeString(image.resolve(".sessions").resolve("20261122-200000-aaaaaa.json.new"), "{\"snap");
        Files.writeString(image.resolve(".verifications").resolve("20261122-200000-aaaaaa.json.new"), "{");
        return image;
    }

    private static Path record(Path volume, String id) {
        return volume.resolve(".sessions").resolve(id + ".json");
    }

    private static void startAndUse(Path volume) throws IOException {
        try (TestHub hub = new TestHub(volume)) {
            hub.agent(NODE, TestChunks.packets(NODE, 4, 20));
            for (Snapshot snapshot : hub.all()) {
                assertThat(hub.ended(snapshot.id()).state().ended()).isTrue();
            }
            Snapshot next = hub.ended(hub.create(TestHub.everything("next")).id());
            assertThat(next.state()).as(next.toString()).isEqualTo(SnapshotState.COMPLETE);
            assertThat(hub.verify(next.id()).violations()).isEmpty();
            List<String> listed = hub.all().stream().map(Snapshot::id).toList();
            await().untilAsserted(() -> assertNothingForgotten(volume, listed));
        }
    }

    /** Every file belongs to a snapshot that is listed; nothing half-made lies about. */
    private static void assertNothingForgotten(Path volume, List<String> listed) throws IOException {
        for (Path file : files(volume)) {
            Path place = volume.relativize(file);
            if (place.startsWith(".custody") || place.startsWith(".capture")) {
                continue; // the log stays, and so does what is to be recorded
            }
            assertThat(place.toString()).doesNotEndWith(".new").doesNotContain(".building", ".deleted");
            String top = place.getName(0).toString();
            String owner = top.startsWith(".") ? place.getFileName().toString().replace(".json", "") : top;
            assertThat(listed).as(place.toString()).contains(owner);
        }
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> walk = Files.walk(folder)) {
            return walk.filter(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)).sorted().toList();
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        List<Path> paths = new ArrayList<>();
        try (Stream<Path> walk = Files.walk(from)) {
            paths.addAll(walk.toList());
        }
        for (Path path : paths) {
            Path copied = to.resolve(from.relativize(path).toString());
            Files.copy(path, copied);
            Files.setPosixFilePermissions(
                    copied, PosixFilePermissions.fromString(Files.isDirectory(copied) ? "rwxr-xr-x" : "rw-r--r--"));
        }
    }
}
