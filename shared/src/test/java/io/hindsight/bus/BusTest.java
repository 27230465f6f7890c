package io.hindsight.bus;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.chunk.Chunk;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.FixturePacket;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Failures and chunks over a real bus. */
class BusTest {
    private static final String ADDRESS = Addresses.agent(new NodeId("node-1"));
    private static final int TIMEOUT_MS = 10_000;

    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void close() throws Exception {
        await(vertx.close());
    }

    @Test
    void shouldCarryEveryCodeWithItsFieldAndMessage() throws Exception {
        for (ErrorCode code : ErrorCode.values()) {
            HindsightException sent =
                    HindsightException.ofField(code, "window.from", "Says \"why\" {…} for " + code + ".");

            HindsightException received = failureOf(message -> BusFailures.fail(message, sent), TIMEOUT_MS);

            assertThat(received.code()).isEqualTo(code);
            assertThat(received.field()).isEqualTo("window.from");
            assertThat(received).hasMessage(sent.getMessage());
        }
    }

    @Test
    void shouldCarryAFailureWithoutField() throws Exception {
        HindsightException received =
                failureOf(
                        message -> BusFailures.fail(message, new HindsightException(ErrorCode.IO_FAILED, "Disk gone.")),
                        TIMEOUT_MS);

        assertThat(received.code()).isEqualTo(ErrorCode.IO_FAILED);
        assertThat(received.field()).isNull();
        assertThat(received).hasMessage("Disk gone.");
    }

    @Test
    void shouldCallWhatItDoesNotKnowInternal() throws Exception {
        HindsightException defect =
                failureOf(message -> BusFailures.fail(message, new IllegalStateException("oops")), TIMEOUT_MS);
        HindsightException newer =
                failureOf(message -> message.fail(12_345, "{\"message\":\"From a newer peer.\"}"), TIMEOUT_MS);
        HindsightException foreign = failureOf(message -> message.fail(6, "{not json"), TIMEOUT_MS);
        HindsightException silent = failureOf(message -> message.fail(-1, null), TIMEOUT_MS);

        assertThat(defect.code()).isEqualTo(ErrorCode.INTERNAL);
        assertThat(defect).hasMessageContaining("oops");
        assertThat(newer.code()).isEqualTo(ErrorCode.INTERNAL);
        assertThat(newer).hasMessage("From a newer peer.");
        assertThat(foreign.code()).isEqualTo(ErrorCode.NOT_FOUND);
        assertThat(foreign).hasMessage("{not json");
        assertThat(silent.code()).isEqualTo(ErrorCode.INTERNAL);
    }

    @Test
    void shouldTellSilenceFromAbsence() throws Exception {
        HindsightException late = failureOf(message -> {}, 50);
        HindsightException absent = failure(vertx.eventBus().request("hindsight.nobody", ""));

        assertThat(late.code()).isEqualTo(ErrorCode.TIMED_OUT);
        assertThat(absent.code()).isEqualTo(ErrorCode.AGENT_UNREACHABLE);
    }

    @Test
    void shouldPassChunksByReference() throws Exception {
        Chunk chunk =
                ChunkFixtures.asChunk(
                        ChunkFixtures.node("node-1").packets(List.of(FixturePacket.ethernet("eth0", 1, new byte[60]))));
        vertx.eventBus().registerCodec(new ChunkCodec());
        Future<Chunk> received =
                Future.future(promise ->
                        vertx.eventBus()
                                .<Chunk>localConsumer(ADDRESS)
                                .handler(message -> promise.complete(message.body())));

        vertx.eventBus().send(ADDRESS, chunk, new DeliveryOptions().setCodecName(ChunkCodec.NAME).setLocalOnly(true));

        assertThat(await(received)).isSameAs(chunk);
    }

    private HindsightException failureOf(Consumer<Message<Object>> answer, long timeoutMs) throws Exception {
        MessageConsumer<Object> consumer = vertx.eventBus().localConsumer(ADDRESS, answer::accept);
        try {
            return failure(vertx.eventBus().request(ADDRESS, "", new DeliveryOptions().setSendTimeout(timeoutMs)));
        } finally {
            await(consumer.unregister());
        }
    }

    private static HindsightException failure(Future<?> request) throws Exception {
        try {
            await(request);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() instanceof CompletionException wrapped ? wrapped.getCause() : e.getCause();
            return BusFailures.asHindsight(Objects.requireNonNull(cause));
        }
        throw new AssertionError("The request did not fail.");
    }

    private static <T> T await(Future<T> future) throws ExecutionException, InterruptedException, TimeoutException {
        return future.toCompletionStage().toCompletableFuture().get(TIMEOUT_MS, TimeUnit.MILLISECONDS);
    }
}
