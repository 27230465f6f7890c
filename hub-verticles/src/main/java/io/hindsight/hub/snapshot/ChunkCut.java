package io.hindsight.hub.snapshot;

import io.hindsight.chunk.Chunk;
import io.hindsight.chunk.ChunkHeaderCodec;
import io.hindsight.chunk.ChunkTrimmer;
import io.hindsight.chunk.ChunkVerifier;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.store.ChunkCheck;
import io.hindsight.time.TimeWindow;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Cuts a chunk that came whole to the window of one snapshot, as its agent would have: the same bytes. Stateless; for workers. */
final class ChunkCut {
    private ChunkCut() {}

    /**
     * The part of the chunk that lies in the window, in memory of its own; empty where no record does. Gives the chunk back.
     *
     * @throws HindsightException INTEGRITY_VIOLATED where the chunk is not sound: a cut has checksums of its own, which would hide that
     */
    static Optional<Chunk> cut(Chunk chunk, NodeId node, TimeWindow window) {
        try (Arena scratch = Arena.ofShared()) {
            ChunkCheck.check(chunk, node);
            MemorySegment memory = inOnePiece(chunk, scratch);
            long bodyStart = ChunkVerifier.bodyOffset(memory, 0);
            return new ChunkTrimmer(ChunkHeaderCodec.ofChunk(memory, 0, node), window)
                    .trim(memory, bodyStart, chunk.lengthBytes(), chunk.header());
        } finally {
            chunk.release();
        }
    }

    /** A lane's chunk is of the pieces that came off the socket. */
    private static MemorySegment inOnePiece(Chunk chunk, Arena scratch) {
        ByteBuffer[] parts = chunk.parts();
        if (parts.length == 1) {
            return MemorySegment.ofBuffer(parts[0]);
        }
        MemorySegment whole = scratch.allocate(chunk.lengthBytes(), Long.BYTES);
        long offset = 0;
        for (ByteBuffer part : parts) {
            MemorySegment piece = MemorySegment.ofBuffer(part);
            MemorySegment.copy(piece, 0, whole, offset, piece.byteSize());
            offset += piece.byteSize();
        }
        return whole;
    }
}
