package io.hindsight.bus;

import io.vertx.core.buffer.Buffer;

/**
 * A part of a chunk as it crosses a bus that carries messages between processes: a chunk may be larger than a message should be. The pieces of a
 * stream come in order; {@link PieceAssembler} finds out where one is missing or comes twice.
 *
 * @param chunk which chunk of the stream, the first is 0
 * @param offset of the first byte in the chunk
 * @param chunkBytes of the whole chunk, at most {@link io.hindsight.chunk.ChunkHeaderCodec#MAX_CHUNK_LENGTH}
 * @param bytes 1 to {@value #MAX_BYTES}; not to be changed
 */
public record ChunkPiece(long chunk, int offset, int chunkBytes, Buffer bytes) {
    /** Bytes of a piece, at most. */
    public static final int MAX_BYTES = 1 << 20;

    /** Whether the chunk is whole with this piece. */
    public boolean isLast() {
        return offset + bytes.length() == chunkBytes;
    }
}
