package io.hindsight.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.testing.Root;
import io.hindsight.testing.Tools;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ring's storage goes away beneath the mapping: SIGBUS. Capture goes on with what is left, or on a new ring, and tells what was lost. */
class RingFaultIT {
    private static final int FRAMES = 72;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    @SuppressWarnings("NullAway.Init")
    private Traffic traffic;

    @BeforeEach
    void connect() throws IOException {
        Root.require("network namespaces, raw sockets and mounts");
        Tools.require("ip", "iperf3", "ss", "python3", "curl", "mkfs.ext4", "e2fsck", "mount");
        traffic = new Traffic(folder);
    }

    @AfterEach
    void disconnect() {
        if (traffic != null) {
            traffic.close();
        }
    }

    private RunningProgram up(Path data) throws IOException {
        String[] options = {"--interface", "hsa", "--storage-size", "32Mi", "--slot-size", "1Mi"};
        return RunningProgram.up(traffic.here(), data, options);
    }

    @Test
    void shouldGoOnWithTheSlotsThatAreLeft() throws Exception {
        try (RunningProgram program = up(folder.resolve("data"))) {
            Api api = program.api();
            Instant from = Instant.now();
            traffic.bulk("8M");
            cut(ring(program), 22L << 20);
            for (int i = 0; i < 4; i++) {
                traffic.bulk("16M"); // over the place where the file ends now, again and again
            }
            recordFrames(program);
            await().untilAsserted(() -> {
                JsonObject source = api.source();
                assertThat(source.getBoolean("healthy")).as(source.encode()).isTrue();
                assertThat(source.getLong("restarts")).isZero();
                assertThat(source.getLong("records") + Api.sum(source.getJsonObject("drops")))
                        .isEqualTo(traffic.carried());
            });
            JsonObject snapshot = api.snapshot(from, Instant.now());
            assertThat(snapshot.getString("state")).as(snapshot.encode()).isIn("COMPLETE", "PARTIAL");
            String verified = api.request("POST", "snapshots/" + snapshot.getString("id") + "/verify").body();
            assertThat(new JsonObject(verified).getBoolean("intact")).as(verified).isTrue();
            assertThat(program.stderr()).contains("cannot be had from its disk");
        }
    }

    @Test
    void shouldMakeTheRingAnewWhenItIsGone() throws Exception {
        try (RunningProgram program = up(folder.resolve("data"))) {
            Api api = program.api();
            traffic.bulk("8M");
            long before = program.recorded();
            cut(ring(program), 0);
            traffic.raw("hsb");
            await().atMost(PATIENCE).until(() -> api.source().getLong("restarts") >= 1);
            await().atMost(PATIENCE).until(() -> api.source().getBoolean("healthy"));
            assertThat(api.source().getString("lastRestartReason")).contains("The ring file=");
            recordFrames(program);
            assertThat(program.recorded()).as("counters never go back").isGreaterThanOrEqualTo(before + FRAMES);
            JsonObject snapshot = api.snapshot(Instant.now().minusSeconds(60), Instant.now());
            assertThat(snapshot.getLong("packets")).isGreaterThanOrEqualTo(FRAMES);
            assertThat(snapshot.getJsonArray("nodes").encode()).contains("NOT_RECORDED");
        }
    }

    @Test
    void shouldLiveAndAccountForEveryPacketWhenTheDiskIsGone() throws Exception {
        LoopVolume volume = new LoopVolume(folder, 1L << 28);
        try (volume) {
            RunningProgram program = up(volume.path().resolve("data"));
            Api api = program.api();
            try {
                traffic.bulk("8M");
                volume.cutPower();
                traffic.bulk("32M");
                // Pages that are in memory can be written to for as long as the mapping lives; the others cannot be
                // had.
                await().atMost(PATIENCE)
                        .untilAsserted(() -> {
                            JsonObject source = api.source();
                            assertThat(source.getLong("records") + Api.sum(source.getJsonObject("drops")))
                                    .as(source.encode())
                                    .isEqualTo(traffic.carried());
                        });
                assertThat(api.request("GET", "/health/live").status()).isEqualTo(200);
                assertThat(program.process().isAlive()).isTrue();
            } finally {
                program.killOnLostVolume();
            }
        }
    }

    private void recordFrames(RunningProgram program) throws IOException {
        long before = program.recorded();
        traffic.raw("hsb");
        await().atMost(PATIENCE).until(() -> program.recorded() >= before + FRAMES);
    }

    private static Path ring(RunningProgram program) throws IOException {
        try (Stream<Path> files = Files.list(program.data().resolve("ring"))) {
            return files.filter(file -> !file.toString().endsWith(".lock")).findFirst().orElseThrow();
        }
    }

    private static void cut(Path file, long lengthBytes) throws IOException {
        try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
            opened.setLength(lengthBytes);
        }
    }
}
