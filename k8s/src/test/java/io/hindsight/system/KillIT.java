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
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kill -9} of the whole program at random moments while it takes snapshots, now and then a SIGTERM: whatever was promised is there
 * afterwards, or is told to be missing. {@code -Dhindsight.kills=200} for the long form.
 */
class KillIT {
    private static final int FRAMES_PER_ROUND = 72;
    private static final String FRAMES_ONLY = "?bpf=ether+proto+0x88b5";

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    @SuppressWarnings("NullAway.Init")
    private Traffic traffic;

    @SuppressWarnings("NullAway.Init")
    private Path data;

    private final Random random = Endurance.random("KillIT");
    private final List<Instant> framesSent = new ArrayList<>();
    private final List<String> promised = new ArrayList<>();
    private final TreeMap<String, Integer> ends = new TreeMap<>();
    private Instant start = Instant.EPOCH;

    @BeforeEach
    void connect() throws IOException {
        Root.require("network namespaces and raw sockets");
        Tools.require("ip", "iperf3", "ss", "python3", "curl");
        traffic = new Traffic(folder);
        data = folder.resolve("data");
    }

    @AfterEach
    void disconnect() {
        if (traffic != null) {
            traffic.close();
        }
    }

    @Test
    void shouldKeepEveryPromiseThroughKillsAtRandomMoments() throws Exception {
        start = Instant.now();
        try (RunningProgram program = up()) {
            traffic.bulk("150M");
            program.end(true);
        }
        int rounds = Endurance.rounds("kills", 3);
        for (int round = 0; round < rounds; round++) {
            try (RunningProgram program = up()) {
                keepPromises(program.api());
                sendFrames(program);
                promiseAndKill(program);
            }
        }
        try (RunningProgram program = up()) {
            keepPromises(program.api());
        }
        System.out.println("KillIT: what became of the snapshots under way when the program was killed: " + ends);
        assertThat(ends).as("kills hit snapshots under way").isNotEmpty();
    }

    private RunningProgram up() throws IOException {
        return RunningProgram.up(
                traffic.here(), data, "--interface", "hsa", "--storage-size", "256Mi", "--slot-size", "1Mi");
    }

    private void sendFrames(RunningProgram program) throws IOException {
        long before = program.recorded();
        traffic.raw("hsb");
        program.awaitRecorded(before + FRAMES_PER_ROUND);
        framesSent.add(Instant.now());
    }

    /** Up to three snapshots of all there is, and the end at a moment between the first word and the last seal. */
    private void promiseAndKill(RunningProgram program) throws Exception {
        Api api = program.api();
        boolean forcibly = random.nextInt(4) > 0;
        Thread killer = killAfter(program, Duration.ofMillis(random.nextInt(2_000)), forcibly);
        try {
            int snapshots = 1 + random.nextInt(3);
            for (int i = 0; i < snapshots; i++) {
                promised.add(api.create(start, Instant.now()));
            }
        } catch (AssertionError killedMeanwhile) {
            assertThat(killer.join(Duration.ofSeconds(10))).isTrue();
            assertThat(program.process().isAlive()).as("only a killed program fails to answer").isFalse();
        }
        killer.join();
    }

    private static Thread killAfter(RunningProgram program, Duration delay, boolean forcibly) {
        return Thread.ofVirtual()
                .start(() -> {
                    try {
                        Thread.sleep(delay); // the random moment itself; nothing waits for a state here
                        program.end(forcibly);
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                });
    }

    /** Every snapshot that was answered with 202 is listed, comes to an end, and is what it says; then it makes room. */
    private void keepPromises(Api api) throws IOException {
        Set<String> expected = new TreeSet<>(promised);
        expected.addAll(api.listed()); // and those whose answer was lost
        for (String id : expected) {
            check(api, api.ended(id));
        }
        promised.clear();
        api.listed().forEach(id -> assertThat(api.request("DELETE", "snapshots/" + id).status()).isIn(204, 404));
        await().untilAsserted(() -> assertThat(leftovers()).isEmpty());
        historyIsThere(api);
    }

    private void check(Api api, JsonObject snapshot) throws IOException {
        String id = snapshot.getString("id");
        String state = snapshot.getString("state");
        ends.merge(state, 1, Integer::sum);
        if (state.equals("FAILED")) {
            assertThat(snapshot.getJsonObject("error").getString("detail")).as(snapshot.encode()).isNotBlank();
            assertThat(data.resolve("snapshots").resolve(id)).doesNotExist();
        } else {
            assertThat(state).as(snapshot.encode()).isIn("COMPLETE", "PARTIAL");
            assertThat(api.request("POST", "snapshots/" + id + "/verify").json().getBoolean("intact")).isTrue();
            historyIsIn(api, snapshot);
        }
    }

    private void historyIsIn(Api api, JsonObject snapshot) throws IOException {
        if (snapshot.getString("state").equals("COMPLETE")) {
            String id = snapshot.getString("id");
            Instant to = snapshot.getInstant("to");
            long framesThen = framesSent.stream().filter(to::isAfter).count() * FRAMES_PER_ROUND;
            Path export = api.export(id, FRAMES_ONLY, folder.resolve("export.pcapng"));
            assertThat(CaptureFile.pcapng(export)).as(snapshot.encode()).hasSizeGreaterThanOrEqualTo((int) framesThen);
        }
    }

    /** Frames recorded before any number of kills can be frozen after them. */
    private void historyIsThere(Api api) throws IOException {
        if (framesSent.isEmpty()) {
            return;
        }
        String id = api.snapshot(start, framesSent.getLast()).getString("id");
        Path export = api.export(id, FRAMES_ONLY, folder.resolve("history.pcapng"));
        assertThat(CaptureFile.pcapng(export)).hasSize(framesSent.size() * FRAMES_PER_ROUND);
        assertThat(api.request("DELETE", "snapshots/" + id).status()).isEqualTo(204);
    }

    private List<String> leftovers() throws IOException {
        try (Stream<Path> entries = Files.list(data.resolve("snapshots"))) {
            return entries.map(entry -> entry.getFileName().toString())
                    .filter(name -> name.endsWith(".building") || name.endsWith(".deleted"))
                    .toList();
        }
    }
}
