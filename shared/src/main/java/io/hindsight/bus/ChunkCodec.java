package io.hindsight.bus;

import io.hindsight.chunk.Chunk;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageCodec;

/**
 * Passes a {@link Chunk} by reference on the local event bus: nothing is copied, and the Hub's writer writes from the agent's mapped ring.
 * Registered once for each Vert.x instance, under {@link #NAME}. Thread-safe: it has no state.
 */
public final class ChunkCodec implements MessageCodec<Chunk, Chunk> {
    /** The codec's name, for {@code DeliveryOptions.setCodecName}. */
    public static final String NAME = "hindsight-chunk";

    @Override
    public void encodeToWire(Buffer buffer, Chunk chunk) {
        throw new UnsupportedOperationException("Chunks leave the process by a lane, or as pieces (ChunkPiece).");
    }

    @Override
    public Chunk decodeFromWire(int position, Buffer buffer) {
        throw new UnsupportedOperationException("Chunks enter the process by a lane, or as pieces (ChunkPiece).");
    }

    @Override
    public Chunk transform(Chunk chunk) {
        return chunk;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public byte systemCodecID() {
        return -1;
    }
}
