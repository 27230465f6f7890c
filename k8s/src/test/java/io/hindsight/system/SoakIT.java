package io.hindsight.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.testing.Root;
import io.hindsight.testing.Tools;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * As much traffic as the machine makes, and one snapshot after the other, for {@code -Dhindsight.soak.seconds}: memory, descriptors and
 * threads stay flat, and every packet that the interface carried was recorded or is counted as lost.
 */
@Tag("alone")
class SoakIT {
    private static final Duration WARM_UP = Duration.ofSeconds(8);
    private static final Duration BETWEEN_REPORTS = Duration.ofMinutes(1);

    /** What may come and go: a connection of a client, a pool that grew by a thread. */
    private static final int PASSING_DESCRIPTORS = 16;

    private static final int PASSING_THREADS = 12;
    private static final long PASSING_BYTES = 64L << 20;
    private static final long LIVE_HEAP_BUDGET_BYTES = 128L << 20;

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    @SuppressWarnings("NullAway.Init")
    private Traffic traffic;

    private final TreeMap<String, Integer> ends = new TreeMap<>();

    @BeforeEach
    void connect() throws IOException {
        Root.require("network namespaces and raw sockets");
        Tools.require("ip", "iperf3", "ss", "curl");
        traffic = new Traffic(folder);
    }

    @AfterEach
    void disconnect() {
        if (traffic != null) {
            traffic.close();
        }
    }

    @Test
    void shouldStayFlatAtFullRateWithSnapshotsAllTheWhile() throws Exception {
        Duration length = Endurance.duration("soak", Duration.ofSeconds(12));
        String[] options = {"--interface", "hsa", "--storage-size", "1Gi"};
        int seconds = Math.toIntExact(WARM_UP.plus(length).toSeconds() + 600);
        try (RunningProgram program = RunningProgram.up(traffic.here(), folder.resolve("data"), options)) {
            try (Iperf load = traffic.load("0", seconds)) {
                program.awaitRecorded(10_000);
                snapshotsFor(program, WARM_UP);
                ProcessUse before = ProcessUse.of(program.process().toHandle());
                System.out.println("SoakIT: warm: " + before);
                snapshotsFor(program, length);
                ProcessUse after = ProcessUse.of(program.process().toHandle());
                System.out.println("SoakIT: after " + length + ": " + after + ", snapshots " + ends);
                assertThat(load.running()).as("traffic flowed all the while").isTrue();
                shouldBeFlat(before, after);
            }
            shouldAccountForEveryPacket(program.api());
            System.out.println("SoakIT: drops " + program.api().source().getJsonObject("drops").encode());
        }
    }

    private void snapshotsFor(RunningProgram program, Duration length) throws IOException {
        Instant end = Instant.now().plus(length);
        Instant nextReport = Instant.now().plus(BETWEEN_REPORTS);
        while (Instant.now().isBefore(end)) {
            takeOne(program.api());
            if (Instant.now().isAfter(nextReport)) {
                System.out.println("SoakIT: " + ProcessUse.of(program.process().toHandle()) + ", snapshots " + ends);
                nextReport = Instant.now().plus(BETWEEN_REPORTS);
            }
        }
    }

    /** A short while ago till now; what the ring could not hold meanwhile is told as a gap. */
    private void takeOne(Api api) {
        Instant now = Instant.now();
        JsonObject snapshot = api.snapshot(now.minusMillis(300), now);
        String id = snapshot.getString("id");
        ends.merge(snapshot.getString("state"), 1, Integer::sum);
        assertThat(snapshot.getString("state")).as(snapshot.encode()).isIn("COMPLETE", "PARTIAL");
        JsonObject report = api.request("POST", "snapshots/" + id + "/verify").json();
        assertThat(report.getBoolean("intact")).as(report.encode()).isTrue();
        assertThat(api.request("DELETE", "snapshots/" + id).status()).isEqualTo(204);
    }

    private static void shouldBeFlat(ProcessUse before, ProcessUse after) {
        assertThat(after.descriptors()).isLessThanOrEqualTo(before.descriptors() + PASSING_DESCRIPTORS);
        assertThat(after.threads()).isLessThanOrEqualTo(before.threads() + PASSING_THREADS);
        assertThat(after.anonymousBytes()).isLessThanOrEqualTo(before.anonymousBytes() + PASSING_BYTES);
        assertThat(after.liveHeapBytes()).isLessThanOrEqualTo(LIVE_HEAP_BUDGET_BYTES);
    }

    private void shouldAccountForEveryPacket(Api api) {
        await().untilAsserted(() -> {
            JsonObject source = api.source();
            assertThat(source.getLong("records") + Api.sum(source.getJsonObject("drops"))).isEqualTo(traffic.carried());
        });
    }
}
