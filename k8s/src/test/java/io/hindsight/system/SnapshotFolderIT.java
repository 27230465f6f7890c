package io.hindsight.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.testing.IndependentVerifier;
import io.hindsight.testing.Root;
import io.hindsight.testing.ToolResult;
import io.hindsight.testing.Tools;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What lies in a snapshot's folder: capture files that every tool opens, which nobody can change unnoticed. */
class SnapshotFolderIT {
    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static Traffic traffic;

    @SuppressWarnings("NullAway.Init")
    private static RunningProgram program;

    @SuppressWarnings("NullAway.Init")
    private static JsonObject snapshot;

    @BeforeAll
    static void freeze() throws Exception {
        Root.require("network namespaces and raw sockets");
        Tools.require("ip", "tshark", "capinfos", "python3", "trafgen", "ping", "curl", "lsattr", "chattr");
        Instant from = Instant.now();
        traffic = new Traffic(folder);
        program = RunningProgram.up(traffic.here(), folder.resolve("data"), "--interface", "hsa");
        traffic.mixed();
        snapshot = program.api().snapshot(from, Instant.now());
    }

    @AfterAll
    static void end() {
        try (Traffic gone = traffic;
                RunningProgram ended = program) {
            assertThat(gone).isNotNull();
            assertThat(ended).isNotNull();
        }
    }

    private static Path sealed() {
        return program.snapshotFolder(snapshot.getString("id"));
    }

    private static List<Path> dataFiles(Path sealed) throws IOException {
        try (Stream<Path> files = Files.list(sealed)) {
            return files.filter(file -> file.toString().endsWith(".pcapng")).toList();
        }
    }

    @Test
    void shouldOpenInTheToolsOfTheFieldAsItLies() throws IOException {
        Path file = dataFiles(sealed()).getFirst();
        ToolResult infos = Tools.run("capinfos", "-c", "-M", file.toString()).succeeded();
        assertThat(infos.stderr()).isEmpty();
        assertThat(infos.stdout())
                .containsPattern(
                        "Number of packets:\\s+" + (snapshot.getLong("packets") + snapshot.getLong("records")));
        ToolResult frames =
                Tools.run(
                        "tshark",
                        "-n",
                        "-r",
                        file.toString(),
                        "-Y",
                        "frame.interface_id",
                        "-T",
                        "fields",
                        "-e",
                        "frame.interface_name");
        assertThat(frames.succeeded().lines())
                .hasSize(Math.toIntExact(snapshot.getLong("packets")))
                .containsOnly("hsa");
    }

    @Test
    void shouldAgreeWithTheIndependentVerifier() {
        JsonObject report = IndependentVerifier.snapshot(sealed());
        assertThat(report.getBoolean("intact")).as(report.encode()).isTrue();
        assertThat(report.encode()).contains(snapshot.getString("merkleRoot"));
    }

    @Test
    void shouldBeReadOnlyAndImmutable() throws IOException {
        for (Path file : dataFiles(sealed())) {
            assertThat(Files.getPosixFilePermissions(file).toString()).doesNotContain("WRITE");
        }
        if (immutableWorksIn(folder)) {
            Path file = dataFiles(sealed()).getFirst();
            assertThat(Tools.run("lsattr", file.toString()).stdout()).startsWith("----i");
            assertThat(Tools.run("dd", "if=/dev/zero", "of=" + file, "bs=1", "count=1", "conv=notrunc").exit())
                    .as("even root cannot write")
                    .isNotZero();
        }
    }

    private static boolean immutableWorksIn(Path anywhere) throws IOException {
        Path probe = Files.createFile(anywhere.resolve("immutable-probe"));
        boolean works = Tools.run("chattr", "+i", probe.toString()).exit() == 0;
        Tools.run("chattr", "-i", probe.toString());
        Files.delete(probe);
        return works;
    }

    @Test
    void shouldNameFileAndOffsetOfAFlippedBit() throws IOException {
        Path copy = copyOf(sealed(), folder.resolve("flipped-" + snapshot.getString("id")));
        Path file = dataFiles(copy).getFirst();
        assertThat(PackagedProgram.run("snapshot", "verify", copy.toString(), "--json").exit()).isZero();
        long offset = Files.size(file) / 2;
        flipBit(file, offset);

        ToolResult verified = PackagedProgram.run("snapshot", "verify", copy.toString(), "--json");
        assertThat(verified.exit()).as(verified.stderr()).isEqualTo(3);
        JsonObject report = new JsonObject(verified.stdout());
        assertThat(report.getBoolean("intact")).isFalse();
        JsonObject violation = report.getJsonArray("violations").getJsonObject(0);
        assertThat(violation.getString("file")).isEqualTo(file.getFileName().toString());
        assertThat(violation.getLong("offset")).as(violation.encode()).isEqualTo(offset);
        assertThat(violation.getLong("bytes")).isEqualTo(1);
        assertThat(violation.getLong("chunk")).isNotNull();
        assertThat(IndependentVerifier.snapshot(copy).getBoolean("intact")).isFalse();
    }

    @Test
    void shouldTellThroughTheHubWhatIsDamaged() throws IOException {
        Instant now = Instant.now();
        String id = program.api().snapshot(now.minusSeconds(60), now).getString("id");
        Path sealed = program.snapshotFolder(id);
        Path file = dataFiles(sealed).getFirst();
        Tools.run("chattr", "-i", file.toString());
        long offset = Files.size(file) / 3;
        flipBit(file, offset);

        ToolResult verified = program.client("snapshot", "verify", id);

        assertThat(verified.exit()).as(verified.stderr()).isEqualTo(3);
        assertThat(verified.stdout())
                .contains("VIOLATED", file.getFileName() + " chunk ", " offset " + offset + " bytes 1 ");
        assertThat(program.api().request("DELETE", "snapshots/" + id).status()).isEqualTo(204);
    }

    @Test
    void shouldGoWhenItIsDeletedAndNotBefore() throws IOException {
        Instant now = Instant.now();
        JsonObject second = program.api().snapshot(now.minusSeconds(60), now);
        Path sealed = program.snapshotFolder(second.getString("id"));
        assertThat(sealed).isDirectory();
        assertThat(program.api().request("DELETE", "snapshots/" + second.getString("id")).status()).isEqualTo(204);
        assertThat(sealed).doesNotExist();
        assertThat(program.api().request("GET", "snapshots/" + second.getString("id")).status()).isEqualTo(404);
        assertThat(sealed()).isDirectory();
    }

    private static Path copyOf(Path from, Path to) throws IOException {
        Files.createDirectory(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.write(to.resolve(file.getFileName()), Files.readAllBytes(file));
            }
        }
        return to;
    }

    private static void flipBit(Path file, long offset) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(offset);
            int old = bytes.read();
            bytes.seek(offset);
            bytes.write(old ^ 0x10);
        }
    }
}
