package io.hindsight.chunk;

/** Bits of the chunk header's flags field. */
public enum ChunkFlag {
    /** The committed part of a chunk that its writer is still filling. */
    OPEN_PREFIX(1),
    /** Records outside a snapshot's window were left out. */
    TRIMMED(1 << 1),
    /** Cut at its last whole record after a crash. */
    RECOVERED(1 << 2),
    /** Its first record begins a checkpoint: what follows, from here on, is understood without anything before. */
    CHECKPOINT(1 << 3);

    private final int mask;

    ChunkFlag(int mask) {
        this.mask = mask;
    }

    /** The bit, as a mask of the flags byte. */
    public int mask() {
        return mask;
    }

    /** Whether the bit is set in a flags byte. */
    public boolean isSet(int flags) {
        return (flags & mask) != 0;
    }
}
