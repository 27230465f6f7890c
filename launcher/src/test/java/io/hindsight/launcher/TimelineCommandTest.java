package io.hindsight.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.api.Timeline;
import io.hindsight.api.Timeline.Bucket;
import io.hindsight.json.JsonMapping;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people see of a timeline. */
class TimelineCommandTest {
    private static final Instant START = Instant.parse("2026-11-22T21:30:00Z");
    private static final String SNAPSHOTS =
            "{\"snapshots\":[{\"id\":\"abc-1\",\"name\":\"outage\",\"state\":\"COMPLETE\",\"createdAt\":\"2026-11-22T21:30:00Z\",\"createdBy\":\"local\","
                    + "\"from\":\"2026-11-22T21:30:00Z\",\"to\":\"2026-11-22T21:31:00Z\",\"nodes\":[]}],\"total\":1,\"limit\":100,\"offset\":0}";

    private HubStub hub;

    @BeforeEach
    void startHub() throws IOException {
        hub = new HubStub();
        hub.on("GET /snapshots", 200, SNAPSHOTS);
    }

    @AfterEach
    void closeHub() {
        hub.close();
    }

    private static Bucket bucket(
            int second, long packets, Map<String, Long> drops, long gaps, Map<String, Long> events) {
        return new Bucket(START.plusSeconds(second), packets, packets * 60, packets * 1_024, drops, gaps, events);
    }

    private static JsonObject timeline() {
        List<Bucket> buckets =
                List.of(
                        bucket(0, 2_000, Map.of(), 0, Map.of()),
                        bucket(1, 1, Map.of("kernel", 3L, "ring", 4L), 1, Map.of("os.EXEC", 12L)),
                        bucket(
                                5,
                                1_000,
                                Map.of(),
                                0,
                                Map.of("os.a", 1L, "os.b", 9L, "os.c", 2L, "os.d", 3L, "os.e", 4L, "os.f", 1L)));
        Bucket total = bucket(0, 3_001, Map.of("kernel", 3L, "ring", 4L), 1, Map.of("os.EXEC", 12L));
        return JsonMapping.toJson(
                new Timeline(
                        "abc-1",
                        START,
                        START.plusSeconds(8),
                        1_000,
                        100,
                        total,
                        buckets,
                        List.of(
                                new Timeline.Node("node-1", total, buckets, null),
                                new Timeline.Node("node-2", bucket(0, 0, Map.of(), 0, Map.of()), List.of(), null))));
    }

    @Test
    void shouldDrawALineForEachBucketInWhichSomethingHappened() {
        hub.on("GET /snapshots/abc-1/timeline", 200, timeline().encode());

        Program run =
                Program.run(
                        "snapshot",
                        "timeline",
                        "outage",
                        "--bucket",
                        "1s",
                        "--nodes",
                        "node-1,node-2",
                        "--from",
                        "2026-11-22T21:30:00Z",
                        "--hub",
                        hub.url());

        assertThat(run.exit()).as(run.err()).isZero();
        assertThat(run.out().lines())
                .containsExactly(
                        "abc-1  2026-11-22T21:30:00Z to 2026-11-22T21:30:08Z (8.0 s), 1s a line",
                        "TIME                  PACKETS  BYTES                               LOST  GAPS  EVENTS",
                        "2026-11-22T21:30:00Z  2,000    2.0 MiB   ########################  -     -     -",
                        "2026-11-22T21:30:01Z  1        1.0 KiB   #                         7     1     os.EXEC 12",
                        "  nothing for 3.0 s   -        -                                   -     -     -",
                        "2026-11-22T21:30:05Z  1,000    1000 KiB  ############              -     -     os.b 9, os.e 4, os.d 3, os.c 2, and 2 kinds more",
                        "  nothing for 2.0 s   -        -                                   -     -     -",
                        "node-1                3,001    2.9 MiB                             7     1     os.EXEC 12",
                        "node-2                -        -                                   -     -     -",
                        "all nodes             3,001    2.9 MiB                             7     1     os.EXEC 12");
        assertThat(hub.requests().getLast().line())
                .contains("/timeline?bucket=1s&from=2026-11-22T21%3A30%3A00Z&nodes=node-1%2Cnode-2");
    }

    @Test
    void shouldPrintTheAnswerAsJson() {
        hub.on("GET /snapshots/abc-1/timeline", 200, timeline().encode());

        Program run = Program.run("snapshot", "timeline", "abc", "--json", "--hub", hub.url());

        assertThat(new JsonObject(run.out())).isEqualTo(timeline());
        assertThat(run.out().lines()).hasSize(1);
    }

    @Test
    void shouldSayWhatTheHubRefuses() {
        hub.on(
                "GET /snapshots/abc-1/timeline",
                400,
                "{\"code\":\"INVALID_REQUEST\",\"field\":\"bucket\",\"detail\":\"Possible are 1s, 2s.\"}");

        Program run = Program.run("snapshot", "timeline", "abc", "--bucket", "7ms", "--hub", hub.url());

        assertThat(run.exit()).isNotZero();
        assertThat(run.err()).contains("Possible are 1s, 2s.");
    }

    @Test
    void shouldNeedNoHubForAFolder(@TempDir Path folder) {
        Program run = Program.run("snapshot", "timeline", folder.resolve("none").toString());

        assertThat(run.exit()).isNotZero();
        assertThat(run.err()).contains("There is no manifest.json in ");
        assertThat(hub.requests()).isEmpty();
    }
}
