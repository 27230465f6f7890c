package io.hindsight.agent.extract;

import io.hindsight.bus.Addresses;
import io.hindsight.bus.BusFailures;
import io.hindsight.bus.ChunkOffer;
import io.hindsight.bus.ChunkPiece;
import io.hindsight.bus.ChunkPieceCodec;
import io.hindsight.bus.ChunkPieces;
import io.hindsight.bus.OfferAnswer;
import io.hindsight.bus.StreamEnd;
import io.hindsight.chunk.Chunk;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageProducer;
import io.vertx.core.json.JsonObject;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The way over the clustered event bus, which holds nobody back: its queues have no bound, and a consumer that pauses loses messages. So each chunk is
 * offered first, by a request that the Hub answers when it has room for it, and then sent in pieces, of which at most {@value #MAX_UNDER_WAY_BYTES} bytes are
 * given to the bus and not written yet; of all streams together {@link OutboundBytes} bounds that. While a chunk's pieces are sent the next chunk is offered.
 *
 * <p>A chunk is given back when its last piece has been written: until then the bus may not have copied it. An answer that does not come within
 * {@value #ANSWER_MS} ms breaks the stream.
 *
 * <p>Every method and field belongs to the session's event loop.
 */
public final class ClusteredChunkChannel implements ChunkChannel {
    /** Of what a piece may have at most: messages whose buffer, which doubles as it fills, stays below half a region of the Hub's collector. */
    static final int PIECE_BYTES = 192 << 10;

    static final long MAX_UNDER_WAY_BYTES = 4L << 20;

    /** One is sent, the one behind it is offered. */
    static final int MAX_QUEUED_CHUNKS = 2;

    /** For the answer to an offer; a Hub without room says so long before. */
    static final long ANSWER_MS = 20_000;

    private final EventBus eventBus;
    private final String address;
    private final int pieceBytes;
    private final OutboundBytes outbound;
    private final MessageProducer<ChunkPiece> pieces;
    private final MessageProducer<JsonObject> ends;

    // What is being sent.
    private final Deque<Sending> unwritten = new ArrayDeque<>();
    private long nextChunk;
    private int queuedChunks;
    private long underWayBytes;
    private boolean waiting;
    private @Nullable Promise<Void> ready;
    private @Nullable Promise<Void> drained;

    // How it ends.
    private @Nullable Throwable failure;
    private @Nullable Consumer<Throwable> onBreak;

    private static final class Sending {
        final long number;
        final Chunk chunk;
        final ChunkPieces pieces;
        boolean hasRoom;
        boolean released;
        int piecesUnderWay;

        Sending(long number, Chunk chunk, int pieceBytes) {
            this.number = number;
            this.chunk = chunk;
            this.pieces = new ChunkPieces(number, chunk, pieceBytes);
        }
    }

    /** {@code outbound} is shared by all channels of this bus. */
    ClusteredChunkChannel(EventBus eventBus, String address, int pieceBytes, OutboundBytes outbound) {
        this.eventBus = eventBus;
        this.address = address;
        this.pieceBytes = pieceBytes;
        this.outbound = outbound;
        this.pieces = eventBus.sender(address, new DeliveryOptions().setCodecName(ChunkPieceCodec.NAME));
        this.ends = eventBus.sender(address);
    }

    @Override
    public Future<Void> send(Chunk chunk) {
        if (failure != null) {
            chunk.release();
            return Future.failedFuture(failure);
        }
        Sending sending = new Sending(nextChunk++, chunk, pieceBytes);
        unwritten.add(sending);
        queuedChunks++;
        Promise<Void> next = Promise.promise();
        ready = next;
        offer(sending);
        completeReady();
        return next.future();
    }

    private void offer(Sending sending) {
        ChunkOffer offer = new ChunkOffer(sending.number, Math.toIntExact(sending.chunk.lengthBytes()));
        DeliveryOptions options =
                new DeliveryOptions().addHeader(Addresses.ACTION_HEADER, ChunkOffer.ACTION).setSendTimeout(ANSWER_MS);
        eventBus.<JsonObject>request(address, JsonMapping.toJson(offer), options)
                .map(ClusteredChunkChannel::hasRoom)
                .onSuccess(room -> answered(sending, room))
                .onFailure(this::refused);
    }

    private static boolean hasRoom(Message<JsonObject> answer) {
        return JsonMapping.fromJson(BusFailures.body(answer), OfferAnswer.class).room();
    }

    private void answered(Sending sending, boolean room) {
        if (failure != null) {
            return;
        }
        if (room) {
            sending.hasRoom = true;
            writePieces();
        } else {
            offer(sending);
        }
    }

    private void refused(Throwable cause) {
        HindsightException known = BusFailures.asHindsight(cause);
        broken(
                new HindsightException(
                        known.code(),
                        "The Hub takes no chunk at address=" + address + ": " + known.getMessage(),
                        known));
    }

    private void writePieces() {
        while (failure == null && !waiting && underWayBytes < MAX_UNDER_WAY_BYTES && isNextAllowed()) {
            if (outbound.isFull(this::turn)) {
                waiting = true;
            } else {
                write(unwritten.element());
            }
        }
    }

    private boolean isNextAllowed() {
        Sending next = unwritten.peek();
        return next != null && next.hasRoom;
    }

    private void turn() {
        waiting = false;
        writePieces();
    }

    private void write(Sending sending) {
        ChunkPiece piece = sending.pieces.next();
        int length = piece.bytes().length();
        if (piece.isLast()) {
            unwritten.remove();
        }
        sending.piecesUnderWay++;
        underWayBytes += length;
        outbound.given(length);
        pieces.write(piece)
                .onComplete(written -> pieceDone(sending, length, written.succeeded() ? null : written.cause()));
    }

    private void pieceDone(Sending sending, int length, @Nullable Throwable cause) {
        sending.piecesUnderWay--;
        underWayBytes -= length;
        if (cause != null) {
            refused(cause);
        }
        if (sending.piecesUnderWay == 0 && (failure != null || !sending.pieces.hasNext())) {
            release(sending);
        }
        outbound.written(length);
        writePieces();
        completeReady();
    }

    private void release(Sending sending) {
        if (!sending.released) {
            sending.released = true;
            sending.chunk.release();
            queuedChunks--;
        }
    }

    /** A failure is told of when every chunk has been given back. */
    private void completeReady() {
        boolean isDrained = queuedChunks == 0;
        Promise<Void> next = ready;
        if (next != null && (failure == null ? queuedChunks < MAX_QUEUED_CHUNKS : isDrained)) {
            ready = null;
            settle(next);
        }
        Promise<Void> all = drained;
        if (all != null && isDrained) {
            drained = null;
            settle(all);
        }
    }

    private void settle(Promise<Void> promise) {
        if (failure == null) {
            promise.complete();
        } else {
            promise.fail(failure);
        }
    }

    @Override
    public Future<Void> end(StreamEnd end) {
        Promise<Void> all = Promise.promise();
        drained = all;
        completeReady();
        return all.future().compose(written -> ends.write(JsonMapping.toJson(end)));
    }

    @Override
    public void onBreak(Consumer<Throwable> broken) {
        if (failure != null) {
            broken.accept(failure);
        } else {
            onBreak = broken;
        }
    }

    /** Chunks whose pieces are still under way are given back as their writes end. */
    private void broken(Throwable cause) {
        if (failure != null) {
            return;
        }
        failure = cause;
        unwritten.stream().filter(sending -> sending.piecesUnderWay == 0).toList().forEach(this::release);
        unwritten.clear();
        completeReady();
        Consumer<Throwable> tell = onBreak;
        onBreak = null;
        if (tell != null) {
            tell.accept(cause);
        }
    }

    @Override
    public void close() {
        onBreak = null;
        broken(
                new HindsightException(
                        ErrorCode.AGENT_UNREACHABLE, "The stream to address=" + address + " is broken: it is closed."));
        pieces.close();
        ends.close();
    }
}
