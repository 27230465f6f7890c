package io.hindsight.hub.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hindsight.api.Snapshot;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.BufferPiece;
import io.hindsight.bus.ChunkPiece;
import io.hindsight.bus.CustodyCall;
import io.hindsight.bus.PieceAssembler;
import io.hindsight.bus.ReadAction;
import io.hindsight.bus.ReadCarrier;
import io.hindsight.bus.ReadOpened;
import io.hindsight.bus.ReadStatus;
import io.hindsight.chunk.Chunk;
import io.hindsight.client.HubClient;
import io.hindsight.client.ReadOptions;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.store.ImmutableFlag;
import io.hindsight.hub.testing.TestChunks;
import io.hindsight.hub.testing.TestHub;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.DeliveryContext;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Readings as a reader that is not Hindsight's own sees them, and what becomes of them where messages do not come as they were sent. */
class ReadServiceTest {
    private static final long CREDIT = 128 << 10;
    private static final Duration LEASE = Duration.ofSeconds(1);

    @TempDir private Path folder = Path.of(".");

    private TestHub hub;
    private Snapshot snapshot;
    private RawReader reader;

    @BeforeEach
    void freeze() {
        hub = new TestHub(folder, new ReadLimits(4, LEASE, 64 << 20, 512 << 10, 2 << 20));
        hub.agent("node-1", TestChunks.packets("node-1", 6, 900));
        snapshot = hub.ended(hub.create(TestHub.everything("read")).id());
        reader = new RawReader(hub.vertx());
    }

    @AfterEach
    void close() {
        hub.close();
    }

