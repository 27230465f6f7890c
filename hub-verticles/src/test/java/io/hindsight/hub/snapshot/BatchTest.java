package io.hindsight.hub.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.hindsight.api.Batch;
import io.hindsight.api.BatchRequest;
import io.hindsight.api.CustodyAction;
import io.hindsight.api.Gap;
import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotRequest;
import io.hindsight.api.SnapshotState;
import io.hindsight.bus.BusFailures;
import io.hindsight.bus.CreditGrant;
import io.hindsight.bus.SnapshotAction;
import io.hindsight.chunk.Chunk;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.error.ItemFault;
import io.hindsight.hub.store.ImmutableFlag;
import io.hindsight.hub.testing.Fault;
import io.hindsight.hub.testing.ScriptedAgent;
import io.hindsight.hub.testing.TestChunks;
import io.hindsight.hub.testing.TestHub;
import io.hindsight.json.JsonMapping;
import io.hindsight.testing.ChunkFixtures;
import io.hindsight.time.EpochNanos;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Many snapshots in one request: whole as single ones are, and what they share comes once. */
class BatchTest {
    private static final String NODE = "node-1";
    private static final long CREDIT_BYTES = 1L << 20;
    private static final int CHUNK_COUNT = 10;
    private static final long CHUNK_NS = 100_000;
    private static final List<byte[]> CHUNKS = TestChunks.packets(NODE, CHUNK_COUNT, 100);

    @TempDir Path folder;

    private Path volume;
    private TestHub hub;

    @BeforeEach
    void start() throws IOException {
        volume = Files.createDirectory(folder.resolve("volume"));
        hub = new TestHub(volume);
    }

    @AfterEach
    void stop() throws IOException {
        hub.close();
        ImmutableFlag.clearTree(folder);
    }

    private static ScriptedAgent agent(TestHub of, Fault... faults) {
        ScriptedAgent agent = of.agent(NODE, CHUNKS).beating();
        agent.keepsToWindows = true;
        agent.faults.addAll(List.of(faults));
        return agent;
    }

    /** A window in chunks from the first packet on; edges lie between packets. */
    private static SnapshotRequest window(double fromChunk, double toChunk) {
        return new SnapshotRequest(null, null, at(fromChunk), at(toChunk), null);
    }

    private static Instant at(double chunk) {
        return EpochNanos.toInstant(TestChunks.START_NS + Math.round(chunk * CHUNK_NS));
    }

    /** Whole chunks, cut ones, one within a chunk, the same twice, and one that has nothing to do with the others. */
    private static List<SnapshotRequest> windows() {
        return List.of(
                window(2.5, 6.51),
                window(0, 4),
                window(-5, 20),
                window(3.25, 3.75),
                window(3.25, 3.75),
                window(1.013, 9.007),
                window(8, 10));
    }

    private static JsonObject body(List<SnapshotRequest> requests) {
        return JsonMapping.toJson(new BatchRequest("many", requests));
    }

