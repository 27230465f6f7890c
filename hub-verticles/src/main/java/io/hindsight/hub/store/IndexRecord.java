package io.hindsight.hub.store;

import io.hindsight.chunk.ChunkHeader;
import io.hindsight.chunk.ChunkSource;

/**
 * What the index says of one chunk. Layout: {@link IndexDescriptor}.
 *
 * @param offset where the chunk starts in the data file
 * @param lengthBytes of the chunk
 * @param sequence as in the chunk header, as are the rest
 * @param firstTimestampNs smallest time of its records
 * @param lastTimestampNs greatest time of its records
 * @param recordCount records
 * @param source what they are
 * @param flags {@link io.hindsight.chunk.ChunkFlag} masks
 * @param writer which of the ring's writers filled it
 * @param digest SHA-256 of the chunk's bytes
 */
public record IndexRecord(
        long offset,
        long lengthBytes,
        long sequence,
        long firstTimestampNs,
        long lastTimestampNs,
        int recordCount,
        ChunkSource source,
        int flags,
        int writer,
        Digest digest) {

    /** The record of a chunk that lies at this offset. */
    public static IndexRecord of(ChunkHeader header, long offset, Digest digest) {
        return new IndexRecord(
                offset,
                header.lengthBytes(),
                header.sequence(),
                header.firstTimestampNs(),
                header.lastTimestampNs(),
                header.recordCount(),
                header.source(),
                header.flags(),
                header.writer(),
                digest);
    }

    /** First byte after the chunk. */
    public long end() {
        return offset + lengthBytes;
    }
}
