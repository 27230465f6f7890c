package io.hindsight.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.hub.verify.SnapshotVerifier;
import io.hindsight.testing.Root;
import io.hindsight.time.EpochNanos;
import io.hindsight.time.TimeWindow;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Batches on a Hub with agents of their own. The agents replay a file that the test has made, so that it knows each packet and need not wait for minutes of
 * recording: windows are of the file's time.
 */
class BatchIT {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** In a capture file of pcapng: 32 bytes around each packet, whose length is rounded up to four. */
    private static final int FRAMED_BYTES = 1_032;

    private static final int PACKET_BYTES = 1_000;

    private static final int RING_MEBIBYTES = 16;
    private static final int PACKETS_PER_SECOND = 5_000;

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    @SuppressWarnings("NullAway.Init")
    private Cluster cluster;

    @BeforeEach
    void root() {
        Root.require("network namespaces");
    }

    @AfterEach
    void tearDown() {
        if (cluster != null) {
            cluster.close();
        }
    }

    /** Packets of {@link #PACKET_BYTES} bytes that can be told apart, so many nanoseconds after each other. */
    private Path recording(Instant from, int count, long stepNs) throws IOException {
        List<Packet> packets = new ArrayList<>();
        for (int number = 0; number < count; number++) {
            byte[] bytes = new byte[PACKET_BYTES];
            bytes[12] = (byte) 0x88;
            bytes[13] = (byte) 0xB5;
            for (int at = 0; at < Integer.BYTES; at++) {
                bytes[14 + at] = (byte) (number >>> (8 * at));
            }
            packets.add(new Packet(EpochNanos.of(from) + number * stepNs, PACKET_BYTES, bytes));
        }
        Path file = folder.resolve("recording.pcap");
        CaptureFile.write(file, packets);
        return file;
    }

    private static long packetsWithin(Instant from, int count, long stepNs, TimeWindow window) {
        long startNs = EpochNanos.of(from);
        return IntStream.range(0, count).filter(number -> window.contains(startNs + number * stepNs)).count();
    }

    private String createBatch(List<TimeWindow> windows) {
        JsonArray requests = new JsonArray();
        for (TimeWindow window : windows) {
            requests.add(
                    new JsonObject()
                            .put("from", EpochNanos.toInstant(window.fromNs()).toString())
                            .put("to", EpochNanos.toInstant(window.toNs()).toString()));
        }
        Api.Answer answer = cluster.api().post("snapshots:batch", new JsonObject().put("requests", requests));
        assertThat(answer.status()).as(answer.body()).isEqualTo(202);
        return answer.json().getString("id");
    }

    private JsonObject batch(String id) {
        return cluster.api().request("GET", "batches/" + id).json();
    }

    private JsonObject awaitBatch(String id) {
        return await().atMost(PATIENCE).until(() -> batch(id), batch -> batch.getBoolean("ended"));
    }

    /** In the order of the requests. */
    private static List<String> ids(JsonObject batch) {
        return batch.getJsonArray("items").stream().map(item -> ((JsonObject) item).getString("id")).toList();
    }

    private Map<String, JsonObject> snapshots(String batchId) {
        return cluster
                .api()
                .request("GET", "snapshots?limit=1000&batch=" + batchId)
                .json()
                .getJsonArray("snapshots")
                .stream()
                .map(JsonObject.class::cast)
                .collect(Collectors.toMap(snapshot -> snapshot.getString("id"), Function.identity()));
    }

    private void assertIntact(List<String> ids) {
        assertThat(ids)
                .allSatisfy(id -> {
                    assertThat(SnapshotVerifier.verify(cluster.snapshotFolder(id)).violations()).as(id).isEmpty();
                });
    }

