package io.hindsight.hub.read;

import io.hindsight.bus.BufferPiece;
import io.hindsight.bus.ChunkPiece;
import io.hindsight.bus.ChunkPieceCodec;
import io.hindsight.chunk.ChunkHeader;
import io.netty.buffer.Unpooled;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.internal.buffer.BufferInternal;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** Copies of parts of chunks: the event loop that sends one touches no page of the file, however long it waited. */
final class PieceParcels implements Parcel.Source {
    private final ReadCursor cursor;
    private final boolean asBuffers;
    private final int maxBytes;
    private @Nullable MemorySegment chunk;
    private int offset;
    private long number;

    private PieceParcels(ReadCursor cursor, boolean asBuffers, int maxBytes) {
        this.cursor = cursor;
        this.asBuffers = asBuffers;
        this.maxBytes = maxBytes;
    }

    /** For the members of a cluster; none is longer than the whole credit. */
    static PieceParcels pieces(ReadCursor cursor, long limitBytes) {
        return new PieceParcels(cursor, false, (int) Math.min(ChunkPiece.MAX_BYTES, limitBytes));
    }

    /** For bridges; none is longer than the whole credit. */
    static PieceParcels buffers(ReadCursor cursor, long limitBytes) {
        return new PieceParcels(cursor, true, (int) Math.min(BufferPiece.MAX_BYTES, limitBytes));
    }

    /** Bytes of one, at most. */
    int maxBytes() {
        return maxBytes;
    }

    @Override
    public Parcel take(long creditBytes, boolean anyLength) {
        ChunkHeader header = cursor.peek();
        if (header == null) {
            return new Parcel.None();
        }
        int chunkBytes = Math.toIntExact(header.lengthBytes());
        int length = Math.min(maxBytes, chunkBytes - offset);
        if (length > creditBytes && !anyLength) {
            return new Parcel.Waits(length);
        }
        ChunkPiece piece = new ChunkPiece(number, offset, chunkBytes, copy(length));
        offset += length;
        if (piece.isLast()) {
            chunk = null;
            offset = 0;
            number++;
            cursor.pass();
        }
        return new Parcel.Ready(asBuffers ? piece.bytes() : piece, options(piece), length, piece.isLast());
    }

    private BufferInternal copy(int length) {
        MemorySegment source = chunk;
        if (source == null) {
            source = cursor.check();
            chunk = source;
        }
        byte[] bytes = new byte[length];
        try {
            MemorySegment.copy(source, ValueLayout.JAVA_BYTE, offset, bytes, 0, length);
        } catch (InternalError pageGone) {
            throw cursor.failure(pageGone);
        }
        return BufferInternal.buffer(Unpooled.wrappedBuffer(bytes));
    }

    private DeliveryOptions options(ChunkPiece piece) {
        return asBuffers
                ? BufferPiece.describe(piece, new DeliveryOptions().setLocalOnly(true))
                : new DeliveryOptions().setCodecName(ChunkPieceCodec.NAME);
    }
}
