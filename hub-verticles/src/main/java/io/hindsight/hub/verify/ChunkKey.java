package io.hindsight.hub.verify;

import io.hindsight.chunk.ChunkSource;
import io.hindsight.hub.store.IndexRecord;

/** What tells a node's chunks apart. */
record ChunkKey(ChunkSource source, long sequence) {
    static ChunkKey of(IndexRecord record) {
        return new ChunkKey(record.source(), record.sequence());
    }
}
