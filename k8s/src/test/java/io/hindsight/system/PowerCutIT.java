package io.hindsight.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.testing.Root;
import io.hindsight.testing.Tools;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The power fails at random moments while snapshots are taken: ring and snapshots lie on an ext4 that is shut down without flushing its
 * log. What was listed as complete before is complete after. {@code -Dhindsight.powercuts=50} for the long form.
 */
class PowerCutIT {
    private static final int FRAMES = 72;

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    @SuppressWarnings("NullAway.Init")
    private Traffic traffic;

    @SuppressWarnings("NullAway.Init")
    private LoopVolume volume;

    private final Random random = Endurance.random("PowerCutIT");
    private final TreeMap<String, Integer> ends = new TreeMap<>();
    private int completeBeforeCuts;

    @BeforeEach
    void connect() throws IOException {
        Root.require("network namespaces, raw sockets and mounts");
        Tools.require("ip", "iperf3", "ss", "python3", "curl", "mkfs.ext4", "e2fsck", "mount");
        traffic = new Traffic(folder);
        volume = new LoopVolume(folder, 1L << 30);
    }

    @AfterEach
    void disconnect() {
        if (volume != null) {
            volume.close();
        }
        if (traffic != null) {
            traffic.close();
        }
    }

    @Test
    void shouldKeepWhatWasListedAsCompleteThroughPowerCuts() throws Exception {
        int rounds = Endurance.rounds("powercuts", 2);
        for (int round = 0; round < rounds; round++) {
            List<JsonObject> before = cutPowerWhileSnapshotsAreTaken();
            completeBeforeCuts += before.size();
            try (RunningProgram program = up()) {
                Api api = program.api();
                for (JsonObject snapshot : before) {
                    shouldBeAsBefore(api, snapshot);
                }
                for (String id : api.listed()) {
                    shouldBeWhatItSays(api, api.ended(id));
                    assertThat(api.request("DELETE", "snapshots/" + id).status()).isEqualTo(204);
                }
                shouldRecordAndFreeze(api);
                program.end(false);
            }
        }
        System.out.println(
                "PowerCutIT: complete before the cuts: " + completeBeforeCuts + ", listed after them: " + ends);
        assertThat(completeBeforeCuts).as("snapshots that were complete before a cut").isPositive();
    }

    private RunningProgram up() throws IOException {
        String[] options = {"--interface", "hsa", "--storage-size", "128Mi", "--slot-size", "1Mi"};
        return RunningProgram.up(traffic.here(), volume.path().resolve("data"), options);
    }

    /** The snapshots that were listed as complete before the power failed. */
    private List<JsonObject> cutPowerWhileSnapshotsAreTaken() throws Exception {
        List<JsonObject> complete = new ArrayList<>();
        try (RunningProgram program = up()) {
            Api api = program.api();
            Instant from = Instant.now();
            traffic.bulk("40M");
            complete.add(api.snapshot(from, Instant.now()));
            List<String> running = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                running.add(api.create(from, Instant.now()));
            }
            Thread.sleep(Duration.ofMillis(random.nextInt(700))); // the random moment itself
            running.stream()
                    .map(id -> api.request("GET", "snapshots/" + id).json())
                    .filter(snapshot -> "COMPLETE".equals(snapshot.getString("state")))
                    .forEach(complete::add);
            volume.cutPower();
            program.killOnLostVolume();
        }
        volume.powerOn();
        return complete;
    }

    private static void shouldBeAsBefore(Api api, JsonObject before) {
        assertThat(before.getString("state")).isEqualTo("COMPLETE");
        JsonObject after = api.request("GET", "snapshots/" + before.getString("id")).json();
        assertThat(after.getString("state")).as(after.encode()).isEqualTo("COMPLETE");
        assertThat(after.getString("merkleRoot")).isEqualTo(before.getString("merkleRoot"));
    }

    private void shouldBeWhatItSays(Api api, JsonObject snapshot) {
        String state = snapshot.getString("state");
        ends.merge(state, 1, Integer::sum);
        if (state.equals("FAILED")) {
            assertThat(snapshot.getJsonObject("error").getString("detail")).as(snapshot.encode()).isNotBlank();
        } else {
            JsonObject report = api.request("POST", "snapshots/" + snapshot.getString("id") + "/verify").json();
            assertThat(report.getBoolean("intact")).as(report.encode()).isTrue();
            assertThat(report.getJsonArray("violations", new JsonArray())).isEmpty();
        }
    }

    /** After the cut all goes on as if it were new. */
    private void shouldRecordAndFreeze(Api api) {
        Instant from = Instant.now();
        long before = api.source().getLong("records");
        traffic.raw("hsb");
        await().until(() -> api.source().getLong("records") >= before + FRAMES);
        JsonObject snapshot = api.snapshot(from, Instant.now());
        assertThat(snapshot.getString("state")).as(snapshot.encode()).isEqualTo("COMPLETE");
        assertThat(snapshot.getLong("packets")).isGreaterThanOrEqualTo(FRAMES);
        assertThat(api.request("DELETE", "snapshots/" + snapshot.getString("id")).status()).isEqualTo(204);
    }
}
