package io.hindsight.bus;

import io.vertx.core.eventbus.Message;

/**
 * Asks the Hub for room, before any piece of a chunk is sent over a carrier that cannot be held back. A request to the stream's address, with
 * {@link Addresses#ACTION_HEADER} {@value #ACTION}; answered with {@link OfferAnswer}. The same offer again asks again, and changes nothing else.
 *
 * @param chunk which chunk of the stream, the first is 0; as {@link ChunkPiece#chunk}
 * @param bytes of the whole chunk
 */
public record ChunkOffer(long chunk, int bytes) {
    /** Value of the header. */
    public static final String ACTION = "OFFER";

    /** Whether a message at a stream's address is one, and no stream's end. */
    public static boolean isIn(Message<?> message) {
        return ACTION.equals(message.headers().get(Addresses.ACTION_HEADER));
    }
}