    /** Of all nodes' packets, from the Hub's metrics, which are as the last heartbeat of each node said. */
    private long metric(String name) {
        Instant now = Instant.now();
        await().atMost(PATIENCE)
                .until(() ->
                        cluster.nodes().stream()
                                .allMatch(node -> cluster.status(node).getInstant("time").isAfter(now)));
        return cluster.api()
                .request("GET", "/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(name + "{") && line.contains("source=\"packets\""))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    @Test
    void shouldReadAndSendTheUnionOfAHundredWindowsOnceAndKeepEachWhole() throws Exception {
        int windows = Endurance.rounds("batch.windows", 100);
        Duration step = Duration.ofSeconds(4);
        Duration length = Duration.ofSeconds(60);
        Duration span = step.multipliedBy(windows - 1L).plus(length);
        Instant from = Instant.now().minus(span).minusSeconds(600).truncatedTo(ChronoUnit.SECONDS);
        int perNode = windows * 22;
        long stepNs = span.toNanos() / perNode;
        Path file = recording(from, perNode, stepNs);
        cluster = new Cluster(folder, 5);
        cluster.start(
                List.of(),
                replaying(
                        file,
                        Math.max(16, windows / 16),
                        List.of("--replay-speed", "full", "--max-rate", windows * 2 + "Ki")));
        await().atMost(PATIENCE)
                .until(() ->
                        cluster.nodes().stream().allMatch(node -> cluster.source(node).getLong("records") == perNode));
        List<TimeWindow> wanted =
                IntStream.range(0, windows)
                        .mapToObj(each -> TimeWindow.last(length, from.plus(length).plus(step.multipliedBy(each))))
                        .toList();

        String batchId = createBatch(wanted);

        String first = ids(batch(batchId)).getFirst();
        JsonObject whenFirstWasDone =
                await().pollInterval(Duration.ofMillis(100))
                        .atMost(PATIENCE)
                        .until(
                                () -> batch(batchId),
                                batch ->
                                        batch.getJsonArray("items")
                                                .getJsonObject(0)
                                                .getString("state")
                                                .equals("COMPLETE"));
        JsonObject ended = awaitBatch(batchId);
        assertThat(ended.getJsonObject("states").getMap()).isEqualTo(Map.of("COMPLETE", windows));
        assertThat(whenFirstWasDone.getLong("bytes"))
                .as("of %s when %s was done", ended.getLong("bytes"), first)
                .isLessThan(ended.getLong("bytes") / 2);
        long union = (long) perNode * FRAMED_BYTES * cluster.nodes().size();
        long read = metric("hindsight_ring_read_bytes_total");
        long sent = metric("hindsight_channel_sent_bytes_total");
        System.out.printf(
                "BatchIT: union=%d read=%d sent=%d in files=%d, of them when the first was done=%d%n",
                union, read, sent, ended.getLong("bytes"), whenFirstWasDone.getLong("bytes"));
        assertThat(read).isBetween(union, union * 6 / 5);
        assertThat(sent).isBetween(union, union * 6 / 5);
        Map<String, JsonObject> snapshots = snapshots(batchId);
        List<String> ids = ids(ended);
        for (int each = 0; each < windows; each++) {
            long expected = packetsWithin(from, perNode, stepNs, wanted.get(each));
            JsonObject snapshot = Objects.requireNonNull(snapshots.get(ids.get(each)), "every item is listed");
            assertThat(Cluster.parts(snapshot))
                    .hasSize(5)
                    .allSatisfy(part -> {
                        assertThat(part.getLong("packets")).isEqualTo(expected);
                        assertThat(part.getJsonArray("gaps")).isEmpty();
                    });
        }
        assertIntact(ids);
        List<String> deleted = everySecond(ids, 0);
        deleted.forEach(
                id -> assertThat(cluster.api().request("DELETE", "snapshots/" + id).status()).as(id).isEqualTo(204));
        assertThat(cluster.snapshotFolder(first)).doesNotExist();
        assertIntact(everySecond(ids, 1));
    }

    private static List<String> everySecond(List<String> ids, int begin) {
        return IntStream.range(0, ids.size()).filter(each -> each % 2 == begin).mapToObj(ids::get).toList();
    }

    /** Packets alone, in small chunks; half of the ring may be pinned. */
    private static List<String> replaying(Path file, int ringMebibytes, List<String> more) {
        List<String> options = new ArrayList<>(List.of("--replay", file.toString(), "--os-events", "off"));
        options.addAll(List.of("--storage-size", ringMebibytes + "Mi", "--slot-size", "256Ki"));
        options.addAll(more);
        return options;
    }

    @Test
    void shouldSaveWhatTheRingHoldsOfTwentyWindowsAndTellExactlyWhatItLost() throws Exception {
        int rounds = Endurance.rounds("batch.recycling", 1);
        long stepNs = SECOND_NS / PACKETS_PER_SECOND; // the ring holds three seconds
        int count = PACKETS_PER_SECOND * (12 + 8 * rounds);
        Instant from = Instant.now().minusSeconds(3_600).truncatedTo(ChronoUnit.SECONDS);
        Path file = recording(from, count, stepNs);
        cluster = new Cluster(folder, 1);
        cluster.start(List.of(), replaying(file, RING_MEBIBYTES, List.of("--max-rate", "1Mi")));
        for (int round = 0; round < rounds; round++) {
            saveWhatCanBe(from, count, stepNs);
        }
    }

    private void saveWhatCanBe(Instant from, int count, long stepNs) throws IOException {
        long ringNs = ((long) RING_MEBIBYTES << 20) / FRAMED_BYTES * stepNs;
        Cluster.Node node = cluster.node(1);
        JsonObject status =
                await().atMost(PATIENCE)
                        .until(
                                () -> cluster.status(node),
                                now ->
                                        newestNs(now) > EpochNanos.of(from) + ringNs * 21 / 10
                                                && now.getBoolean("reachable"));
        long newestNs = newestNs(status);
        long behindNs = EpochNanos.of(status.getInstant("time")) - newestNs;
        List<TimeWindow> windows = new ArrayList<>();
        for (int age = 20; age >= 1; age--) {
            long toNs = newestNs - age * ringNs / 10;
            windows.add(new TimeWindow(toNs - ringNs / 100, toNs));
        }

        String batchId = createBatch(windows);
        long plannedNs = EpochNanos.of(Instant.now()) - behindNs;
        JsonObject ended = awaitBatch(batchId);

        List<String> ids = ids(ended);
        int whole = 0;
        int gone = 0;
        for (int each = 0; each < ids.size(); each++) {
            TimeWindow window = windows.get(each);
            JsonObject snapshot = cluster.api().request("GET", "snapshots/" + ids.get(each)).json();
            List<TimeWindow> gaps = recycled(snapshot);
            long delivered = delivered(snapshot, window, gaps);
            long expected =
                    IntStream.range(0, count)
                            .mapToLong(number -> EpochNanos.of(from) + number * stepNs)
                            .filter(time -> window.contains(time) && gaps.stream().noneMatch(gap -> gap.contains(time)))
                            .count();
            assertThat(delivered).as("of window %d outside of its gaps %s", each, gaps).isEqualTo(expected);
            if (plannedNs - window.fromNs() < ringNs * 3 / 4) {
                assertThat(gaps).as("of window %d, which the ring held", each).isEmpty();
            }
            whole += gaps.isEmpty() ? 1 : 0;
            gone += delivered == 0 ? 1 : 0;
        }
        System.out.printf("BatchIT: of 20 windows whole=%d gone=%d%n", whole, gone);
        assertThat(whole).isPositive();
        assertThat(gone).isPositive();
    }

    private static long newestNs(JsonObject status) {
        Instant newest = status.getJsonArray("sources").getJsonObject(0).getInstant("newest");
        return newest == null ? Long.MIN_VALUE : EpochNanos.of(newest);
    }

    private static List<TimeWindow> recycled(JsonObject snapshot) {
        return Cluster.parts(snapshot).getFirst().getJsonArray("gaps").stream()
                .map(JsonObject.class::cast)
                .peek(gap -> assertThat(gap.getString("cause")).as(snapshot.encode()).isEqualTo("RECYCLED"))
                .map(gap -> TimeWindow.between(gap.getInstant("from"), gap.getInstant("to")))
                .toList();
    }

    /** How many packets are there; each is of the window and of none of its gaps, and there once. A snapshot without any fails, and says so. */
    private long delivered(JsonObject snapshot, TimeWindow window, List<TimeWindow> gaps) throws IOException {
        String id = snapshot.getString("id");
        if (snapshot.getString("state").equals("FAILED")) {
            assertThat(snapshot.getJsonObject("error").getString("code"))
                    .as(snapshot.encode())
                    .isEqualTo("EMPTY_WINDOW");
            return 0;
        }
        assertThat(snapshot.getString("state")).as(snapshot.encode()).isEqualTo("COMPLETE");
        assertIntact(List.of(id));
        List<Packet> packets = CaptureFile.pcapng(cluster.api().export(id, "", folder.resolve(id + ".pcapng")));
        assertThat(packets)
                .allSatisfy(packet -> {
                    assertThat(window.contains(packet.timestampNs())).isTrue();
                    assertThat(gaps).noneMatch(gap -> gap.contains(packet.timestampNs()));
                });
        assertThat(packets.stream().distinct().count()).isEqualTo(packets.size());
        return packets.size();
    }
}