    private Path dataFile() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve(snapshot.id()))) {
            return files.filter(file -> file.toString().endsWith(".pcapng")).findFirst().orElseThrow();
        }
    }

    private ReadStatus status() {
        return JsonMapping.fromJson(reader.ask(ReadAction.STATUS, new JsonObject()), ReadStatus.class);
    }

    private void awaitNoReaders() {
        await().atMost(20, TimeUnit.SECONDS).until(() -> status().readers() == 0);
    }

    private static long length(Message<Object> message) {
        return switch (message.body()) {
            case Chunk chunk -> chunk.lengthBytes();
            case ChunkPiece piece -> piece.bytes().length();
            case Buffer bytes -> bytes.length();
            default -> 0;
        };
    }

    @ParameterizedTest
    @EnumSource(ReadCarrier.class)
    void shouldNeverHaveMoreUnderWayThanTheCreditAndSendEveryByteOnce(ReadCarrier carrier) throws IOException {
        ReadOpened opened = reader.open(snapshot.id(), carrier, CREDIT);
        ByteArrayOutputStream got = new ByteArrayOutputStream();
        PieceAssembler assembler = new PieceAssembler();
        int seen = 0;
        while (!(reader.messages.size() > seen && reader.messages.get(seen).body() instanceof JsonObject)) {
            int from = seen;
            await().atMost(20, TimeUnit.SECONDS).until(() -> reader.messages.size() > from);
            long underWay = 0;
            while (seen < reader.messages.size() && length(reader.messages.get(seen)) > 0) {
                underWay += length(reader.messages.get(seen));
                take(reader.messages.get(seen++), assembler, got);
            }
            // By reference, the one chunk that is longer.
            long longest = carrier == ReadCarrier.REFERENCE ? 900L * 300 : 0;
            assertThat(underWay).isLessThanOrEqualTo(Math.max(CREDIT, longest));
            if (underWay > 0 && status().readers() > 0) {
                reader.credit(opened, underWay);
            }
        }

        assertThat(got.toByteArray()).isEqualTo(Files.readAllBytes(dataFile()));
        assertThat(reader.awaitEnd())
                .isEqualTo(
                        new JsonObject()
                                .put("readId", opened.readId())
                                .put("chunks", 6)
                                .put("bytes", (int) snapshot.bytes()));
        awaitNoReaders();
    }

    private static void take(Message<Object> message, PieceAssembler assembler, ByteArrayOutputStream to) {
        switch (message.body()) {
            case Chunk chunk -> append(chunk, to);
            case ChunkPiece piece -> assembler.add(piece, () -> {}).ifPresent(chunk -> append(chunk, to));
            case Buffer bytes -> {
                assertThat(bytes.length()).isLessThanOrEqualTo(BufferPiece.MAX_BYTES);
                assembler.add(BufferPiece.of(message.headers(), bytes), () -> {}).ifPresent(chunk -> append(chunk, to));
            }
            default -> throw new AssertionError(message.body());
        }
    }

    private static void append(Chunk chunk, ByteArrayOutputStream to) {
        for (ByteBuffer part : chunk.parts()) {
            byte[] bytes = new byte[part.remaining()];
            part.get(bytes);
            to.writeBytes(bytes);
        }
        chunk.release();
    }

    @ParameterizedTest
    @EnumSource(ReadCarrier.class)
    void shouldFreeWhatAReaderThatVanishedHasHeldWithinItsLease(ReadCarrier carrier) {
        reader.open(snapshot.id(), carrier, CREDIT);
        await().atMost(20, TimeUnit.SECONDS).until(() -> !reader.messages.isEmpty());

        JsonObject end = reader.awaitEnd();

        assertThat(end.getString("failureCode")).isEqualTo("TIMED_OUT");
        assertThat(end.getString("failure")).contains("lease=1000 ms");
        assertThat(status().readers()).isZero();
        assertThat(status().expired()).isEqualTo(1);
        reader.messages.clear();
        await().atMost(20, TimeUnit.SECONDS)
                .until(() -> {
                    System.gc();
                    return status().lingering() == 0 && status().heldBytes() == 0;
                });
    }

    @ParameterizedTest
    @EnumSource(ReadCarrier.class)
    void shouldFreeAtOnceWhatNobodyListensFor(ReadCarrier carrier) {
        reader.consumer.unregister().await();

        reader.open(snapshot.id(), carrier, CREDIT);

        await().atMost(LEASE).until(() -> status().readers() == 0 && status().lingering() == 0);
        assertThat(status().expired()).isZero();
    }

    @Test
    void shouldTakeBackNoMoreCreditThanIsUnderWay() {
        ReadOpened opened = reader.open(snapshot.id(), ReadCarrier.PIECES, CREDIT);

        assertThatThrownBy(() -> reader.credit(opened, CREDIT + 1))
                .isInstanceOfSatisfying(
                        HindsightException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST));
        assertThatThrownBy(() -> reader.credit(opened, -1)).isInstanceOf(HindsightException.class);
    }

    @Test
    void shouldRefuseAddressesThatAreNoReaders() {
        for (String address : new String[] {"hindsight.snapshots", "hindsight.clients.short", "hindsight.clients."}) {
            JsonObject request =
                    new JsonObject()
                            .put("id", snapshot.id())
                            .put("address", address)
                            .put("creditBytes", CREDIT)
                            .put("carrier", "BUFFERS");
            assertThatThrownBy(() -> reader.ask(ReadAction.OPEN, request))
                    .isInstanceOfSatisfying(HindsightException.class, e -> assertThat(e.field()).isEqualTo("address"));
        }
    }

    @Test
    void shouldFailBeforeAByteOfADamagedChunkIsSent() throws IOException {
        Path data = dataFile();
        ImmutableFlag.clearTree(folder);
        Files.setPosixFilePermissions(data.getParent(), PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rw-r--r--"));
        try (RandomAccessFile file = new RandomAccessFile(data.toFile(), "rw")) {
            file.seek(file.length() - 500);
            int before = file.read();
            file.seek(file.length() - 500);
            file.write(before ^ 1);
        }

        reader.open(snapshot.id(), ReadCarrier.REFERENCE, 64 << 20);
        JsonObject end = reader.awaitEnd();

        assertThat(end.getString("failureCode")).isEqualTo("INTEGRITY_VIOLATED");
        assertThat(end.getString("failure")).contains(data.getFileName().toString());
        assertThat(end.getInteger("chunks")).isEqualTo(5);
        assertThat(reader.messages).hasSize(6);
    }

    @Test
    void shouldRecordReadingsAsExports() {
        ReadOpened opened = reader.open(snapshot.id(), ReadCarrier.REFERENCE, 64 << 20);
        reader.awaitEnd();
        assertThat(opened.chunks()).isEqualTo(6);

        await().atMost(20, TimeUnit.SECONDS)
                .untilAsserted(() -> assertThat(custody()).contains("\"format\":\"chunks\"", "\"ended\":\"whole\""));
    }

    private String custody() {
        DeliveryOptions options = new DeliveryOptions().addHeader(Addresses.ACTION_HEADER, CustodyCall.LIST.name());
        return hub.vertx()
                .eventBus()
                .<JsonObject>request(Addresses.CUSTODY, new JsonObject().put("action", "EXPORT"), options)
                .await()
                .body()
                .encode();
    }

    /** How a program's reading ends where the bus does this. */
    private HindsightException failureWhere(int lost, boolean last) {
        AtomicInteger count = new AtomicInteger();
        hub.vertx()
                .eventBus()
                .<Object>addInboundInterceptor(delivery -> {
                    if (!isOfAReading(delivery, last) || count.getAndIncrement() != lost) {
                        delivery.next();
                    }
                });
        return failure();
    }

    private HindsightException failure() {
        Promise<Void> ended = Promise.promise();
        new HubClient(hub.vertx())
                .chunks(ReadOptions.of(snapshot.id()))
                .exceptionHandler(ended::tryFail)
                .endHandler(whole -> ended.tryComplete())
                .handler(Chunk::release);
        await().atMost(20, TimeUnit.SECONDS).until(() -> ended.future().isComplete());
        assertThat(ended.future().failed()).isTrue();
        awaitNoReaders();
        return (HindsightException) ended.future().cause();
    }

    private static boolean isOfAReading(DeliveryContext<Object> delivery, boolean last) {
        return delivery.message().address().startsWith(Addresses.CLIENTS)
                && delivery.body() instanceof JsonObject == last;
    }

    @Test
    void shouldFailWhereAChunkIsLost() {
        assertThat(failureWhere(2, false).code()).isEqualTo(ErrorCode.INTEGRITY_VIOLATED);
    }

    @Test
    void shouldFailWhereTheLastChunkIsLost() {
        HindsightException lost = failureWhere(5, false);
        assertThat(lost.code()).isEqualTo(ErrorCode.INTEGRITY_VIOLATED);
        assertThat(lost).hasMessageContaining("messages were lost");
    }

    @Test
    void shouldFailWhereTheEndIsLost() {
        assertThat(failureWhere(0, true).code()).isEqualTo(ErrorCode.NOT_FOUND);
    }

    @Test
    void shouldFailWhereAPieceComesTwice() {
        AtomicInteger count = new AtomicInteger();
        hub.vertx()
                .eventBus()
                .<Object>addOutboundInterceptor(delivery -> {
                    delivery.next();
                    if (isOfAReading(delivery, false) && count.getAndIncrement() == 1) {
                        DeliveryOptions again = new DeliveryOptions().setHeaders(delivery.message().headers());
                        hub.vertx().eventBus().send(delivery.message().address(), Buffer.buffer("x"), again);
                    }
                });

        assertThat(failure().code()).isEqualTo(ErrorCode.INTEGRITY_VIOLATED);
    }

    @Test
    void shouldFailWhereTheCarrierTakesNothingMore() {
        AtomicInteger count = new AtomicInteger();
        hub.vertx()
                .eventBus()
                .<Object>addOutboundInterceptor(delivery -> {
                    if (!isOfAReading(delivery, false) || count.getAndIncrement() != 5) {
                        delivery.next();
                    }
                });

        HindsightException stuck = failure();
        assertThat(stuck.code()).isEqualTo(ErrorCode.TIMED_OUT);
        assertThat(stuck).hasMessageContaining("took no message");
    }

    @Test
    void shouldFailWhereTheReaderThrows() {
        Promise<Void> ended = Promise.promise();
        new HubClient(hub.vertx())
                .chunks(ReadOptions.of(snapshot.id()))
                .exceptionHandler(ended::tryFail)
                .endHandler(whole -> ended.tryComplete())
                .handler(chunk -> {
                    chunk.release();
                    throw new IllegalStateException("the reader's own defect");
                });

        await().atMost(20, TimeUnit.SECONDS).until(() -> ended.future().isComplete());
        assertThat(ended.future().cause()).hasMessage("the reader's own defect");
        awaitNoReaders();
    }

    @Test
    void shouldTellTheEndOfASnapshotWhoseEventsAreLost() {
        hub.vertx()
                .eventBus()
                .<Object>addOutboundInterceptor(delivery -> {
                    if (!delivery.message().address().equals(Addresses.EVENTS)) {
                        delivery.next();
                    }
                });
        Promise<Void> ended = Promise.promise();
        HubClient client = new HubClient(hub.vertx());

        client.create(TestHub.everything("unheard"))
                .onSuccess(running ->
                        client.progress(running.id())
                                .exceptionHandler(ended::tryFail)
                                .endHandler(end -> ended.tryComplete())
                                .handler(state -> {}));

        await().atMost(20, TimeUnit.SECONDS).until(() -> ended.future().succeeded());
    }
}
