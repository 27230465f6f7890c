package io.hindsight.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.testing.Root;
import io.hindsight.testing.Tools;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Capture is made to stop for real, beneath the running program: it says so within seconds everywhere that it should, records again by itself, and
 * the loss is a gap.
 */
@Tag("alone")
class CaptureHealthIT {
    private static final int FRAMES = 72;

    /** 5 s to notice, one to report, and what a busy machine takes. */
    private static final Duration NOTICED = Duration.ofSeconds(10);

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    @SuppressWarnings("NullAway.Init")
    private Traffic traffic;

    @BeforeEach
    void connect() throws IOException {
        Root.require("network namespaces, raw sockets and tracing");
        Tools.require("ip", "python3", "curl", "strace");
        traffic = new Traffic(folder);
    }

    @AfterEach
    void disconnect() {
        if (traffic != null) {
            traffic.close();
        }
    }

    private RunningProgram up(String link) throws IOException {
        String[] options = {"--interface", link, "--storage-size", "64Mi", "--slot-size", "1Mi"};
        return RunningProgram.up(traffic.here(), folder.resolve("data"), options);
    }

    @Test
    void shouldRecordAgainAfterItsSystemCallFailed() throws Exception {
        try (RunningProgram program = up("hsa")) {
            Instant from = Instant.now();
            record(program);
            Process strace = onCaptureThread(program, "poll:error=EBADF:when=1");
            shouldRestart(program.api(), 1, "poll");
            stop(strace);
            record(program);
            shouldTellTheGap(program.api(), from);
        }
    }

    @Test
    void shouldTakeOverFromAThreadThatIsStuck() throws Exception {
        try (RunningProgram program = up("hsa")) {
            Instant from = Instant.now();
            record(program);
            Process strace = onCaptureThread(program, "poll:delay_enter=60s:when=1");
            await().atMost(NOTICED).untilAsserted(() -> shouldBeUnhealthy(program.api(), "stuck"));
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(program.api().source().getLong("restarts")).isEqualTo(1));
            record(program);
            shouldTellTheGap(program.api(), from);
            stop(strace); // the stuck thread wakes up, and disturbs nobody
            record(program);
            JsonObject source = program.api().source();
            assertThat(source.getBoolean("healthy")).as(source.encode()).isTrue();
        }
    }

    @Test
    void shouldFollowAnInterfaceThatIsDeletedAndMadeAnew() throws Exception {
        try (RunningProgram program = up("hsa")) {
            record(program);
            traffic.disconnect();
            await().atMost(NOTICED)
                    .untilAsserted(() -> shouldBeUnhealthy(program.api(), "There is no interface=hsa now"));
            traffic.connect();
            await().atMost(NOTICED).until(() -> program.api().source().getBoolean("healthy"));
            record(program);
            assertThat(program.api().source().getLong("restarts")).as("it needs no restart").isZero();
        }
    }

    /** Frames that are sent are recorded. */
    private void record(RunningProgram program) throws IOException {
        long before = program.recorded();
        traffic.raw("hsb");
        await().atMost(NOTICED).until(() -> program.recorded() >= before + FRAMES);
    }

    private static void shouldRestart(Api api, long count, String reason) {
        await().atMost(NOTICED)
                .untilAsserted(() -> {
                    JsonObject source = api.source();
                    assertThat(source.getLong("restarts")).as(source.encode()).isEqualTo(count);
                    assertThat(source.getString("lastRestartReason")).contains(reason);
                    assertThat(source.getBoolean("healthy")).isTrue();
                });
        assertThat(api.request("GET", "/metrics").body())
                .containsPattern("hindsight_source_restarts_total\\{[^}]*} " + count + "\\.0");
    }

    /** By the status, readiness and the metrics. */
    private static void shouldBeUnhealthy(Api api, String reason) {
        JsonObject source = api.source();
        assertThat(source.getBoolean("healthy")).as(source.encode()).isFalse();
        assertThat(source.getString("reason")).contains(reason);
        Api.Answer ready = api.request("GET", "/health/ready");
        assertThat(ready.status()).as(ready.body()).isEqualTo(503);
        assertThat(ready.body()).contains(reason);
        assertThat(api.request("GET", "/metrics").body()).containsPattern("hindsight_node_healthy\\{[^}]*} 0\\.0");
    }

    private static void shouldTellTheGap(Api api, Instant from) {
        JsonObject snapshot = api.snapshot(from, Instant.now());
        JsonObject node = snapshot.getJsonArray("nodes").getJsonObject(0);
        assertThat(node.getLong("packets")).isGreaterThanOrEqualTo(2 * FRAMES);
        assertThat(node.getJsonArray("gaps").encode()).contains("NOT_RECORDED", "its recording of packets stood still");
    }

    /** Waits until strace is there. */
    private Process onCaptureThread(RunningProgram program, String injection) throws IOException {
        Path thread = captureThread(program);
        String call = injection.substring(0, injection.indexOf(':'));
        Process strace =
                new ProcessBuilder(
                                "strace",
                                "-p",
                                thread.getFileName().toString(),
                                "-e",
                                "trace=" + call,
                                "-e",
                                "inject=" + injection)
                        .redirectErrorStream(true)
                        .redirectOutput(Files.createTempFile(folder, "strace", ".out").toFile())
                        .start();
        await().until(() -> !Files.readString(thread.resolve("status")).contains("TracerPid:\t0"));
        return strace;
    }

    private static void stop(Process strace) {
        strace.destroy();
        strace.onExit().join();
    }

    private static Path captureThread(RunningProgram program) throws IOException {
        try (Stream<Path> threads = Files.list(Path.of("/proc/" + program.process().pid() + "/task"))) {
            List<Path> capture = threads.filter(CaptureHealthIT::isCaptureThread).toList();
            assertThat(capture).hasSize(1);
            return capture.getFirst();
        }
    }

    private static boolean isCaptureThread(Path thread) {
        try {
            return Files.readString(thread.resolve("comm")).startsWith("hindsight-capt");
        } catch (IOException ended) {
            return false;
        }
    }
}
