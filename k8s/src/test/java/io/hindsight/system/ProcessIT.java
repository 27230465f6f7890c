package io.hindsight.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.testing.Root;
import io.hindsight.testing.ToolResult;
import io.hindsight.testing.Tools;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The life of the program: what it prints, how it ends, what survives it, and what it does for those without a privilege. */
class ProcessIT {
    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    @SuppressWarnings("NullAway.Init")
    private Traffic traffic;

    @SuppressWarnings("NullAway.Init")
    private Path data;

    @BeforeEach
    void connect() throws IOException {
        Root.require("network namespaces and raw sockets");
        Tools.require("ip", "python3", "tshark", "capinfos", "curl", "setpriv");
        traffic = new Traffic(folder);
        data = folder.resolve("data");
    }

    @AfterEach
    void disconnect() {
        if (traffic != null) {
            traffic.close();
        }
    }

    private RunningProgram up() throws IOException {
        return RunningProgram.up(traffic.here(), data, "--interface", "hsa", "--storage-size", "64Mi");
    }

    @Test
    void shouldSayWhenItIsReadyAndEndWhenTold() throws Exception {
        try (RunningProgram program = up()) {
            assertThat(program.stdout()).isEqualTo("ready " + program.address() + "\n");
            assertThat(program.address()).matches("http://127\\.0\\.0\\.1:\\d+");
            assertThat(program.api().request("GET", "/health/ready").status()).isEqualTo(200);
            long start = System.nanoTime();
            assertThat(program.end(false)).isZero();
            assertThat(System.nanoTime() - start).as("ns until it ended").isLessThan(10_000_000_000L);
        }
    }

    @Test
    void shouldServeEveryClientCommand() throws Exception {
        try (RunningProgram program = up()) {
            traffic.raw("hsb");
            ToolResult created =
                    program.client("snapshot", "create", "--last", "1m", "--name", "first", "--wait", "--json");
            assertThat(created.exit()).as(created.stderr() + created.stdout()).isIn(0, 4);
            JsonObject snapshot = new JsonObject(created.stdout());
            assertThat(created.exit()).isEqualTo(snapshot.getString("state").equals("COMPLETE") ? 0 : 4);
            String id = snapshot.getString("id");

            JsonObject page = new JsonObject(program.client("snapshot", "list", "--json").succeeded().stdout());
            assertThat(page.getJsonArray("snapshots").getJsonObject(0).getString("id")).isEqualTo(id);
            assertThat(program.client("snapshot", "show", "first", "--json").succeeded().stdout()).contains(id);
            assertThat(program.client("snapshot", "verify", id).succeeded().stdout()).contains("intact");
            Path export = folder.resolve("first.pcapng");
            program.client("snapshot", "export", id, "-o", export.toString(), "--bpf", "ether proto 0x88b5")
                    .succeeded();
            assertThat(CaptureFile.pcapng(export)).hasSize(72);
            assertThat(program.client("snapshot", "cancel", id).exit()).as("it has ended").isIn(0, 1);
            program.client("snapshot", "delete", id).succeeded();
            ToolResult gone = program.client("snapshot", "show", id, "--json");
            assertThat(gone.exit()).isEqualTo(1);
            assertThat(gone.stderr()).contains("SNAPSHOT_NOT_FOUND");
        }
        assertThat(PackagedProgram.run("nodes", "--hub", "http://127.0.0.1:9").exit()).isEqualTo(5);
    }

    @Test
    void shouldKeepHistoryAndSnapshotsThroughAKill() throws Exception {
        Instant from = Instant.now();
        JsonObject before;
        Instant killed;
        try (RunningProgram program = up()) {
            traffic.raw("hsb");
            before = program.api().snapshot(from, Instant.now());
            traffic.raw("hsb");
            killed = Instant.now();
            program.awaitRecorded(before.getLong("packets") + 72);
            program.end(true);
        }
        try (RunningProgram program = up()) {
            JsonObject kept = program.api().request("GET", "snapshots/" + before.getString("id")).json();
            assertThat(kept.getString("merkleRoot")).isEqualTo(before.getString("merkleRoot"));
            JsonObject after = program.api().snapshot(from, killed);
            Path export =
                    program.api().export(after.getString("id"), "?bpf=ether+proto+0x88b5", folder.resolve("e.pcapng"));
            assertThat(CaptureFile.pcapng(export)).hasSize(2 * 72);
        }
    }

    @Test
    void shouldTellAnOrdinaryUserWhatIsMissing() throws Exception {
        openTo("nobody");
        ToolResult refused = asNobody("up", "--data", folder.resolve("nobody/data").toString(), "--port", "0");
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.stderr()).contains("MISSING_PRIVILEGE", "setcap", "cap_net_raw");
        assertThat(refused.stderr().lines())
                .as("one message, no stack trace")
                .noneMatch(line -> line.startsWith("\tat "));
    }

    @Test
    void shouldReplayAFileForAnOrdinaryUser() throws Exception {
        openTo("nobody");
        Path capture = folder.resolve("replay.pcap");
        CaptureFile.write(capture, packets(500));
        Path ownData = folder.resolve("nobody/data");
        String[] options = {"--replay", capture.toString(), "--replay-speed", "full", "--storage-size", "64Mi"};
        try (RunningProgram program = RunningProgram.upAsNobody(ownData, options)) {
            program.awaitRecorded(500);
            Instant now = Instant.now();
            JsonObject snapshot = program.api().snapshot(now.minusSeconds(600), now);
            Path export = program.api().export(snapshot.getString("id"), "", folder.resolve("replayed.pcapng"));
            assertThat(CaptureFile.pcapng(export)).extracting(Packet::bytes).hasSize(500);
            assertThat(PacketDifference.between(CaptureFile.pcap(capture), CaptureFile.pcapng(export)).text())
                    .isEmpty();
        }
    }

    private static List<Packet> packets(int count) {
        long startNs = (System.currentTimeMillis() - 300_000) * 1_000_000 + 123;
        return IntStream.range(0, count)
                .mapToObj(i -> new Packet(startNs + i * 100_000L, 60 + i, new byte[60 + i]))
                .toList();
    }

    private void openTo(String name) throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path own = Files.createDirectory(folder.resolve(name));
        Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwxrwxrwx"));
    }

    private static ToolResult asNobody(String... arguments) {
        List<String> command = new ArrayList<>(RunningProgram.AS_NOBODY);
        command.addAll(PackagedProgram.command(arguments));
        return Tools.run(command.toArray(String[]::new));
    }
}
