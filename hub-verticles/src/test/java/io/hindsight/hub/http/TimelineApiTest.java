package io.hindsight.hub.http;

import static io.hindsight.hub.http.TestApi.assertProblem;
import static io.hindsight.hub.http.TestApi.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.hindsight.api.Gap;
import io.hindsight.api.Snapshot;
import io.hindsight.api.Timeline;
import io.hindsight.hub.store.DerivedFile;
import io.hindsight.hub.store.ImmutableFlag;
import io.hindsight.hub.store.SealedSnapshot;
import io.hindsight.hub.testing.EventfulNode;
import io.hindsight.hub.testing.ScriptedAgent;
import io.hindsight.hub.testing.TestChunks;
import io.hindsight.hub.testing.TestHub;
import io.hindsight.json.JsonMapping;
import io.hindsight.testing.Tools;
import io.hindsight.time.EpochNanos;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** {@code /snapshots/{id}/timeline} on the real Hub, against an independent count. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TimelineApiTest {
    private static final Instant START = EpochNanos.toInstant(TestChunks.START_NS);

    @TempDir static Path folder;

    private TestHub hub;
    private TestApi api;
    private ScriptedAgent agent;
    private String id = "";

    @BeforeAll
    void start() {
        hub = new TestHub(folder);
        api = new TestApi(hub.vertx(), TestHub.config(folder, 32, 32L << 20), HttpLimits.DEFAULTS);
        agent = hub.agent("node-1", EventfulNode.chunks("node-1")).beating();
        hub.agent("node-2", EventfulNode.chunks("node-2")).beating();
        id = sealed();
    }

    @AfterAll
    void stop() {
        api.close();
        hub.close();
    }

    private String sealed() {
        return hub.ended(hub.create(TestHub.everything("timeline")).id()).id();
    }

    private String sealedWith(Gap... gaps) {
        agent.planGaps = List.of(gaps);
        try {
            return sealed();
        } finally {
            agent.planGaps = List.of();
        }
    }

    private HttpResponse<byte[]> ask(String id, String query) {
        return api.get("/api/v1/snapshots/" + id + "/timeline" + query);
    }

    private Timeline timeline(String id, String query) {
        HttpResponse<byte[]> answer = ask(id, query);
        assertThat(answer.statusCode()).as(new String(answer.body(), StandardCharsets.UTF_8)).isEqualTo(200);
        return JsonMapping.fromJson(json(answer), Timeline.class);
    }

    @Test
    void shouldCountThePacketsThatTsharkCounts() {
        Tools.require("tshark");
        Timeline timeline = timeline(id, "?bucket=1s");

        assertThat(timeline.bucketMs()).isEqualTo(1_000);
        assertThat(timeline.resolutionMs()).isEqualTo(100);
        List<long[]> all = new ArrayList<>();
        for (Timeline.Node node : timeline.nodes()) {
            List<long[]> packets = packets(folder.resolve(id).resolve(node.node() + ".pcapng"));
            assertThat(packets).hasSize(EventfulNode.PACKETS);
            assertThat(counts(node.buckets())).isEqualTo(counted(packets));
            all.addAll(packets);
        }
        assertThat(counts(timeline.buckets())).isEqualTo(counted(all));
        assertThat(timeline.total().packets()).isEqualTo(2 * EventfulNode.PACKETS);
    }

    /** Time in ns, captured and original length, as tshark reads them. */
    private static List<long[]> packets(Path file) {
        return Tools.run(
                        "tshark",
                        "-r",
                        file.toString(),
                        "-Y",
                        "eth",
                        "-T",
                        "fields",
                        "-e",
                        "frame.time_epoch",
                        "-e",
                        "frame.cap_len",
                        "-e",
                        "frame.len")
                .stdout()
                .lines()
                .map(line -> line.split("\t"))
                .map(cells ->
                        new long[] {
                            new BigDecimal(cells[0]).movePointRight(9).longValueExact(),
                            Long.parseLong(cells[1]),
                            Long.parseLong(cells[2])
                        })
                .toList();
    }

    private static Map<Long, List<Long>> counted(List<long[]> packets) {
        Map<Long, List<Long>> counts = new TreeMap<>();
        for (long[] packet : packets) {
            counts.merge(
                    packet[0] / 1_000_000_000,
                    List.of(1L, packet[1], packet[2]),
                    (one, more) ->
                            List.of(one.get(0) + more.get(0), one.get(1) + more.get(1), one.get(2) + more.get(2)));
        }
        return counts;
    }

    private static Map<Long, List<Long>> counts(List<Timeline.Bucket> buckets) {
        return buckets.stream()
                .filter(bucket -> bucket.packets() > 0)
                .collect(
                        Collectors.toMap(
                                bucket -> bucket.time().getEpochSecond(),
                                bucket -> List.of(bucket.packets(), bucket.capturedBytes(), bucket.originalBytes())));
    }

    @Test
    void shouldCountEventsByKindAndNeitherCheckpointsNorWhatIsOutsideOfTheWindow() {
        Timeline timeline = timeline(id, "?bucket=1s");

        assertThat(timeline.nodes().getFirst().total().events())
                .containsOnly(
                        entry("os.FORK", 1L),
                        entry("os.EXEC", 2L),
                        entry("os.CONNECT", 1L),
                        entry("os.EXIT", 1L),
                        entry("os.other", 2L),
                        entry("kubernetes.ADDED", 1L),
                        entry("kubernetes.MODIFIED", 1L),
                        entry("kubernetes.DELETED", 1L),
                        entry("kubernetes.Event.Warning.BackOff", 2L),
                        entry("kubernetes.Event.Normal.other", 1L));
        assertThat(timeline.total().events()).containsEntry("os.EXEC", 4L);
        Map<Instant, Map<String, Long>> byTime =
                timeline.nodes().getFirst().buckets().stream()
                        .filter(bucket -> !bucket.events().isEmpty())
                        .collect(Collectors.toMap(Timeline.Bucket::time, Timeline.Bucket::events));
        assertThat(byTime)
                .containsOnlyKeys(START, START.plusSeconds(1), START.plusSeconds(2), START.plusSeconds(3))
                .containsEntry(START, Map.of("os.FORK", 1L, "os.EXEC", 1L, "kubernetes.ADDED", 1L))
                .containsEntry(
                        START.plusSeconds(1),
                        Map.of(
                                "os.EXEC",
                                1L,
                                "os.CONNECT",
                                1L,
                                "kubernetes.MODIFIED",
                                1L,
                                "kubernetes.Event.Warning.BackOff",
                                1L));
    }

    @Test
    void shouldTellDropsAndGaps() {
        String gappy =
                sealedWith(
                        new Gap(START.minusSeconds(1), START, Gap.Cause.NOT_RECORDED, "Not yet.", null),
                        new Gap(START.plusMillis(1_500), START.plusSeconds(3), Gap.Cause.CORRUPT, "Lost.", null));

        Timeline timeline = timeline(gappy, "?bucket=1s&nodes=node-1&to=2026-11-22T21:00:20Z");

        // Those of the checkpoint before the window are not of this time.
        assertThat(timeline.total().drops())
                .isEqualTo(Map.of("kernel", 3L, "ring", 2L, "oversize", 4L, "rate_limit", 1L));
        assertThat(timeline.buckets().stream().filter(bucket -> !bucket.drops().isEmpty()))
                .extracting(Timeline.Bucket::time)
                .containsExactly(START, START.plusSeconds(5));
        assertThat(timeline.total().gaps()).isEqualTo(2);
        assertThat(timeline.buckets().stream().filter(bucket -> bucket.gaps() > 0))
                .extracting(Timeline.Bucket::time)
                .containsExactly(START.minusSeconds(1), START.plusSeconds(1), START.plusSeconds(2));
        assertThat(timeline.nodes().getFirst().buckets()).isEqualTo(timeline.buckets());
    }

    @Test
    void shouldSumUpToAnyMultipleOfTheResolution() {
        Timeline finest = timeline(id, "?bucket=100ms");

        for (String bucket : List.of("200ms", "1s", "PT7S", "1m", "1h", "2d")) {
            Timeline coarser = timeline(id, "?bucket=" + bucket);

            assertThat(coarser.total()).isEqualTo(finest.total());
            assertThat(coarser.nodes()).extracting(Timeline.Node::total).isEqualTo(totals(finest));
            assertThat(coarser.buckets().stream().mapToLong(Timeline.Bucket::packets).sum())
                    .isEqualTo(finest.total().packets());
            assertThat(coarser.buckets())
                    .allMatch(each -> EpochNanos.of(each.time()) % (coarser.bucketMs() * 1_000_000) == 0);
        }
        assertThat(finest.buckets().size()).isGreaterThan(50);
        // An hour in at most 300 buckets.
        assertThat(timeline(id, "").bucketMs()).isEqualTo(30_000);
    }

    private static List<Timeline.Bucket> totals(Timeline timeline) {
        return timeline.nodes().stream().map(Timeline.Node::total).toList();
    }

    @Test
    void shouldAnswerForAPartOfTheWindowAndForSomeNodes() {
        Timeline all = timeline(id, "?bucket=1s");

        Timeline part = timeline(id, "?bucket=1s&nodes=node-2&from=2026-11-22T21:00:02.05Z&to=2026-11-22T21:00:07Z");

        assertThat(part.from()).isEqualTo(START.plusSeconds(2));
        assertThat(part.to()).isEqualTo(START.plusSeconds(7));
        assertThat(part.nodes()).extracting(Timeline.Node::node).containsExactly("node-2");
        assertThat(part.buckets())
                .isEqualTo(
                        all.nodes().get(1).buckets().stream()
                                .filter(bucket ->
                                        !bucket.time().isBefore(START.plusSeconds(2))
                                                && bucket.time().isBefore(START.plusSeconds(7)))
                                .toList())
                .isEqualTo(part.nodes().getFirst().buckets())
                .hasSize(4);
    }

    @Test
    void shouldRefuseBucketsThatCannotBe() {
        for (String bucket : List.of("150ms", "0s", "-1s", "1", "soon", "400d", "99999999d", "1s%0a", "PT")) {
            assertProblem(ask(id, "?bucket=" + bucket), 400, "INVALID_REQUEST", "bucket");
        }
    }

    @Test
    void shouldSayWhatIsPossible() {
        String gappy = sealedWith(new Gap(START, START.plusSeconds(3_600), Gap.Cause.NOT_RECORDED, "Nothing.", null));

        assertThat(json(ask(id, "?bucket=150ms")).getString("detail"))
                .contains("no multiple of 100ms", "100ms, 200ms, 500ms, 1s, 2s, 5s");
        // A gap that touches every bucket makes more of them than an answer has.
        assertThat(json(ask(gappy, "?bucket=100ms")).getString("detail")).contains("limit=50000", "longer bucket");
        assertThat(timeline(gappy, "?bucket=1m").buckets()).hasSize(60);
        assertProblem(ask(id, "?nodes=node-7"), 404, "UNKNOWN_NODE", "nodes");
        assertProblem(ask(id, "?from=2027-01-01T00:00:00Z"), 400, "INVALID_WINDOW", "from");
        assertProblem(ask(id, "?to=2020-01-01T00:00:00Z"), 400, "INVALID_WINDOW", "to");
        assertProblem(ask(id, "?buckets=1s"), 400, "INVALID_REQUEST", "buckets");
        assertProblem(ask("20261122-210000-aaaaaa", ""), 404, "SNAPSHOT_NOT_FOUND", "id");
    }

    @Test
    void shouldRefuseWhatIsNotSealedYet() {
        agent.silentAfter = 1;
        Snapshot running = hub.create(TestHub.everything("running"));
        try {
            assertProblem(ask(running.id(), ""), 409, "WRONG_STATE", null);
        } finally {
            agent.silentAfter = Integer.MAX_VALUE;
        }
    }

    @Test
    void shouldCountASnapshotOfAnOlderVersionOnRequest() throws IOException {
        Path volume = Files.createDirectory(folder.resolve("older"));
        try (TestHub older =
                        new TestHub(TestHub.config(volume, 4, 8L << 20), TestHub.SHORT, Clock.systemUTC(), List.of());
                TestApi olderApi =
                        new TestApi(older.vertx(), TestHub.config(volume, 4, 8L << 20), HttpLimits.DEFAULTS)) {
            older.agent("node-1", EventfulNode.chunks("node-1"));
            older.agent("node-2", EventfulNode.chunks("node-2"));
            String olderId = older.ended(older.create(TestHub.everything("timeline")).id()).id();
            assertThat(SealedSnapshot.open(volume.resolve(olderId)).derivedFile(DerivedFile.TIMELINE)).isEmpty();

            Timeline counted =
                    JsonMapping.fromJson(
                            json(olderApi.get("/api/v1/snapshots/" + olderId + "/timeline?bucket=1s")), Timeline.class);

            assertThat(counted.nodes()).isEqualTo(timeline(id, "?bucket=1s").nodes());
        }
    }

    @Test
    void shouldNotAnswerFromADamagedFile() throws IOException {
        String damaged = sealed();
        ImmutableFlag.clearTree(folder.resolve(damaged));
        Path file = folder.resolve(damaged).resolve("timeline.json");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        byte[] content = Files.readAllBytes(file);
        content[content.length / 2] ^= 1;
        Files.write(file, content);

        HttpResponse<byte[]> answer = ask(damaged, "");

        assertThat(answer.statusCode()).isEqualTo(500);
        assertThat(json(answer).getString("code")).isEqualTo("INTEGRITY_VIOLATED");
        assertThat(hub.verify(damaged).violations())
                .singleElement()
                .satisfies(violation -> assertThat(violation.file()).isEqualTo("timeline.json"));
    }
}
