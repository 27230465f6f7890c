package io.hindsight.hub.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotQuery;
import io.hindsight.api.SnapshotState;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.ReadAction;
import io.hindsight.bus.ReadOpened;
import io.hindsight.bus.ReadStatus;
import io.hindsight.chunk.Chunk;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.client.HubClient;
import io.hindsight.client.ReadOptions;
import io.hindsight.client.SnapshotChunks;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.HubVerticle;
import io.hindsight.hub.read.ReadLimits;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a program may rely on, wherever it runs: in the Hub's process, in its cluster, or over a bridge. */
public abstract class HubClientContract {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration LEASE = Duration.ofMillis(1_500);

    /** As small as it may be: chunks are longer than it, and shorter. */
    protected static final long SMALL_CREDIT = 128 << 10;

    @TempDir protected Path folder = Path.of(".");

    protected TestHub hub;
    private Vertx vertx;
    protected HubClient client;

    /** The bus of a program that has joined this Hub. */
    protected abstract Vertx join(TestHub joined);

    /** Ends that. */
    protected void leave(Vertx joined) {}

    @BeforeEach
    void start() {
        ReadLimits defaults = ReadLimits.DEFAULTS;
        hub =
                new TestHub(
                        folder,
                        new ReadLimits(4, LEASE, defaults.maxCreditBytes(), defaults.maxBridgedCreditBytes(), 2 << 20));
        hub.agent("node-1", TestChunks.packets("node-1", 12, 1_200));
        hub.agent("node-2", TestChunks.packets("node-2", 3, 40));
        vertx = join(hub);
        client = new HubClient(vertx);
    }

    @AfterEach
    void stop() {
        leave(vertx);
        hub.close();
    }

