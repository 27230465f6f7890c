package io.hindsight.bus;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.DeliveryOptions;

/**
 * A {@link ChunkPiece} as a plain message, for carriers that know nothing of codecs: the body is the bytes, and the headers {@value #CHUNK}, {@value #OFFSET} and
 * {@value #CHUNK_BYTES} say where they belong, in decimal.
 */
public final class BufferPiece {
    /** Bytes of a piece, at most: in base64 they fit the messages of a bridge. */
    public static final int MAX_BYTES = 96 << 10;

    /** Header: number of the chunk in the stream, from 0. Also of chunks that pass by reference. */
    public static final String CHUNK = "chunk";

    /** Header: where the bytes start in the chunk. */
    public static final String OFFSET = "offset";

    /** Header: length of the whole chunk. */
    public static final String CHUNK_BYTES = "chunk-bytes";

    private BufferPiece() {}

    /** Adds the piece's headers. */
    public static DeliveryOptions describe(ChunkPiece piece, DeliveryOptions options) {
        return options.addHeader(CHUNK, Long.toString(piece.chunk()))
                .addHeader(OFFSET, Integer.toString(piece.offset()))
                .addHeader(CHUNK_BYTES, Integer.toString(piece.chunkBytes()));
    }

    /**
     * The piece of such a message.
     *
     * @throws HindsightException INTEGRITY_VIOLATED where a header is missing or no number
     */
    public static ChunkPiece of(MultiMap headers, Buffer bytes) {
        return new ChunkPiece(
                number(headers, CHUNK),
                Math.toIntExact(number(headers, OFFSET)),
                Math.toIntExact(number(headers, CHUNK_BYTES)),
                bytes);
    }

    /** A header of digits, at most {@link Integer#MAX_VALUE} where it is not {@value #CHUNK}. */
    public static long number(MultiMap headers, String name) {
        String text = headers.get(name);
        try {
            long number = Long.parseLong(String.valueOf(text));
            if (number >= 0 && (number <= Integer.MAX_VALUE || name.equals(CHUNK))) {
                return number;
            }
        } catch (NumberFormatException notANumber) {
            // Told below.
        }
        throw new HindsightException(
                ErrorCode.INTEGRITY_VIOLATED, "A piece of a chunk came with header " + name + "=" + text + ".");
    }
}
