package io.hindsight.agent.extract;

import io.hindsight.bus.StreamRequest;
import io.vertx.core.Future;
import io.vertx.core.eventbus.EventBus;

/**
 * The streams of an agent that is a member of the Hub's cluster. Of all of them together {@value #MAX_OUTBOUND_BYTES} bytes are under way in the bus, and one
 * piece. Used on the agent verticle's context.
 */
public final class ClusteredChunkChannels implements ChunkChannels {
    static final long MAX_OUTBOUND_BYTES = 8L << 20;

    private final EventBus eventBus;
    private final int pieceBytes;
    private final OutboundBytes outbound = new OutboundBytes(MAX_OUTBOUND_BYTES);

    /** {@link io.hindsight.bus.ChunkPieceCodec} is registered. */
    public ClusteredChunkChannels(EventBus eventBus) {
        this(eventBus, ClusteredChunkChannel.PIECE_BYTES);
    }

    /** With pieces of another size, in bytes. */
    public ClusteredChunkChannels(EventBus eventBus, int pieceBytes) {
        this.eventBus = eventBus;
        this.pieceBytes = pieceBytes;
    }

    @Override
    public Future<ChunkChannel> open(StreamRequest request) {
        return Future.succeededFuture(new ClusteredChunkChannel(eventBus, request.address(), pieceBytes, outbound));
    }
}
