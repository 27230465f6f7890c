package io.hindsight.simulation.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.ClosedFileSystemException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** What ends of processes and power cuts leave on a simulated disk. */
class PowerCutTest {
    private static final int SEEDS = 200;
    private static final int PAGE = DiskFile.PAGE_SIZE;

    private interface Step {
        void on(Path root) throws IOException;
    }

    private static SimulatedDisk disk() {
        return new SimulatedDisk(1 << 20, InstantSource.fixed(Instant.ofEpochSecond(1_795_381_200L)));
    }

    private static void append(Path file, int length, int value) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            byte[] bytes = new byte[length];
            Arrays.fill(bytes, (byte) value);
            channel.position(channel.size()).write(ByteBuffer.wrap(bytes));
        }
    }

    private static void force(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** What can be found after a power cut behind the steps, over many seeds. */
    private static Set<String> outcomes(Step steps, Function<Path, String> seen) throws IOException {
        Set<String> outcomes = new TreeSet<>();
        for (int seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk disk = disk();
            steps.on(disk.mount().getPath("/"));
            disk.cutPower(new Random(seed));
            outcomes.add(seen.apply(disk.mount().getPath("/")));
        }
        return outcomes;
    }

    /** The file's bytes as runs of one value: {@code 512xA}; {@code -} where there is no file. */
    private static Function<Path, String> runs(String name) {
        return root -> {
            if (!Files.exists(root.resolve(name))) {
                return "-";
            }
            byte[] bytes = content(root.resolve(name));
            StringBuilder runs = new StringBuilder();
            for (int from = 0, to = 0; from < bytes.length; from = to) {
                while (to < bytes.length && bytes[to] == bytes[from]) {
                    to++;
                }
                runs.append(to - from).append('x').append(bytes[from] == 0 ? '0' : (char) bytes[from]);
            }
            return runs.toString();
        };
    }

    private static byte[] content(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String names(Path root) {
        try (var entries = Files.list(root)) {
            return entries.map(entry -> String.valueOf(entry.getFileName())).toList().toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void shouldKeepAllThatAProcessWroteWhenItEnds() throws IOException {
        SimulatedDisk disk = disk();
        FileSystem process = disk.mount();
        Path file = process.getPath("/a");
        append(file, PAGE, 'A');
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        MemorySegment mapped = channel.map(FileChannel.MapMode.READ_WRITE, 0, PAGE, Arena.ofAuto());
        mapped.set(ValueLayout.JAVA_BYTE, 0, (byte) 'B');
        assertThat(channel.tryLock()).isNotNull();
        FileSystem other = disk.mount();
        try (FileChannel others = FileChannel.open(other.getPath("/a"), StandardOpenOption.WRITE)) {
            assertThat(others.tryLock()).isNull();
            process.close();
            assertThat(others.tryLock()).isNotNull();
        }
        mapped.set(ValueLayout.JAVA_BYTE, 1, (byte) 'C'); // by a dead hand

        assertThat(channel.isOpen()).isFalse();
        assertThatThrownBy(() -> Files.exists(file)).isInstanceOf(ClosedFileSystemException.class);
        assertThat(runs("a").apply(other.getPath("/"))).isEqualTo("1xB" + (PAGE - 1) + "xA");
    }

    @Test
    void shouldKeepWhatWasForced() throws IOException {
        Set<String> outcomes =
                outcomes(
                        root -> {
                            append(root.resolve("a"), 700, 'A');
                            append(root.resolve("a"), 700, 'B');
                            force(root.resolve("a"));
                            force(root);
                        },
                        runs("a"));
        assertThat(outcomes).containsExactly("700xA700xB");
    }

    @Test
    void shouldKeepLoseOrTearEachWriteThatWasNotForced() throws IOException {
        Set<String> outcomes =
                outcomes(
                        root -> {
                            append(root.resolve("a"), 100, 'A');
                            force(root.resolve("a"));
                            force(root);
                            append(root.resolve("a"), 1000, 'B');
                            append(root.resolve("a"), 100, 'C');
                        },
                        runs("a"));
        assertThat(outcomes)
                .containsExactlyInAnyOrder(
                        "100xA",
                        "100xA412xB",
                        "100xA924xB",
                        "100xA1000xB",
                        "100xA1000x0100xC",
                        "100xA412xB588x0100xC",
                        "100xA924xB76x0100xC",
                        "100xA1000xB100xC");
    }

    @Test
    void shouldGiveBackWhatWasOverwrittenOrCut() throws IOException {
        Set<String> outcomes =
                outcomes(
                        root -> {
                            append(root.resolve("a"), 100, 'A');
                            force(root.resolve("a"));
                            force(root);
                            try (FileChannel channel = FileChannel.open(root.resolve("a"), StandardOpenOption.WRITE)) {
                                channel.truncate(40);
                                channel.write(
                                        ByteBuffer.wrap("BB".getBytes(java.nio.charset.StandardCharsets.US_ASCII)), 10);
                            }
                        },
                        runs("a"));
        assertThat(outcomes).containsExactlyInAnyOrder("100xA", "40xA", "10xA2xB88xA", "10xA2xB28xA");
    }

    @Test
    void shouldLoseNamesFromTheNewestBack() throws IOException {
        Set<String> outcomes =
                outcomes(
                        root -> {
                            append(root.resolve("a"), 1, 'A');
                            force(root);
                            append(root.resolve("b"), 1, 'B');
                            append(root.resolve("c"), 1, 'C');
                            Files.delete(root.resolve("a"));
                        },
                        PowerCutTest::names);
        assertThat(outcomes).containsExactlyInAnyOrder("[a]", "[a, b]", "[a, b, c]", "[b, c]");
    }

    @Test
    void shouldForceWhatWasDoneBeforeInOtherFoldersToo() throws IOException {
        Set<String> outcomes =
                outcomes(
                        root -> {
                            Files.createDirectory(root.resolve("before"));
                            Files.createDirectory(root.resolve("folder"));
                            append(root.resolve("folder").resolve("a"), 1, 'A');
                            force(root.resolve("folder"));
                            Files.createDirectory(root.resolve("later"));
                        },
                        root -> names(root) + names(root.resolve("folder")));
        assertThat(outcomes).containsExactlyInAnyOrder("[before, folder][a]", "[before, folder, later][a]");
    }

    @Test
    void shouldNotPromiseTheNameOfAFileThatAloneWasForced() throws IOException {
        Set<String> outcomes =
                outcomes(
                        root -> {
                            append(root.resolve("a"), 10, 'A');
                            force(root.resolve("a"));
                        },
                        runs("a"));
        assertThat(outcomes).containsExactlyInAnyOrder("-", "10xA");
    }

    @Test
    void shouldRenameAsOneStep() throws IOException {
        Set<String> outcomes =
                outcomes(
                        root -> {
                            append(root.resolve("a"), 10, 'A');
                            append(root.resolve("b"), 10, 'B');
                            force(root.resolve("a"));
                            force(root.resolve("b"));
                            force(root);
                            Files.move(root.resolve("b"), root.resolve("a"), StandardCopyOption.ATOMIC_MOVE);
                        },
                        root -> names(root) + runs("a").apply(root));
        assertThat(outcomes).containsExactlyInAnyOrder("[a, b]10xA", "[a]10xB");
    }

    @Test
    void shouldUndoRenamesOfRenames() throws IOException {
        Set<String> outcomes =
                outcomes(
                        root -> {
                            append(root.resolve("a"), 1, 'A');
                            force(root);
                            Files.move(root.resolve("a"), root.resolve("b"));
                            Files.move(root.resolve("b"), root.resolve("c"));
                        },
                        PowerCutTest::names);
        assertThat(outcomes).containsExactlyInAnyOrder("[a]", "[b]", "[c]");
    }

    @Test
    void shouldKeepWhatWasForcedBehindADroppedWriteWhenTheFileIsMapped() throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk disk = disk();
            Path root = disk.mount().getPath("/");
            append(root.resolve("a"), 10, 'A');
            force(root);
            disk.bend(new DiskFailure(DiskOperation.FORCE, path -> true, 1));
            assertThatThrownBy(() -> force(root.resolve("a"))).hasMessage("Input/output error");
            append(root.resolve("a"), PAGE, 'B');
            force(root.resolve("a"));
            try (FileChannel channel =
                    FileChannel.open(root.resolve("a"), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                channel.map(FileChannel.MapMode.READ_WRITE, 0, 1, Arena.ofAuto());
            }
            disk.cutPower(new Random(seed));
            assertThat(runs("a").apply(disk.mount().getPath("/"))).endsWith(PAGE + "xB");
        }
    }

    @Test
    void shouldKeepOrLoseEachPageOfAMappedFile() throws IOException {
        Set<String> outcomes =
                outcomes(
                        root -> {
                            append(root.resolve("a"), 2 * PAGE, 'A');
                            force(root.resolve("a"));
                            force(root);
                            try (FileChannel channel =
                                    FileChannel.open(
                                            root.resolve("a"), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                                channel.map(FileChannel.MapMode.READ_WRITE, 0, 2 * PAGE, Arena.ofAuto())
                                        .fill((byte) 'B');
                            }
                        },
                        runs("a"));
        assertThat(outcomes)
                .containsExactlyInAnyOrder(
                        2 * PAGE + "xA", PAGE + "xA" + PAGE + "xB", PAGE + "xB" + PAGE + "xA", 2 * PAGE + "xB");
    }

    @Test
    void shouldNeverSaveWhatAFailedForceDropped() throws IOException {
        Set<String> outcomes = new TreeSet<>();
        for (int seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk disk = disk();
            Path root = disk.mount().getPath("/");
            append(root.resolve("a"), 10, 'A');
            force(root);
            disk.bend(new DiskFailure(DiskOperation.FORCE, path -> path.endsWith("a"), 1));
            assertThatThrownBy(() -> force(root.resolve("a"))).hasMessage("Input/output error");
            append(root.resolve("a"), 10, 'B');
            force(root.resolve("a"));
            assertThat(runs("a").apply(root)).isEqualTo("10xA10xB");
            disk.cutPower(new Random(seed));
            outcomes.add(runs("a").apply(disk.mount().getPath("/")));
        }
        assertThat(outcomes).containsExactlyInAnyOrder("10xA10xB", "10x010xB");
    }

    @Test
    void shouldKeepEverythingThatWasWrittenBack() throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk disk = disk();
            Path root = disk.mount().getPath("/");
            Files.createDirectory(root.resolve("folder"));
            append(root.resolve("folder").resolve("a"), 10, 'A');
            disk.writeBack();
            disk.cutPower(new Random(seed));
            assertThat(runs("a").apply(disk.mount().getPath("/folder"))).isEqualTo("10xA");
            assertThat(disk.usedBytes()).isEqualTo(10);
        }
    }

    @Test
    void shouldLeaveTheSameForTheSameSeed() throws IOException {
        Set<String> outcomes = new TreeSet<>();
        for (int run = 0; run < 5; run++) {
            SimulatedDisk disk = disk();
            Path root = disk.mount().getPath("/");
            for (int file = 0; file < 20; file++) {
                append(root.resolve("f" + file), 3_000, 'A' + file);
            }
            disk.cutPower(new Random(7));
            Path found = disk.mount().getPath("/");
            StringBuilder all = new StringBuilder();
            for (int file = 0; file < 20; file++) {
                all.append(runs("f" + file).apply(found)).append(' ');
            }
            outcomes.add(all.toString());
        }
        assertThat(outcomes).hasSize(1);
    }
}
