package io.hindsight.event;

/**
 * A checkpoint is all that a source knows at one moment, written as records of one time, one after the other, so that a window knows what began
 * before it. It opens a chunk of its own, which carries {@link io.hindsight.chunk.ChunkFlag#CHECKPOINT}. What an earlier record told of and a
 * checkpoint does not name has ended by then. Names are stable: they stand in JSON.
 */
public enum CheckpointPart {
    /** The first record; {@code count} tells how many entries follow. */
    BEGIN,
    /** One thing that is there. */
    ENTRY,
    /** The last record. A checkpoint without it was interrupted, and says nothing of what it does not name. */
    END
}
