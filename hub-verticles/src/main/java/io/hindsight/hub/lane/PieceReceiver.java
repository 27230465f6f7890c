package io.hindsight.hub.lane;

import io.hindsight.bus.BusFailures;
import io.hindsight.bus.ChunkOffer;
import io.hindsight.bus.ChunkPiece;
import io.hindsight.bus.OfferAnswer;
import io.hindsight.bus.PieceAssembler;
import io.hindsight.chunk.Chunk;
import io.hindsight.chunk.ChunkHeaderCodec;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Context;
import io.vertx.core.eventbus.Message;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The Hub's end of a stream that comes in pieces, over a bus that nobody can hold back: the agent offers a chunk, and sends it once there is room for the
 * whole of it in {@link LaneMemory}. So what is under way is never more than has room, whatever the number of agents. Pieces of a chunk that are there
 * become a {@link Chunk}, by reference; its room is given back with it, and that of a chunk that never becomes whole when the stream ends.
 *
 * <p>The agent may offer the chunk behind the one that it sends: at most {@value #MAX_OFFERS} offers are kept. The rooms of one stream are held in
 * the order of its chunks, so one that is held waits for the agent alone, for no longer than {@link LaneLimits} allows.
 *
 * <p>The carrier may lose, double and reorder what it carries. What comes again is dropped and counted; what is missing breaks the stream, which is
 * resumed behind what is durable.
 *
 * <p>Every method and field belongs to the session's context; rooms are granted on any thread, which only hands over.
 */
public final class PieceReceiver {
    static final int MAX_OFFERS = 2;

    /** After so long an agent that waits for room is told to ask again: so it learns that there is still a Hub. */
    static final Duration ASK_AGAIN = Duration.ofSeconds(5);

    private final NodeId node;
    private final LaneMemory memory;
    private final PieceCounts counts;
    private final LaneLimits limits;
    private final Context context;
    private final LongSupplier nanoClock;
    private final Owner owner;
    private final PieceAssembler assembler = new PieceAssembler();
    private final Deque<Offered> offers = new ArrayDeque<>();

    /** The chunk that is offered next, the one whose pieces come next, and where in it the next one starts. */
    private long nextOffer;

    private long nextChunk;
    private int nextOffset;

    /** A piece of the first chunk in the queue has come, or its turn has. */
    private long pieceSinceNs;

    private boolean closed;

    /** Hears of one stream's chunks. */
    public interface Owner {
        /** Takes the chunk over. */
        void arrived(Chunk chunk);

        /** Nothing more comes; the last call. */
        void broken(ErrorCode code, String words);
    }

    private static final class Offered {
        final long chunk;
        final int bytes;
        LaneMemory.@Nullable Room room;

        /** Asks for the room that is not there yet. */
        @Nullable Message<?> unanswered;

        /** Whether the agent was told that its pieces may come. */
        boolean taken;

        /** The agent asked, was told to ask again, or was given the room. */
        long sinceNs;

        Offered(long chunk, int bytes) {
            this.chunk = chunk;
            this.bytes = bytes;
        }

        boolean holdsRoom() {
            return room != null && room.isHeld();
        }

        void giveBack() {
            if (room != null) {
                room.giveBack();
            }
        }
    }

    /**
     * @param node whose chunks are taken
     * @param lanes room and counts of all streams
     * @param nanoClock {@link System#nanoTime()}
     */
    public PieceReceiver(
            NodeId node, LaneTokens lanes, LaneLimits limits, Context context, LongSupplier nanoClock, Owner owner) {
        this.node = node;
        this.memory = lanes.memory();
        this.counts = lanes.pieces();
        this.limits = limits;
        this.context = context;
        this.nanoClock = nanoClock;
        this.owner = owner;
        this.pieceSinceNs = nanoClock.getAsLong();
    }

    /** Takes a request for room; it is answered now or later. */
    public void offer(Message<?> message) {
        if (closed) {
            BusFailures.fail(message, ended());
            return;
        }
        try {
            offered(read(message), message);
        } catch (HindsightException refused) {
            BusFailures.fail(message, refused);
            refuse(refused.code(), String.valueOf(refused.getMessage()));
        }
    }

    private ChunkOffer read(Message<?> message) {
        if (!(message.body() instanceof JsonObject body)) {
            throw new HindsightException(ErrorCode.INVALID_REQUEST, "An offer is a JSON object.");
        }
        ChunkOffer offer = JsonMapping.fromJson(body, ChunkOffer.class);
        long limit = Math.min(memory.limitBytes(), ChunkHeaderCodec.MAX_CHUNK_LENGTH);
        if (offer.bytes() < 1 || offer.bytes() > limit) {
            throw new HindsightException(
                    ErrorCode.INTEGRITY_VIOLATED,
                    "The agent offers chunk="
                            + offer.chunk()
                            + " of length="
                            + offer.bytes()
                            + "; it is 1 to limit="
                            + limit
                            + ".");
        }
        return offer;
    }

    private void offered(ChunkOffer offer, Message<?> message) {
        if (offer.chunk() < nextOffer) {
            again(offer, message);
        } else if (offer.chunk() > nextOffer || offers.size() == MAX_OFFERS) {
            throw new HindsightException(
                    ErrorCode.AGENT_UNREACHABLE,
                    "An offer of chunk=%d came where chunk=%d was to come and offers=%d of limit=%d waited: one got lost on the way."
                            .formatted(offer.chunk(), nextOffer, offers.size(), MAX_OFFERS));
        } else {
            Offered first = new Offered(offer.chunk(), offer.bytes());
            first.unanswered = message;
            first.sinceNs = nanoClock.getAsLong();
            nextOffer++;
            offers.add(first);
            first.room = memory.claim(first.bytes, () -> context.runOnContext(granted -> answer(first)));
            answer(first);
        }
    }

    /** A message that came twice is answered once: both have one reply address. */
    private void again(ChunkOffer offer, Message<?> message) {
        Optional<Offered> waiting =
                offers.stream().filter(each -> each.chunk == offer.chunk() && !each.taken).findFirst();
        if (waiting.isEmpty()) {
            counts.doubled();
            return;
        }
        if (waiting.get().bytes != offer.bytes()) {
            throw new HindsightException(
                    ErrorCode.INTEGRITY_VIOLATED,
                    "The agent offers chunk="
                            + offer.chunk()
                            + " of length="
                            + offer.bytes()
                            + ", which had length="
                            + waiting.get().bytes
                            + " before.");
        }
        waiting.get().unanswered = message;
        waiting.get().sinceNs = nanoClock.getAsLong();
        answer(waiting.get());
    }

    private void answer(Offered offered) {
        Message<?> asking = offered.unanswered;
        if (closed || asking == null || !offered.holdsRoom()) {
            return;
        }
        offered.unanswered = null;
        offered.taken = true;
        offered.sinceNs = nanoClock.getAsLong();
        if (offered == offers.peek()) {
            pieceSinceNs = offered.sinceNs;
        }
        asking.reply(JsonMapping.toJson(new OfferAnswer(true)));
    }

    /** Takes the next piece. */
    public void piece(ChunkPiece piece) {
        if (closed) {
            return;
        }
        counts.received(piece.bytes().length());
        if (isDouble(piece)) {
            counts.doubled();
            return;
        }
        Offered head = offers.peek();
        if (head == null
                || !head.taken
                || piece.chunk() != nextChunk
                || piece.offset() != nextOffset
                || piece.chunkBytes() != head.bytes) {
            refuse(
                    ErrorCode.AGENT_UNREACHABLE,
                    "The piece at chunk=%d offset=%d of bytes=%d came where chunk=%d offset=%d of bytes=%s was to come: one got lost on the way."
                            .formatted(
                                    piece.chunk(),
                                    piece.offset(),
                                    piece.chunkBytes(),
                                    nextChunk,
                                    nextOffset,
                                    head == null || !head.taken ? "none" : head.bytes));
            return;
        }
        assemble(head, piece);
    }

    private boolean isDouble(ChunkPiece piece) {
        return piece.chunk() < nextChunk || (piece.chunk() == nextChunk && piece.offset() < nextOffset);
    }

    private void assemble(Offered head, ChunkPiece piece) {
        try {
            Optional<Chunk> whole = assembler.add(piece, head::giveBack);
            nextOffset += piece.bytes().length();
            pieceSinceNs = nanoClock.getAsLong();
            whole.ifPresent(this::whole);
        } catch (HindsightException refused) {
            refuse(refused.code(), String.valueOf(refused.getMessage()));
        }
    }

    private void whole(Chunk chunk) {
        offers.remove();
        nextChunk++;
        nextOffset = 0;
        if (chunk.header().nodeIdHash() != node.hash()) {
            chunk.release();
            refuse(ErrorCode.INTEGRITY_VIOLATED, "A chunk came that is not of node=" + node + ".");
            return;
        }
        counts.handedOn();
        if (offers.peek() != null) {
            offers.element().sinceNs = pieceSinceNs;
        }
        owner.arrived(chunk);
    }

    /** Whether the agent waits for this Hub's memory, and not the Hub for it. */
    public boolean isWaitingForRoom() {
        Offered head = offers.peek();
        return head != null && head.unanswered != null;
    }

    /** Once a second: ends what does not move. */
    public void tick() {
        long nowNs = nanoClock.getAsLong();
        for (Offered offered : offers) {
            if (offered.unanswered != null && nowNs - offered.sinceNs > ASK_AGAIN.toNanos()) {
                askAgain(offered, offered.unanswered, nowNs);
            }
        }
        Offered head = offers.peek();
        if (head != null && head.unanswered == null) {
            watch(head, nowNs);
        }
    }

    private static void askAgain(Offered offered, Message<?> asking, long nowNs) {
        offered.unanswered = null;
        offered.sinceNs = nowNs;
        asking.reply(JsonMapping.toJson(new OfferAnswer(false)));
    }

    private void watch(Offered head, long nowNs) {
        long quietNs = nowNs - (head.taken ? Math.max(pieceSinceNs, head.sinceNs) : head.sinceNs);
        if (quietNs > limits.stall().toNanos()) {
            stalled("Nothing came for " + limits.stall().toSeconds() + " s in the middle of chunk=" + head.chunk + ".");
        } else if (nowNs - head.sinceNs > limits.patience(head.bytes).toNanos()) {
            stalled("A chunk came with less than limit=" + limits.minBytesPerSecond() + " bytes a second.");
        }
    }

    private void stalled(String words) {
        refuse(ErrorCode.AGENT_UNREACHABLE, words);
    }

    private void refuse(ErrorCode code, String words) {
        counts.refused();
        close();
        owner.broken(code, words);
    }

    /** Gives back the room of what did not become whole, and says so to whoever still asks for more. Idempotent. */
    public void close() {
        closed = true;
        for (Offered offered : offers) {
            offered.giveBack();
            if (offered.unanswered != null) {
                BusFailures.fail(offered.unanswered, ended());
            }
        }
        offers.clear();
    }

    private HindsightException ended() {
        return new HindsightException(
                ErrorCode.WRONG_STATE, "The Hub takes no more chunks of node=" + node + " on this stream.");
    }
}