    protected static <T> T get(Future<T> future) {
        try {
            return future.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    /** The bus of the program. */
    protected Vertx vertx() {
        return vertx;
    }

    protected Snapshot frozen() {
        hub.report();
        return get(new ReadingProgram(vertx).freeze(TestHub.everything("contract")));
    }

    private static HindsightException failure(Future<?> future) {
        await().atMost(PATIENCE).until(future::isComplete);
        assertThat(future.failed()).isTrue();
        return (HindsightException) future.cause();
    }

    protected ReadStatus status() {
        DeliveryOptions options = new DeliveryOptions().addHeader(Addresses.ACTION_HEADER, ReadAction.STATUS.name());
        return JsonMapping.fromJson(
                get(hub.vertx().eventBus().<JsonObject>request(Addresses.READS, new JsonObject(), options)).body(),
                ReadStatus.class);
    }

    /** Whether a data file of the snapshot is mapped into this process. */
    private boolean isMapped(Snapshot snapshot) {
        try (var maps = Files.lines(Path.of("/proc/self/maps"))) {
            return maps.anyMatch(line -> line.contains(snapshot.id()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    protected void awaitFreed(Snapshot snapshot) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> {
                    assertThat(status().readers()).isZero();
                    assertThat(status().lingering()).isZero();
                    assertThat(status().heldBytes()).isZero();
                    assertThat(isMapped(snapshot)).isFalse();
                });
    }

    /** A reader that takes as much as it is let. */
    protected static final class Reader {
        final SnapshotChunks chunks;
        final AtomicLong bytes = new AtomicLong();
        final List<Chunk> kept = new CopyOnWriteArrayList<>();
        final AtomicBoolean keeps = new AtomicBoolean();
        final AtomicBoolean ended = new AtomicBoolean();
        final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

        public Reader(SnapshotChunks chunks) {
            this.chunks = chunks;
        }

        public SnapshotChunks chunks() {
            return chunks;
        }

        public Reader start() {
            chunks.exceptionHandler(failure::set)
                    .endHandler(whole -> ended.set(true))
                    .handler(chunk -> {
                        bytes.addAndGet(chunk.lengthBytes());
                        if (keeps.get()) {
                            kept.add(chunk);
                        } else {
                            chunk.release();
                        }
                    });
            return this;
        }

        void awaitEnd() {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> {
                        assertThat(failure.get()).isNull();
                        assertThat(ended).isTrue();
                    });
        }

        public HindsightException awaitFailure() {
            Throwable cause = await().atMost(PATIENCE).until(failure::get, Objects::nonNull);
            assertThat(ended).isFalse();
            return (HindsightException) Objects.requireNonNull(cause);
        }
    }

    private Reader reader(ReadOptions options) {
        return new Reader(client.chunks(options));
    }

    @Test
    void shouldGiveTheBytesOfTheDataFiles() {
        ReadingProgram program = new ReadingProgram(vertx);
        Snapshot snapshot = frozen();

        assertThat(snapshot.state()).isEqualTo(SnapshotState.COMPLETE);
        assertThat(get(program.digests(snapshot))).hasSize(2).isEqualTo(get(program.sealedDigests(snapshot.id())));
        awaitFreed(snapshot);
    }

    @Test
    void shouldDoWhatTheApiDoes() {
        Snapshot snapshot = frozen();

        assertThat(get(client.list(new SnapshotQuery(null, null, null, null, 1, 0))).snapshots()).hasSize(1);
        assertThat(get(client.show(snapshot.id())).merkleRoot()).isEqualTo(snapshot.merkleRoot());
        assertThat(get(client.manifest(snapshot.id())).getString("id")).isEqualTo(snapshot.id());
        assertThat(get(client.verify(snapshot.id())).intact()).isTrue();
        assertThat(get(client.cancel(snapshot.id())).state()).isEqualTo(SnapshotState.COMPLETE);
        assertThat(get(client.create(TestHub.everything("again"), "key-1")).id())
                .isEqualTo(get(client.create(TestHub.everything("again"), "key-1")).id());
        assertThat(failure(client.create(TestHub.everything("other"), "key-1")).code())
                .isEqualTo(ErrorCode.IDEMPOTENCY_CONFLICT);
        get(client.delete(snapshot.id()));
        HindsightException gone = failure(client.show(snapshot.id()));
        assertThat(gone.code()).isEqualTo(ErrorCode.SNAPSHOT_NOT_FOUND);
        assertThat(gone.field()).isEqualTo("id");
    }

    @Test
    void shouldLock() {
        Snapshot snapshot = frozen();

        Instant until = Instant.now().plusSeconds(3_600);
        assertThat(get(client.lock(snapshot.id(), until)).lockUntil()).isEqualTo(until);
        assertThat(failure(client.delete(snapshot.id())).code()).isEqualTo(ErrorCode.SNAPSHOT_LOCKED);
    }

    @Test
    void shouldHoldNoMoreThanItsCreditForAReaderThatIsPausedAndRenewItsLease() {
        Snapshot snapshot = frozen();
        Reader reader = reader(ReadOptions.of(snapshot.id()).credit(SMALL_CREDIT));
        reader.chunks.pause();
        reader.start();
        ReadOpened opened = get(reader.chunks.opened());
        assertThat(opened.creditBytes()).isEqualTo(SMALL_CREDIT);
        long longest = 1_200L * 300;

        await().during(LEASE.multipliedBy(2))
                .atMost(PATIENCE)
                .untilAsserted(() -> {
                    assertThat(status().bytes()).isLessThanOrEqualTo(Math.max(SMALL_CREDIT, longest));
                    assertThat(status().readers()).isEqualTo(1);
                });
        assertThat(reader.bytes).hasValue(0);

        reader.chunks.resume();
        reader.awaitEnd();
        assertThat(reader.bytes).hasValue(snapshot.bytes());
        awaitFreed(snapshot);
    }

    @Test
    void shouldWaitForChunksThatAreKept() {
        Snapshot snapshot = frozen();
        Reader reader = reader(ReadOptions.of(snapshot.id()).credit(SMALL_CREDIT));
        reader.keeps.set(true);
        reader.start();

        await().atMost(PATIENCE).until(() -> !reader.kept.isEmpty());
        await().during(Duration.ofMillis(300)).atMost(PATIENCE).until(() -> reader.kept.size() <= 1);
        reader.keeps.set(false);
        reader.kept.forEach(Chunk::release);
        reader.awaitEnd();
        assertThat(reader.bytes).hasValue(snapshot.bytes());
    }

    @Test
    void shouldHandOverOneChunkForEachThatIsFetched() {
        Snapshot snapshot = frozen();
        Reader reader = reader(ReadOptions.of(snapshot.id()).nodes("node-2"));
        reader.chunks.pause();
        reader.start();
        reader.keeps.set(true);
        reader.chunks.fetch(2);

        await().atMost(PATIENCE).until(() -> reader.kept.size() == 2);
        await().during(Duration.ofMillis(200)).until(() -> reader.kept.size() == 2);
        reader.chunks.fetch(1);
        reader.awaitEnd();
        assertThat(reader.kept).hasSize(3);
        reader.kept.forEach(Chunk::release);
        awaitFreed(snapshot);
    }

    @Test
    void shouldFreeEverythingAtOnceWhenItIsClosed() {
        Snapshot snapshot = frozen();
        Reader reader = reader(ReadOptions.of(snapshot.id()).credit(SMALL_CREDIT));
        reader.chunks.pause();
        reader.start();
        await().atMost(PATIENCE).until(() -> status().bytes() > 0);
        assertThat(isMapped(snapshot)).isTrue();

        reader.chunks.close();

        awaitFreed(snapshot);
        assertThat(status().expired()).isZero();
        assertThat(reader.failure.get()).isNull();
        assertThat(reader.ended).isFalse();
    }

    @Test
    void shouldChooseSources() {
        Snapshot snapshot = frozen();
        Reader packets = reader(ReadOptions.of(snapshot.id()).sources(ChunkSource.PACKETS)).start();
        Reader events = reader(ReadOptions.of(snapshot.id()).sources(ChunkSource.OS)).start();

        packets.awaitEnd();
        events.awaitEnd();
        assertThat(packets.bytes).hasValue(snapshot.bytes());
        assertThat(events.bytes).hasValue(0);
    }

    @Test
    void shouldReadToTheEndOfASnapshotThatIsDeletedMeanwhile() {
        Snapshot snapshot = frozen();
        Reader reader = reader(ReadOptions.of(snapshot.id()).credit(SMALL_CREDIT));
        reader.chunks.pause();
        reader.start();
        get(reader.chunks.opened());

        get(client.delete(snapshot.id()));
        reader.chunks.resume();

        reader.awaitEnd();
        assertThat(reader.bytes).hasValue(snapshot.bytes());
        awaitFreed(snapshot);
    }

    @Test
    void shouldFailWithAReasonWhatCannotBeRead() {
        Snapshot snapshot = frozen();

        assertThat(reader(ReadOptions.of("nothing")).start().awaitFailure().code())
                .isEqualTo(ErrorCode.SNAPSHOT_NOT_FOUND);
        HindsightException stranger = reader(ReadOptions.of(snapshot.id()).nodes("node-9")).start().awaitFailure();
        assertThat(stranger.code()).isEqualTo(ErrorCode.UNKNOWN_NODE);
        assertThat(stranger.field()).isEqualTo("nodes");
        assertThat(reader(ReadOptions.of(snapshot.id()).credit(1)).start().awaitFailure().code())
                .isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(status().readers()).isZero();
    }

    @Test
    void shouldBoundReaders() {
        Snapshot snapshot = frozen();
        List<Reader> all =
                List.of(1, 2, 3, 4).stream()
                        .map(number -> reader(ReadOptions.of(snapshot.id()).credit(SMALL_CREDIT)))
                        .toList();
        all.forEach(reader -> {
            reader.chunks.pause();
            reader.start();
            get(reader.chunks.opened());
        });

        HindsightException refused = reader(ReadOptions.of(snapshot.id())).start().awaitFailure();
        assertThat(refused.code()).isEqualTo(ErrorCode.TOO_MANY_REQUESTS);
        assertThat(refused).hasMessageContaining("limit=4");
        all.forEach(reader -> reader.chunks.resume());
        all.forEach(Reader::awaitEnd);
        awaitFreed(snapshot);
    }

    @Test
    void shouldFailWhereTheHubStops() {
        Snapshot snapshot = frozen();
        Reader reader = reader(ReadOptions.of(snapshot.id()).credit(SMALL_CREDIT));
        reader.chunks.pause();
        reader.start();
        get(reader.chunks.opened());

        HubVerticle verticle = hub.verticle();
        get(hub.vertx().undeploy(verticle.deploymentID()));

        assertThat(reader.awaitFailure().code()).isEqualTo(ErrorCode.NOT_READY);
        assertThat(failure(client.show(snapshot.id())).code()).isEqualTo(ErrorCode.NOT_READY);
    }

    @Test
    void shouldTellAProgressFromThePresentToTheEnd() {
        Snapshot snapshot = frozen();
        List<SnapshotState> states = new CopyOnWriteArrayList<>();
        AtomicBoolean ended = new AtomicBoolean();

        client.progress(snapshot.id()).endHandler(end -> ended.set(true)).handler(state -> states.add(state.state()));

        await().atMost(PATIENCE).untilTrue(ended);
        assertThat(states).containsExactly(SnapshotState.COMPLETE);
        assertThat(failure(ReadingProgram.ended(client.progress("nothing"))).code())
                .isEqualTo(ErrorCode.SNAPSHOT_NOT_FOUND);
    }

    @Test
    void shouldGiveAProgressThatIsPausedTheNewestStateAlone() {
        List<Snapshot> states = new CopyOnWriteArrayList<>();
        AtomicBoolean ended = new AtomicBoolean();
        hub.report();
        Snapshot running = get(client.create(TestHub.everything("slow")));
        var progress = client.progress(running.id()).pause().endHandler(end -> ended.set(true));
        progress.handler(states::add);
        hub.ended(running.id());
        assertThat(states).isEmpty();

        await().during(Duration.ofMillis(200)).until(states::isEmpty);
        progress.resume();

        await().atMost(PATIENCE).untilTrue(ended);
        assertThat(states.getLast().state()).isEqualTo(SnapshotState.COMPLETE);
        assertThat(states).hasSize(1);
    }
}
