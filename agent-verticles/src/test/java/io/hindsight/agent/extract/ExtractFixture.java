package io.hindsight.agent.extract;

import static io.hindsight.agent.ring.TestPackets.ETH0;
import static io.hindsight.agent.ring.TestPackets.NODE;
import static io.hindsight.agent.ring.TestPackets.packet;
import static org.awaitility.Awaitility.await;

import io.hindsight.agent.ring.Ring;
import io.hindsight.agent.ring.RingWriter;
import io.hindsight.agent.ring.TestPackets;
import io.hindsight.bus.ExtentPlan;
import io.hindsight.bus.PlanRequest;
import io.hindsight.bus.StreamEnd;
import io.hindsight.bus.StreamRequest;
import io.hindsight.chunk.Chunk;
import io.hindsight.chunk.ChunkVerifier;
import io.hindsight.time.EpochNanos;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** An agent's extracts over a real ring. Packet n has the time START + n seconds; a chunk holds 250 packets of 1,000 bytes. */
abstract class ExtractFixture {
    static final int SLOT_SIZE = 256 << 10;
    static final String SESSION = "snapshot-1";
    static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    static final int PACKETS_PER_CHUNK = 250;

    @TempDir Path folder;

    final AtomicReference<Instant> now = new AtomicReference<>(START);
    final AtomicBoolean drains = new AtomicBoolean(true);
    final Vertx vertx = Vertx.vertx();
    final Context context = vertx.getOrCreateContext();
    final WorkerExecutor workers = vertx.createSharedWorkerExecutor("extract-test", 2);
    final TestChannel channel = new TestChannel();
    Ring ring;
    RingWriter writer;
    ExtractService service;
    int written;
    private int streams;

    /** Keeps copies of what it is sent; breaks when told. */
    static final class TestChannel implements ChunkChannel {
        final List<Chunk> chunks = new CopyOnWriteArrayList<>();
        final List<StreamEnd> ends = new CopyOnWriteArrayList<>();

        /** What came, in order: {@code packets 3}, {@code end a}. */
        final List<String> order = new CopyOnWriteArrayList<>();

        /** What it has not given back. */
        final List<Chunk> kept = new CopyOnWriteArrayList<>();

        volatile boolean keeping;
        volatile boolean closed;
        volatile boolean broken;
        volatile boolean throwing;
        volatile Runnable onEnd = () -> {};
        final AtomicInteger refused = new AtomicInteger();
        volatile Consumer<Throwable> onBreak = cause -> {};

        @Override
        public Future<Void> send(Chunk chunk) {
            if (broken) {
                refused.incrementAndGet();
                if (throwing) {
                    throw new IllegalStateException("No codec.");
                }
                chunk.release();
                return Future.failedFuture("The connection was reset.");
            }
            byte[] bytes = ChunkChannelContract.bytes(chunk);
            ChunkVerifier.checkRecords(MemorySegment.ofArray(bytes), 0);
            chunks.add(Chunk.unowned(chunk.header(), List.of(ByteBuffer.wrap(bytes))));
            if (keeping) {
                kept.add(chunk);
            } else {
                chunk.release();
            }
            order.add(chunk.header().source().label() + " " + chunk.header().sequence());
            return Future.succeededFuture();
        }

        @Override
        public Future<Void> end(StreamEnd end) {
            onEnd.run();
            ends.add(end);
            order.add("end " + end.snapshotId());
            return Future.succeededFuture();
        }

        @Override
        public void onBreak(Consumer<Throwable> tell) {
            onBreak = tell;
        }

        @Override
        public void close() {
            closed = true;
            onBreak = cause -> {};
        }
    }

    final class MovableClock extends Clock {
        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException("Only UTC.");
        }

        @Override
        public Instant instant() {
            return Objects.requireNonNull(now.get());
        }
    }

    @BeforeEach
    void open() {
        Clock clock = new MovableClock();
        ring =
                Ring.open(
                        TestPackets.spec(folder, 20L * SLOT_SIZE, SLOT_SIZE),
                        new Ring.RingOptions(0.5, 0, clock, System::nanoTime));
        writer = ring.writer(0);
        ExtractSource source = new ExtractSource(ring, timeoutMs -> drains.get());
        service =
                new ExtractService(
                        vertx,
                        NODE,
                        () -> List.of(source),
                        window -> List.of(),
                        workers,
                        RateLimit.of(vertx, 0),
                        clock,
                        System::nanoTime);
    }

    @AfterEach
    void close() {
        writer.close();
        ring.close();
        vertx.close().toCompletionStage().toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
    }

    static Instant at(long second) {
        return START.plusSeconds(second);
    }

    static long ns(long second) {
        return EpochNanos.of(at(second));
    }

    /** Writes the next packets, commits, and sets the clock to after them. */
    void write(int packets) {
        for (int index = 0; index < packets; index++) {
            TestPackets.put(writer, ETH0, packet(ns(written++), 1_000));
        }
        writer.commit();
        now.set(at(written));
    }

    <T> T onContext(Supplier<Future<T>> call) {
        CompletableFuture<T> result = new CompletableFuture<>();
        context.runOnContext(go ->
                call.get()
                        .onComplete(done -> {
                            if (done.succeeded()) {
                                result.complete(done.result());
                            } else {
                                result.completeExceptionally(done.cause());
                            }
                        }));
        return result.orTimeout(20, TimeUnit.SECONDS).join();
    }

    ExtentPlan plan(String session, long fromSecond, long toSecond) {
        return onContext(() -> service.plan(new PlanRequest(session, ns(fromSecond), ns(toSecond), 60_000)));
    }

    /** No stream's before. */
    String address() {
        return "chunks-" + ++streams;
    }

    void stream(String session) {
        onContext(() -> service.stream(new StreamRequest(session, address(), 1L << 30, Map.of(), null), channel));
    }

    StreamEnd awaitEnd() {
        await().until(() -> !channel.ends.isEmpty());
        return channel.ends.getLast();
    }

    int sentRecords() {
        return channel.chunks.stream().mapToInt(chunk -> chunk.header().recordCount()).sum();
    }
}
