package io.hindsight.hub.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.resolve.Resolution;
import io.hindsight.hub.store.SealedSnapshot;
import io.hindsight.hub.testing.SealedFixture;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One computation at a time, shared, cancelled with its last client, remembered. */
final class FlowServiceTest {
    private final Vertx vertx = Vertx.vertx();
    private final Context context = vertx.getOrCreateContext();
    private final AtomicInteger computations = new AtomicInteger();

    /** Holds a computation until the test lets it go on. */
    private volatile CountDownLatch gate = new CountDownLatch(1);

    @TempDir private Path folder = Path.of("");

    private SealedSnapshot snapshot;
    private FlowService service;

    @BeforeEach
    void start() throws IOException {
        snapshot = SealedSnapshot.open(SealedFixture.sealed(folder.resolve("volume"), folder.resolve("sealed")));
        service = service(FlowLimits.DEFAULTS);
    }

    private FlowService service(FlowLimits limits) {
        return new FlowService(vertx, this::resolution, limits);
    }

    private Resolution resolution(SealedSnapshot of) {
        computations.incrementAndGet();
        try {
            assertThat(gate.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return Resolution.NONE;
    }

    @AfterEach
    void stop() {
        gate.countDown();
        service.close();
        vertx.close().await();
    }

    private static FlowQuery query(String bpf, int offset) {
        FlowSelection selection = FlowSelection.of(List.of(), null, null, bpf);
        return new FlowQuery(selection, FlowFilter.ALL, FlowGrouping.FLOW, FlowSort.BYTES, false, 10, offset);
    }

    /** On the service's context, as the HTTP side does. */
    private <T> T onContext(Callable<T> call) {
        Future<T> called =
                Future.future(promise ->
                        context.runOnContext(run -> {
                            try {
                                promise.complete(call.call());
                            } catch (Exception e) {
                                promise.fail(e);
                            }
                        }));
        return called.await();
    }

    private Future<Buffer> page(String bpf, int offset) {
        return onContext(() -> service.ask(snapshot, query(bpf, offset)).page());
    }

    @Test
    void shouldComputeOnceForAllWhoAskForTheSame() {
        Future<Buffer> first = page("ip", 0);
        Future<Buffer> second = page("ip", 10);
        assertThatThrownBy(() -> page("tcp", 0))
                .isInstanceOfSatisfying(
                        HindsightException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TOO_MANY_REQUESTS));

        gate.countDown();

        assertThat(first.await().toJsonObject().getInteger("offset")).isZero();
        assertThat(second.await().toJsonObject().getInteger("offset")).isEqualTo(10);
        assertThat(page("ip", 20).await().toJsonObject().getInteger("offset")).isEqualTo(20);
        assertThat(computations).hasValue(1);
        page("tcp", 0).await();
        assertThat(computations).hasValue(2);
    }

    @Test
    void shouldEndWithItsLastClient() {
        FlowService.Answer first = onContext(() -> service.ask(snapshot, query("ip", 0)));
        FlowService.Answer second = onContext(() -> service.ask(snapshot, query("ip", 0)));
        leave(first);
        leave(first);
        gate.countDown();
        assertThat(second.page().await().toJsonObject().containsKey("flows")).isTrue();
        leave(second);

        gate = new CountDownLatch(1);
        FlowService.Answer alone = onContext(() -> service.ask(snapshot, query("udp", 0)));
        leave(alone);
        gate.countDown();

        assertThatThrownBy(() -> alone.page().await())
                .isInstanceOfSatisfying(
                        HindsightException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
        // It stands in nobody's way.
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .ignoreException(HindsightException.class)
                .until(() -> page("udp", 0).await() != null);
    }

    private void leave(FlowService.Answer answer) {
        onContext(() -> {
            answer.cancel();
            return true;
        });
    }

    @Test
    void shouldKeepTheLastResultsWithinItsBounds() {
        gate.countDown();
        for (int i = 0; i < FlowService.MAX_RESULTS + 3; i++) {
            page("len > " + i, 0).await();
        }
        assertThat(service.kept()).isEqualTo(FlowService.MAX_RESULTS);
        int before = computations.get();
        page("len > " + (FlowService.MAX_RESULTS + 2), 0).await();
        assertThat(computations).hasValue(before);
        page("len > 0", 0).await();
        assertThat(computations).hasValue(before + 1);
    }

    @Test
    void shouldSayThatItTookTooLong() {
        service.close();
        service = service(new FlowLimits(10, 10, 10, 10, Duration.ZERO));
        gate.countDown();

        assertThatThrownBy(() -> page("ip", 0).await())
                .isInstanceOfSatisfying(
                        HindsightException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TIMED_OUT));
    }
}
