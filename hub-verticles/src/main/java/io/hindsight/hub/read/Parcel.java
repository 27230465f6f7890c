package io.hindsight.hub.read;

import io.vertx.core.eventbus.DeliveryOptions;

/** What a reading sends next. */
sealed interface Parcel {
    /**
     * A message.
     *
     * @param body a chunk, or a piece of one
     * @param options how it is sent
     * @param bytes of the chunk that it carries
     * @param endsChunk whether the chunk is whole with it
     */
    record Ready(Object body, DeliveryOptions options, long bytes, boolean endsChunk) implements Parcel {}

    /** There is one of so many bytes, and there is no credit for it. */
    record Waits(long bytes) implements Parcel {}

    /** There is none any more. */
    record None() implements Parcel {}

    /** Makes them, one after the other. Reads files: on workers, one at a time. */
    interface Source {
        /**
         * The next one.
         *
         * @param creditBytes that it may have
         * @param anyLength whether it may have more: nothing is under way
         */
        Parcel take(long creditBytes, boolean anyLength);
    }
}