    private static Batch batch(TestHub at, JsonObject body, @Nullable String key) {
        try {
            JsonObject answer = at.request(SnapshotAction.BATCH, body, key).await(30, TimeUnit.SECONDS);
            return JsonMapping.fromJson(answer, Batch.class);
        } catch (TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    private static HindsightException refused(TestHub at, JsonObject body, @Nullable String key) {
        try {
            batch(at, body, key);
        } catch (RuntimeException e) {
            return BusFailures.asHindsight(e);
        }
        throw new AssertionError("It was taken.");
    }

    private static Batch ended(TestHub at, String id) {
        return await().atMost(Duration.ofSeconds(30))
                .until(
                        () -> at.ask(SnapshotAction.GET_BATCH, new JsonObject().put("id", id), Batch.class),
                        Batch::ended);
    }

    private static byte[] data(Path of, String id) throws IOException {
        return Files.readAllBytes(of.resolve(id).resolve(NODE + ".pcapng"));
    }

    /** Each as a single snapshot of the same window would be. */
    private void assertAsSingle(TestHub at, Path of, Batch batch, List<SnapshotRequest> requests) throws IOException {
        for (Batch.Item item : batch.items()) {
            assertThat(item.state()).as("%s", item).isEqualTo(SnapshotState.COMPLETE);
            Snapshot single = at.ended(at.create(requests.get(item.index())).id());
            assertThat(data(of, item.id())).as("%s", item).isEqualTo(data(of, single.id()));
            assertThat(at.get(item.id()).merkleRoot()).isEqualTo(single.merkleRoot());
            assertThat(at.verify(item.id()).violations()).isEmpty();
        }
    }

    private static void assertNothingHeld(ScriptedAgent agent) {
        await().untilAsserted(() -> {
            assertThat(agent.unreleased()).as("chunks").isZero();
            assertThat(agent.sessionCount()).as("sessions").isZero();
        });
    }

    @Test
    void shouldTakeAChunkThatComesTwiceForOne() throws IOException {
        ScriptedAgent agent = agent(hub);
        agent.doubling = true;

        Batch batch = ended(hub, batch(hub, body(windows()), null).id());

        assertThat(agent.sharedRequests).hasSize(1);
        agent.doubling = false;
        assertAsSingle(hub, volume, batch, windows());
        assertNothingHeld(agent);
    }

    @Test
    void shouldMakeWhatSingleSnapshotsWouldAndReadWhatTheyShareOnce() throws IOException {
        ScriptedAgent agent = agent(hub);

        Batch taken = batch(hub, body(windows()), null);
        Batch batch = ended(hub, taken.id());

        assertThat(agent.sharedChunks).hasValue(CHUNK_COUNT);
        assertThat(agent.singleChunks).hasValue(0);
        assertThat(agent.sharedRequests).hasSize(1);
        assertThat(batch.states()).containsExactly(Map.entry("COMPLETE", windows().size()));
        assertThat(taken.items())
                .extracting(Batch.Item::id)
                .isEqualTo(batch.items().stream().map(Batch.Item::id).toList());
        assertThat(agent.plans).extracting(plan -> plan.fromNs()).isSorted();
        assertNothingHeld(agent);
        assertAsSingle(hub, volume, batch, windows());
        assertThat(hub.get(batch.items().getFirst().id()).batch()).isEqualTo(batch.id());
        assertThat(Files.readString(volume.resolve(batch.items().getFirst().id()).resolve("manifest.json")))
                .contains("\"batch\" : \"" + batch.id() + "\"");
        JsonObject query = new JsonObject().put("batch", batch.id());
        assertThat(hub.ask(SnapshotAction.LIST, query, JsonObject.class).getInteger("total"))
                .isEqualTo(windows().size());
        assertThat(Files.readString(volume.resolve(".custody").resolve("custody-%020d.jsonl".formatted(1))))
                .contains(CustodyAction.CREATE.name())
                .contains(batch.id());
    }

    @Test
    void shouldLeaveTheOthersWholeWhereHalfAreDeleted() throws IOException {
        agent(hub);
        List<Batch.Item> items = ended(hub, batch(hub, body(windows()), null).id()).items();
        for (Batch.Item item : items) {
            if (item.index() % 2 == 0) {
                hub.delete(item.id());
            }
        }
        for (Batch.Item item : items) {
            if (item.index() % 2 == 1) {
                assertThat(hub.verify(item.id()).violations()).isEmpty();
            }
        }
        String id = String.valueOf(hub.get(items.get(1).id()).batch());
        Batch.Item deleted = ended(hub, id).items().getFirst();
        assertThat(deleted.state()).isNull();
        assertThat(deleted.error()).isNotNull();
    }

    @Test
    void shouldDoWithoutSharingWhereTheAgentDoesNotKnowIt() throws IOException {
        ScriptedAgent agent = agent(hub);
        agent.shares = false;

        Batch batch = ended(hub, batch(hub, body(windows()), null).id());

        assertThat(agent.sharedChunks).hasValue(0);
        assertThat(agent.streamRequests).hasSize(windows().size());
        assertAsSingle(hub, volume, batch, windows());
        assertNothingHeld(agent);
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.Kind.class,
            names = {"LANE_BREAKS", "FALLS_SILENT", "RESTARTS", "FORGETS"})
    void shouldGoOnOneByOneWhereTheSharedStreamBreaks(Fault.Kind kind) throws IOException {
        ScriptedAgent agent = agent(hub, new Fault(kind, 4));

        Batch batch = ended(hub, batch(hub, body(windows()), null).id());

        assertThat(agent.sharedChunks).hasValue(4);
        assertAsSingle(hub, volume, batch, windows());
        assertNothingHeld(agent);
    }

    @Test
    void shouldLeaveTheOthersAsTheyAreWhereOneIsCancelledAndOneIsEmpty() throws IOException {
        ScriptedAgent agent = agent(hub);
        agent.silentAfter = 4;
        List<SnapshotRequest> requests = new ArrayList<>(windows());
        requests.add(window(100, 200));
        Batch running = batch(hub, body(requests), null);
        String cancelled = running.items().get(2).id();
        await().until(() -> hub.get(cancelled).chunks() == 4);
        assertThat(hub.cancel(cancelled).state()).isEqualTo(SnapshotState.CANCELLED);
        agent.silentAfter = Integer.MAX_VALUE;

        Batch batch = ended(hub, running.id());

        assertThat(batch.states()).isEqualTo(Map.of("COMPLETE", 6, "CANCELLED", 1, "FAILED", 1));
        assertThat(batch.items().getLast().error()).extracting(problem -> problem.code()).isEqualTo("EMPTY_WINDOW");
        List<Batch.Item> whole = batch.items().stream().filter(item -> item.state() == SnapshotState.COMPLETE).toList();
        assertThat(agent.sharedChunks).hasValue(CHUNK_COUNT);
        for (Batch.Item item : whole) {
            Snapshot single = hub.ended(hub.create(requests.get(item.index())).id());
            assertThat(data(volume, item.id())).isEqualTo(data(volume, single.id()));
        }
        assertNothingHeld(agent);
    }

    /** A cut has checksums of its own: they must not make a broken chunk look sound. */
    @Test
    void shouldNotHideABrokenChunkBehindACut() throws IOException {
        byte[] sound = CHUNKS.get(4);
        Supplier<List<Chunk>> broken =
                () ->
                        IntStream.range(0, CHUNK_COUNT)
                                .mapToObj(i ->
                                        i == 4
                                                ? TestChunks.broken(sound, sound.length - 50)
                                                : ChunkFixtures.asChunk(CHUNKS.get(i)))
                                .toList();
        ScriptedAgent agent = new ScriptedAgent(hub.vertx(), NODE, broken).report().beating();
        agent.keepsToWindows = true;
        List<SnapshotRequest> requests = List.of(window(4.2, 4.6), window(2.5, 8), window(0, 4), window(6.5, 9.5));

        List<Batch.Item> items = ended(hub, batch(hub, body(requests), null).id()).items();

        assertThat(items)
                .extracting(Batch.Item::state)
                .containsExactly(
                        SnapshotState.FAILED, SnapshotState.PARTIAL, SnapshotState.COMPLETE, SnapshotState.COMPLETE);
        assertThat(items.getFirst().error()).extracting(problem -> problem.code()).isEqualTo("INTEGRITY_VIOLATED");
        assertThat(hub.get(items.get(1).id()).nodes().getFirst().gaps())
                .anySatisfy(gap -> assertThat(gap.cause()).isEqualTo(Gap.Cause.CORRUPT));
        assertNothingHeld(agent);
    }

    @Test
    void shouldLeaveTheOthersAsTheyAreWhereTheDiskRefusesOne() throws IOException {
        ScriptedAgent agent = agent(hub);
        agent.silentAfter = 4;
        Batch running = batch(hub, body(windows()), null);
        Path inTheWay = Files.createDirectory(volume.resolve(running.items().get(5).id()));
        Files.createFile(inTheWay.resolve("something"));
        agent.silentAfter = Integer.MAX_VALUE;

        Batch batch = ended(hub, running.id());

        assertThat(batch.states()).isEqualTo(Map.of("COMPLETE", windows().size() - 1, "FAILED", 1));
        assertThat(batch.items().get(5).error()).extracting(problem -> problem.code()).isEqualTo("IO_FAILED");
        assertNothingHeld(agent);
    }

    @Test
    void shouldCancelAllOfABatch() {
        ScriptedAgent agent = agent(hub);
        agent.silentAfter = 2;
        Batch running = batch(hub, body(windows()), null);

        Batch cancelled = hub.ask(SnapshotAction.CANCEL_BATCH, new JsonObject().put("id", running.id()), Batch.class);

        assertThat(cancelled.states()).isEqualTo(Map.of("CANCELLED", windows().size()));
        assertThat(ended(hub, running.id()).ended()).isTrue();
        assertNothingHeld(agent);
    }

    @Test
    void shouldGoOnWhereTheHubEndsInTheMiddle() throws IOException {
        ScriptedAgent agent = agent(hub);
        agent.silentAfter = 4;
        Batch running = batch(hub, body(windows()), "the-key");
        await().until(() -> hub.get(running.items().get(2).id()).chunks() == 4);
        Path image = image(volume);

        try (TestHub next = new TestHub(image)) {
            agent(next);
            Batch batch = ended(next, running.id());
            assertThat(batch(next, body(windows()), "the-key").items()).isEqualTo(batch.items());
            assertThat(batch.items())
                    .extracting(Batch.Item::id)
                    .isEqualTo(running.items().stream().map(Batch.Item::id).toList());
            assertAsSingle(next, image, batch, windows());
        }
    }

    private Path image(Path of) throws IOException {
        Path copy = folder.resolve("image-" + System.nanoTime());
        try (Stream<Path> paths = Files.walk(of)) {
            for (Path path : paths.toList()) {
                Files.copy(path, copy.resolve(of.relativize(path).toString()));
            }
            return copy;
        } catch (NoSuchFileException replaced) {
            return image(of);
        }
    }

    @Test
    void shouldGiveTheSameBatchForTheSameKeyAndRefuseAnother() {
        agent(hub);
        Batch first = batch(hub, body(windows()), "k");

        assertThat(batch(hub, body(windows()), "k").id()).isEqualTo(first.id());
        assertThat(refused(hub, body(List.of(window(0, 1))), "k").code()).isEqualTo(ErrorCode.IDEMPOTENCY_CONFLICT);
        assertThatExceptionOfType(HindsightException.class)
                .isThrownBy(() -> hub.create(window(0, 1), "k"))
                .satisfies(conflict -> assertThat(conflict.code()).isEqualTo(ErrorCode.IDEMPOTENCY_CONFLICT));
        hub.create(window(0, 1), "single");
        assertThat(refused(hub, body(windows()), "single").code()).isEqualTo(ErrorCode.IDEMPOTENCY_CONFLICT);
        assertThat(hub.all()).hasSize(windows().size() + 1);
        ended(hub, first.id());
    }

    @Test
    void shouldRefuseAllWhereOneIsWrongAndSayWhichAndWhere() {
        agent(hub);
        JsonArray requests = body(Collections.nCopies(1_000, window(0, 1))).getJsonArray("requests");
        requests.getJsonObject(3).put("to", at(-1).toString());
        requests.getJsonObject(7).put("nodes", new JsonArray().add("elsewhere")).put("name", " ");
        requests.getJsonObject(8).put("to", Instant.now().plusSeconds(60).toString());
        requests.getJsonObject(900).put("sources", new JsonArray().add("smoke"));
        requests.getJsonObject(999).put("from", "yesterday");

        HindsightException refused = refused(hub, new JsonObject().put("requests", requests), null);

        assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(refused.items())
                .extracting(ItemFault::place)
                .containsExactly(
                        "requests[3].from",
                        "requests[7].name",
                        "requests[7].nodes",
                        "requests[8].to",
                        "requests[900].sources",
                        "requests[999].from");
        assertThat(refused.items().getFirst().code()).isEqualTo(ErrorCode.INVALID_WINDOW);
        assertThat(refused.getMessage()).contains("5 of requests=1000");
        assertThat(hub.all()).isEmpty();
        requests.add(requests.getJsonObject(0));
        assertThat(refused(hub, new JsonObject().put("requests", requests), null).field()).isEqualTo("requests");
        assertThat(refused(hub, new JsonObject(), null).field()).isEqualTo("requests");
    }

    @Test
    void shouldFailThoseAloneThatHaveNothing() {
        ScriptedAgent agent = agent(hub);
        List<SnapshotRequest> requests =
                IntStream.range(0, 200)
                        .mapToObj(i -> i % 20 == 0 ? window(i / 20.0, 10) : window(100 + i, 101 + i))
                        .toList();

        Batch batch = ended(hub, batch(hub, body(requests), null).id());

        assertThat(batch.states()).isEqualTo(Map.of("COMPLETE", 10, "FAILED", 190));
        assertThat(agent.sharedChunks).hasValue(CHUNK_COUNT);
        assertNothingHeld(agent);
    }

    @Test
    void shouldLetASingleSnapshotThroughBesideABatch() throws IOException {
        hub.close();
        hub = new TestHub(TestHub.config(Files.createDirectory(folder.resolve("fair")), 2, CREDIT_BYTES));
        ScriptedAgent agent = hub.agent(NODE, TestChunks.packets(NODE, 40, 400)).beating();
        agent.silentAfter = 1;
        Batch running = batch(hub, body(Collections.nCopies(12, window(-1, 1_000))), null);
        await().until(() -> agent.sharedChunks.get() == 1);
        agent.silentAfter = Integer.MAX_VALUE;

        Snapshot single = hub.create(window(-1, 1_000));

        assertThat(hub.ended(single.id()).state()).isEqualTo(SnapshotState.COMPLETE);
        assertThat(ended(hub, running.id()).states()).isEqualTo(Map.of("COMPLETE", 12));
        assertThat(agent.maxUnacknowledged()).isLessThanOrEqualTo(CREDIT_BYTES);
    }

    @Test
    void shouldTellOfTheBatchAndOfWhatIsDurableOfEach() {
        ScriptedAgent agent = agent(hub);
        agent.silentAfter = 4;
        Batch running = batch(hub, body(windows()), null);
        String item = running.items().get(2).id();
        await().until(() -> granted(agent, item, grant -> !grant.durable().isEmpty()));
        await().until(() -> granted(agent, running.id() + "-1-1", grant -> grant.creditBytes() > 0));
        agent.silentAfter = Integer.MAX_VALUE;

        Batch batch = ended(hub, running.id());

        await().untilAsserted(() -> {
            List<JsonObject> told =
                    hub.events.stream()
                            .map(TestHub.Event::body)
                            .filter(event -> "batch".equals(event.getString("type")))
                            .map(event -> event.getJsonObject("batch"))
                            .toList();
            assertThat(told).isNotEmpty().allSatisfy(each -> assertThat(each.getString("id")).isEqualTo(batch.id()));
            assertThat(told.getLast().getBoolean("ended")).isTrue();
            assertThat(told.getLast().getJsonObject("states").getInteger("COMPLETE")).isEqualTo(windows().size());
        });
        assertThat(granted(agent, item, grant -> grant.creditBytes() > 0)).as("bytes for one of them").isFalse();
    }

    private static boolean granted(ScriptedAgent agent, String id, Predicate<CreditGrant> which) {
        return agent.grants.stream().filter(grant -> grant.snapshotId().equals(id)).anyMatch(which);
    }

    @Test
    void shouldLeaveOutSourcesThatAreNotWanted() throws IOException {
        ScriptedAgent agent = agent(hub);
        SnapshotRequest events =
                new SnapshotRequest(null, null, at(-5), at(20), null, null, null, List.of("os", "kubernetes"));
        SnapshotRequest packets = new SnapshotRequest(null, null, at(-5), at(20), null, null, null, List.of("packets"));

        Snapshot whole = hub.ended(hub.create(packets).id());

        assertThat(whole.chunks()).isEqualTo(CHUNK_COUNT);
        assertThat(agent.plans.getLast().sources()).containsExactly("packets");
        assertThat(Files.readString(volume.resolve(whole.id()).resolve("manifest.json"))).contains("\"sources\"");
        // The scripted agent knows nothing of sources, as an older one: it sends its packets all the same.
        Snapshot without = hub.ended(hub.create(events).id());
        assertThat(without.state()).isEqualTo(SnapshotState.FAILED);
        assertThat(without.error()).extracting(problem -> problem.code()).isEqualTo("EMPTY_WINDOW");
    }
}
