package io.hindsight.hub.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.FixturePacket;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Exports over real HTTP, to clients that read, stall and go away. */
class ExportServiceTest {
    private static final ExportRequest ALL = ExportRequest.everything(ExportFormat.PCAPNG);

    @TempDir private Path folder;

    private final Vertx vertx = Vertx.vertx();
    private final AtomicReference<@Nullable Future<ExportStatistics>> served = new AtomicReference<>();
    private SnapshotFiles snapshot;

    /** 24 MiB in two overlapping files: more than the sockets' and the service's buffers together. */
    @BeforeEach
    void writeSnapshot() {
        SnapshotFixture fixture = new SnapshotFixture(folder);
        for (String node : List.of("node-1", "node-2")) {
            List<byte[]> chunks = new ArrayList<>();
            for (int sequence = 1; sequence <= 6; sequence++) {
                chunks.add(ChunkFixtures.node(node).sequence(sequence).packets(packets(sequence)));
            }
            fixture.node(node, chunks);
        }
        snapshot = fixture.files();
    }

    private static List<FixturePacket> packets(int sequence) {
        List<FixturePacket> packets = new ArrayList<>();
        for (int i = 0; i < 1500; i++) {
            long timeNs = SnapshotFixture.START_NS + sequence * 1_000_000L + i * 100L;
            packets.add(FixturePacket.ethernet("eth0", timeNs, Frames.tcp(i, 80, 1300)));
        }
        return packets;
    }

    @AfterEach
    void close() throws Exception {
        vertx.close().await(30, TimeUnit.SECONDS);
    }

    @Test
    void shouldSendWhatTheSynchronousExporterWrites() throws Exception {
        ExportService service = new ExportService(vertx);

        Buffer body = get(serve(service)).compose(HttpClientResponse::body).await(30, TimeUnit.SECONDS);

        assertThat(body.getBytes()).isEqualTo(ExportTools.export(snapshot, ALL));
        assertThat(statistics().packets()).isEqualTo(2 * 6 * 1500);
        assertThat(statistics().bytes()).isEqualTo(body.length());
        assertNothingIsHeld(service);
    }

    @Test
    void shouldHoldAFewBuffersForAClientThatDoesNotReadAndGiveUpAfterTheTimeout() throws Exception {
        ExportService service = new ExportService(vertx, 1, Duration.ofMillis(400));
        HttpClientResponse response = get(serve(service)).await(30, TimeUnit.SECONDS);
        response.pause();

        await().atMost(20, TimeUnit.SECONDS).until(() -> served().isComplete());

        assertThat(served().failed()).isTrue();
        assertThat(((HindsightException) served().cause()).code()).isEqualTo(ErrorCode.TIMED_OUT);
        assertNothingIsHeld(service);
    }

    @Test
    void shouldCloseFilesWhenTheClientGoes() throws Exception {
        ExportService service = new ExportService(vertx);
        HttpClientResponse response = get(serve(service)).await(30, TimeUnit.SECONDS);
        response.pause();
        await().atMost(20, TimeUnit.SECONDS).until(this::isMapped);

        response.request().connection().close();

        await().atMost(20, TimeUnit.SECONDS).until(() -> served().isComplete());
        assertThat(served().failed()).isTrue();
        assertNothingIsHeld(service);
    }

    @Test
    void shouldRefuseMoreExportsThanItsBound() throws Exception {
        ExportService service = new ExportService(vertx, 1, Duration.ofSeconds(5));
        ExportPlan plan = Exporter.plan(snapshot, ALL);
        ExportStream first = service.open(plan);

        assertThatThrownBy(() -> service.open(plan))
                .isInstanceOfSatisfying(
                        HindsightException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TOO_MANY_REQUESTS));

        first.cancel();
        await().atMost(20, TimeUnit.SECONDS).until(() -> service.running() == 0);
        service.open(plan).cancel();
    }

    @Test
    void shouldFailTheStreamWhereAStoredBitIsFlipped() throws Exception {
        Path file = folder.resolve("node-2.pcapng");
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2 + 100_000] ^= 4;
        Files.write(file, bytes);
        ExportService service = new ExportService(vertx);

        get(serve(service)).compose(HttpClientResponse::body).otherwiseEmpty().await(30, TimeUnit.SECONDS);

        await().atMost(20, TimeUnit.SECONDS).until(() -> served().isComplete());
        HindsightException failure = (HindsightException) served().cause();
        assertThat(failure.code()).isEqualTo(ErrorCode.INTEGRITY_VIOLATED);
        assertThat(failure).hasMessageContaining("node-2.pcapng").hasMessageContaining("offset=");
        assertNothingIsHeld(service);
    }

    private int serve(ExportService service) throws Exception {
        HttpServer server =
                vertx.createHttpServer()
                        .requestHandler(request ->
                                service.plan(snapshot, ALL)
                                        .onSuccess(plan -> {
                                            ExportStream stream = service.open(plan);
                                            request.response().closeHandler(gone -> stream.cancel());
                                            served.set(
                                                    stream.pumpTo(request.response().setChunked(true))
                                                            .onSuccess(done -> request.response().end())
                                                            .onFailure(e -> request.connection().close()));
                                        }));
        return server.listen(0, "127.0.0.1").await(30, TimeUnit.SECONDS).actualPort();
    }

    private Future<HttpClientResponse> get(int port) {
        return vertx.createHttpClient()
                .request(HttpMethod.GET, port, "127.0.0.1", "/")
                .compose(HttpClientRequest::send);
    }

    private Future<ExportStatistics> served() {
        Future<ExportStatistics> future = served.get();
        return future == null ? Future.future(never -> {}) : future;
    }

    private ExportStatistics statistics() {
        await().atMost(20, TimeUnit.SECONDS).until(() -> served().isComplete());
        return served().result();
    }

    private boolean isMapped() throws IOException {
        return Files.readString(Path.of("/proc/self/maps")).contains(folder.toString());
    }

    private void assertNothingIsHeld(ExportService service) throws IOException {
        await().atMost(20, TimeUnit.SECONDS).until(() -> service.running() == 0);
        assertThat(isMapped()).isFalse();
    }
}
