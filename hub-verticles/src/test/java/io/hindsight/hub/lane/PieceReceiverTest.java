package io.hindsight.hub.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hindsight.bus.Addresses;
import io.hindsight.bus.ChunkOffer;
import io.hindsight.bus.ChunkPiece;
import io.hindsight.bus.ChunkPieceCodec;
import io.hindsight.bus.ChunkPieces;
import io.hindsight.bus.OfferAnswer;
import io.hindsight.chunk.Chunk;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.ErrorCode;
import io.hindsight.hub.testing.TestChunks;
import io.hindsight.json.JsonMapping;
import io.hindsight.testing.ChunkFixtures;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The Hub's end of a stream in pieces, with a peer that keeps to nothing. */
class PieceReceiverTest {
    private static final NodeId NODE = new NodeId("node-a");
    private static final String ADDRESS = "hindsight.chunks.node-a/snapshot-1.1";
    private static final List<byte[]> SENT = TestChunks.packets("node-a", 4, 500);
    private static final int LENGTH = SENT.getFirst().length;
    private static final int PIECE = LENGTH / 3;
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final Vertx vertx = Vertx.vertx();
    private final LaneTokens lanes = new LaneTokens(new LaneMemory(2L * LENGTH));
    private final AtomicLong nowNs = new AtomicLong();
    private final List<Chunk> arrived = new CopyOnWriteArrayList<>();
    private final List<String> broken = new CopyOnWriteArrayList<>();
    private final PieceReceiver receiver;

    PieceReceiverTest() {
        vertx.eventBus().registerCodec(new ChunkPieceCodec());
        Context context = vertx.getOrCreateContext();
        receiver =
                new PieceReceiver(
                        NODE,
                        lanes,
                        LaneLimits.DEFAULTS,
                        context,
                        nowNs::get,
                        new PieceReceiver.Owner() {
                            @Override
                            public void arrived(Chunk chunk) {
                                arrived.add(chunk);
                            }

                            @Override
                            public void broken(ErrorCode code, String words) {
                                broken.add(code + ": " + words);
                            }
                        });
        Promise<Void> listening = Promise.promise();
        context.runOnContext(
                started -> StreamConsumer.register(vertx, ADDRESS, this::received).completion().onComplete(listening));
        listening.future().await();
    }

    private void received(Message<Object> message) {
        if (message.body() instanceof ChunkPiece piece) {
            receiver.piece(piece);
        } else if (ChunkOffer.isIn(message)) {
            receiver.offer(message);
        } else {
            receiver.tick();
            message.reply(new JsonObject());
        }
    }

    @AfterEach
    void nothingIsLeft() {
        arrived.forEach(Chunk::release);
        ask(this::close);
        assertThat(lanes.memory().usedBytes()).isZero();
        assertThat(lanes.memory().waitingCount()).isZero();
        vertx.close().await();
    }

    private void close() {
        receiver.close();
    }

    /** On the receiver's context, behind everything that was sent before. */
    private void ask(Runnable call) {
        call.run();
        settle();
    }

    private void settle() {
        vertx.eventBus().request(ADDRESS, new JsonObject()).await();
    }

    private Future<Boolean> offer(long chunk, int bytes) {
        DeliveryOptions options = new DeliveryOptions().addHeader(Addresses.ACTION_HEADER, ChunkOffer.ACTION);
        return vertx.eventBus()
                .<JsonObject>request(ADDRESS, JsonMapping.toJson(new ChunkOffer(chunk, bytes)), options)
                .map(answer -> JsonMapping.fromJson(answer.body(), OfferAnswer.class).room());
    }

    private static List<ChunkPiece> pieces(long number, byte[] bytes) {
        List<ChunkPiece> pieces = new ArrayList<>();
        new ChunkPieces(number, ChunkFixtures.asChunk(bytes), PIECE).forEachRemaining(pieces::add);
        return pieces;
    }

    private void send(ChunkPiece piece) {
        vertx.eventBus().send(ADDRESS, piece, new DeliveryOptions().setCodecName(ChunkPieceCodec.NAME));
    }

    private void sendAll(long number) {
        assertThat(offer(number, LENGTH).await()).isTrue();
        pieces(number, SENT.get((int) number)).forEach(this::send);
        settle();
    }

    private static byte[] bytes(Chunk chunk) {
        ByteBuffer all = ByteBuffer.allocate((int) chunk.lengthBytes());
        for (ByteBuffer part : chunk.parts()) {
            all.put(part);
        }
        return all.array();
    }

