package io.hindsight.hub.verify;

import io.hindsight.chunk.ChunkHeader;
import java.lang.foreign.MemorySegment;

/** Looks at chunks that passed every check, in file order. */
@FunctionalInterface
public interface ChunkObserver {
    /** Looks at nothing. */
    ChunkObserver NONE = (header, bytes) -> {};

    /** A whole chunk, its section header included; the bytes are valid until this returns. */
    void chunk(ChunkHeader header, MemorySegment bytes);
}
