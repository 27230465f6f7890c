package io.hindsight.hub.verify;

import io.hindsight.api.Violation.Kind;
import io.hindsight.chunk.ChunkHeader;
import io.hindsight.hub.store.Digest;
import io.hindsight.hub.store.IndexRecord;
import org.jspecify.annotations.Nullable;

/**
 * A chunk as it lies in a data file.
 *
 * @param offset where it starts
 * @param length its bytes
 * @param header where that is sound
 * @param digest SHA-256 of its bytes
 * @param damage what is wrong with it in itself
 */
record FoundChunk(long offset, long length, @Nullable ChunkHeader header, Digest digest, @Nullable Damage damage) {
    /**
     * What is wrong within a chunk.
     *
     * @param kind CHANGED or CUT_OFF
     * @param offset where, in the file
     * @param length how many bytes from there are suspect
     * @param detail whole sentences
     */
    record Damage(Kind kind, long offset, long length, String detail) {}

    /** The record that the index should have of it; null where it is broken. */
    @Nullable IndexRecord record() {
        return header == null || damage != null ? null : IndexRecord.of(header, offset, digest);
    }

    /** What it is among a node's chunks; null where that is not known. */
    @Nullable ChunkKey key() {
        return header == null ? null : new ChunkKey(header.source(), header.sequence());
    }
}
