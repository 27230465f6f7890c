package io.hindsight.api;

/** States of a snapshot, in the order of its life. Names are stable. */
public enum SnapshotState {
    /** Accepted, not begun. */
    REQUESTED,
    /** Agents find and pin the window; space is reserved. */
    PLANNING,
    /** Chunks arrive and are written. */
    STREAMING,
    /** What was written is read back and checked. */
    VERIFYING,
    /** Manifest, rename, read-only. */
    SEALING,
    /** Sealed; every chosen node delivered all it had of the window. */
    COMPLETE,
    /** Sealed and usable; some node or part of the window is missing, with reasons. */
    PARTIAL,
    /** Ended without a snapshot; nothing is kept. */
    FAILED,
    /** Ended by its owner; nothing is kept. */
    CANCELLED;

    /** Whether nothing more happens. */
    public boolean ended() {
        return switch (this) {
            case REQUESTED, PLANNING, STREAMING, VERIFYING, SEALING -> false;
            case COMPLETE, PARTIAL, FAILED, CANCELLED -> true;
        };
    }

    /** Whether there is an immutable snapshot that can be read. */
    public boolean sealed() {
        return this == COMPLETE || this == PARTIAL;
    }
}
