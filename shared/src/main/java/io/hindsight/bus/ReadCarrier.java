package io.hindsight.bus;

/** How the chunks of a snapshot come to who reads them. */
public enum ReadCarrier {
    /** {@link io.hindsight.chunk.Chunk}s by reference, within one Vert.x instance: codec {@link ChunkCodec}. The receiver releases each. */
    REFERENCE,
    /** {@link ChunkPiece}s of at most 1 MiB, between members of a cluster: codec {@link ChunkPieceCodec}. */
    PIECES,
    /** {@link BufferPiece}s of at most 96 KiB, which a bridge carries as base64. */
    BUFFERS
}
