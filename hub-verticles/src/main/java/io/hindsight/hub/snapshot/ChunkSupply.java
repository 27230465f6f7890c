package io.hindsight.hub.snapshot;

import java.util.Map;

/**
 * What brings a node's chunks: a stream of the session's own ({@link ChunkStream}), or its share of one that several sessions have ({@link FeedMember}). Tells
 * its {@link ChunkStream.Listener}. The session's context only.
 */
interface ChunkSupply {
    /** Asks for the chunks after these sequences, by source label. */
    void begin(Map<String, Long> after);

    /** Takes nothing more. */
    void close();

    /** Once a second: lease and time-outs. */
    void tick();

    /** A chunk's memory was given back. */
    void released(long bytes);

    /** By source label, what is on disk now. */
    void durable(Map<String, Long> sequences);
}
