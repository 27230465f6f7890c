package io.hindsight.bus;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageCodec;

/**
 * Carries {@link ChunkPiece}s over a clustered event bus: one copy on the way out, a slice of what was received on the way in. Within one process it copies
 * as well: what a piece lies in is the sender's again once it is sent. Registered once for each Vert.x instance, under {@link #NAME}. Thread-safe: it has
 * no state.
 *
 * <p>On the wire, big-endian as all of Vert.x: chunk (8 bytes), offset (4), chunk bytes (4), length (4), bytes.
 */
public final class ChunkPieceCodec implements MessageCodec<ChunkPiece, ChunkPiece> {
    /** The codec's name, for {@code DeliveryOptions.setCodecName}. */
    public static final String NAME = "hindsight-chunk-piece";

    @Override
    public void encodeToWire(Buffer wire, ChunkPiece piece) {
        wire.appendLong(piece.chunk())
                .appendInt(piece.offset())
                .appendInt(piece.chunkBytes())
                .appendInt(piece.bytes().length())
                .appendBuffer(piece.bytes());
    }

    /** What it claims is checked where it is put together: {@link PieceAssembler}. */
    @Override
    public ChunkPiece decodeFromWire(int position, Buffer wire) {
        int bytesStart = position + Long.BYTES + 3 * Integer.BYTES;
        long chunk = wire.getLong(position);
        int offset = wire.getInt(position + Long.BYTES);
        int chunkBytes = wire.getInt(position + Long.BYTES + Integer.BYTES);
        int length = wire.getInt(position + Long.BYTES + 2 * Integer.BYTES);
        return new ChunkPiece(chunk, offset, chunkBytes, wire.slice(bytesStart, bytesStart + length));
    }

    @Override
    public ChunkPiece transform(ChunkPiece piece) {
        return new ChunkPiece(piece.chunk(), piece.offset(), piece.chunkBytes(), piece.bytes().copy());
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
