package io.hindsight.bus;

import io.hindsight.chunk.Chunk;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.util.Iterator;
import java.util.NoSuchElementException;

/** Cuts a chunk into {@link ChunkPiece}s, one after the other, without copying: they lie where the chunk lies, and are valid as long as it is. One thread. */
public final class ChunkPieces implements Iterator<ChunkPiece> {
    private final long number;
    private final ByteBuf bytes;
    private final int maxBytes;

    /**
     * @param number of the chunk in its stream, the first is 0
     * @param maxBytes of a piece, 1 to {@link ChunkPiece#MAX_BYTES}
     */
    public ChunkPieces(long number, Chunk chunk, int maxBytes) {
        if (maxBytes < 1 || maxBytes > ChunkPiece.MAX_BYTES) {
            throw new IllegalArgumentException("maxBytes=" + maxBytes);
        }
        this.number = number;
        this.bytes = Unpooled.wrappedBuffer(chunk.parts());
        this.maxBytes = maxBytes;
    }

    @Override
    public boolean hasNext() {
        return bytes.isReadable();
    }

    @Override
    public ChunkPiece next() {
        if (!bytes.isReadable()) {
            throw new NoSuchElementException();
        }
        int offset = bytes.readerIndex();
        int length = Math.min(maxBytes, bytes.readableBytes());
        Buffer piece = BufferInternal.buffer(bytes.readSlice(length));
        return new ChunkPiece(number, offset, bytes.writerIndex(), piece);
    }
}