    @Test
    void shouldPutChunksTogetherAndHoldTheirRoomUntilTheyAreGivenBack() {
        sendAll(0);
        sendAll(1);
        assertThat(arrived).hasSize(2);
        assertThat(bytes(arrived.get(0))).isEqualTo(SENT.get(0));
        assertThat(bytes(arrived.get(1))).isEqualTo(SENT.get(1));
        assertThat(lanes.memory().usedBytes()).isEqualTo(2L * LENGTH);
        Future<Boolean> third = offer(2, LENGTH);
        settle();
        assertThat(third.isComplete()).isFalse();
        arrived.get(0).release();
        assertThat(third.await()).isTrue();
        assertThat(broken).isEmpty();
        assertThat(lanes.pieces().receivedChunks()).isEqualTo(2);
    }

    @Test
    void shouldDropWhatComesAgain() {
        assertThat(offer(0, LENGTH).await()).isTrue();
        offer(0, LENGTH);
        for (ChunkPiece piece : pieces(0, SENT.get(0))) {
            send(piece);
            send(piece);
        }
        settle();
        sendAll(1);
        pieces(0, SENT.get(0)).forEach(this::send);
        settle();
        assertThat(broken).isEmpty();
        assertThat(arrived).hasSize(2);
        assertThat(bytes(arrived.get(0))).isEqualTo(SENT.get(0));
        assertThat(lanes.pieces().doubledCount()).isGreaterThan(5);
    }

    @Test
    void shouldBreakOffWhereAPieceIsMissing() {
        assertThat(offer(0, LENGTH).await()).isTrue();
        List<ChunkPiece> pieces = pieces(0, SENT.get(0));
        send(pieces.get(0));
        send(pieces.get(2));
        settle();
        assertThat(broken).hasSize(1);
        assertThat(broken.getFirst()).startsWith("AGENT_UNREACHABLE").contains("got lost");
        assertThat(lanes.memory().usedBytes()).isZero();
        assertThat(arrived).isEmpty();
        assertThatThrownBy(() -> offer(1, LENGTH).await()).hasMessageContaining("takes no more chunks");
    }

    @Test
    void shouldBreakOffWhereAnOfferIsMissingOrNoneWasMade() {
        send(pieces(0, SENT.get(0)).getFirst());
        settle();
        assertThat(broken).hasSize(1);
        assertThat(broken.getFirst()).startsWith("AGENT_UNREACHABLE");
    }

    @Test
    void shouldBreakOffWhereOffersAreSkipped() {
        assertThatThrownBy(() -> offer(1, LENGTH).await()).hasMessageContaining("got lost");
        assertThat(broken).hasSize(1);
    }

    @Test
    void shouldRefuseWhatCannotBeAChunkOfTheNode() {
        assertThatThrownBy(() -> offer(0, 2 * LENGTH + 1).await()).hasMessageContaining("limit=" + 2 * LENGTH);
        assertThat(broken.getFirst()).startsWith("INTEGRITY_VIOLATED");
    }

    @Test
    void shouldRefuseAnotherNodesChunk() {
        byte[] foreign = TestChunks.packets("node-b", 1, 500).getFirst();
        assertThat(offer(0, foreign.length).await()).isTrue();
        pieces(0, foreign).forEach(this::send);
        settle();
        assertThat(broken.getFirst()).startsWith("INTEGRITY_VIOLATED").contains("not of node=node-a");
        assertThat(arrived).isEmpty();
        assertThat(lanes.memory().usedBytes()).isZero();
    }

    @Test
    void shouldTellWhoWaitsForRoomToAskAgainAndKeepItsPlace() {
        sendAll(0);
        sendAll(1);
        Future<Boolean> waiting = offer(2, LENGTH);
        settle();
        nowNs.addAndGet(6 * SECOND);
        settle();
        assertThat(waiting.await()).isFalse();
        Future<Boolean> again = offer(2, LENGTH);
        settle();
        assertThat(again.isComplete()).isFalse();
        assertThat(lanes.memory().waitingCount()).isEqualTo(1);
        arrived.get(0).release();
        assertThat(again.await()).isTrue();
        assertThat(broken).isEmpty();
    }

    @Test
    void shouldGiveRoomBackOfAnAgentThatVanishesInTheMiddleOfAChunk() {
        assertThat(offer(0, LENGTH).await()).isTrue();
        send(pieces(0, SENT.get(0)).getFirst());
        settle();
        nowNs.addAndGet(31 * SECOND);
        settle();
        assertThat(broken).hasSize(1);
        assertThat(broken.getFirst()).startsWith("AGENT_UNREACHABLE").contains("Nothing came for 30 s");
        await().untilAsserted(() -> assertThat(lanes.memory().usedBytes()).isZero());
    }
}
