package io.hindsight.bus;

import io.hindsight.chunk.Chunk;
import io.hindsight.chunk.ChunkHeader;
import io.hindsight.chunk.ChunkHeaderCodec;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.vertx.core.internal.buffer.BufferInternal;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Puts a stream's chunks together again. Nothing is copied: a chunk's parts are the bytes of its pieces. Everything that a piece claims is checked before
 * it is kept; what is kept is at most one chunk, whose length was known with its first piece. One thread.
 */
public final class PieceAssembler {
    private final List<ByteBuffer> parts = new ArrayList<>();
    private long chunk;
    private int offset;
    private int chunkBytes;

    /**
     * Takes the next piece.
     *
     * @param released runs when the chunk that it completes is given back, on any thread
     * @return the chunk, where this was its last piece
     * @throws HindsightException INTEGRITY_VIOLATED where it is not the piece that comes next, or the chunk's header is not one
     */
    public Optional<Chunk> add(ChunkPiece piece, Runnable released) {
        check(piece);
        chunkBytes = piece.chunkBytes();
        parts.add(((BufferInternal) piece.bytes()).getByteBuf().nioBuffer());
        offset += piece.bytes().length();
        return offset == chunkBytes ? Optional.of(finish(released)) : Optional.empty();
    }

    private void check(ChunkPiece piece) {
        int length = piece.bytes().length();
        require(piece.chunk() == chunk && piece.offset() == offset, piece, "another was to come");
        require(
                piece.chunkBytes() > 0
                        && piece.chunkBytes() <= ChunkHeaderCodec.MAX_CHUNK_LENGTH
                        && (offset == 0 || piece.chunkBytes() == chunkBytes),
                piece,
                "the chunk's length=" + piece.chunkBytes() + " is not possible");
        require(
                length > 0 && length <= ChunkPiece.MAX_BYTES && length <= piece.chunkBytes() - offset,
                piece,
                "its length=" + length + " is not possible");
    }

    private void require(boolean holds, ChunkPiece piece, String problem) {
        if (!holds) {
            throw new HindsightException(
                    ErrorCode.INTEGRITY_VIOLATED,
                    "The piece at chunk=%d offset=%d is refused: %s (chunk=%d offset=%d)."
                            .formatted(piece.chunk(), piece.offset(), problem, chunk, offset));
        }
    }

    private Chunk finish(Runnable released) {
        List<ByteBuffer> whole = List.copyOf(parts);
        chunk++;
        offset = 0;
        parts.clear();
        return new Chunk(header(whole), whole, released);
    }

    /** Pieces may be shorter than a header. */
    private static ChunkHeader header(List<ByteBuffer> whole) {
        ByteBuffer start = ByteBuffer.allocate(ChunkHeaderCodec.MAX_SECTION_HEADER_LENGTH);
        for (ByteBuffer part : whole) {
            int count = Math.min(start.remaining(), part.remaining());
            start.put(part.slice(part.position(), count));
        }
        ChunkHeader header = ChunkHeaderCodec.read(MemorySegment.ofBuffer(start.flip()), 0);
        long length = whole.stream().mapToLong(ByteBuffer::remaining).sum();
        if (header.lengthBytes() != length) {
            throw new HindsightException(
                    ErrorCode.INTEGRITY_VIOLATED,
                    "A chunk of length=" + header.lengthBytes() + " came with " + length + " bytes.");
        }
        return header;
    }
}
