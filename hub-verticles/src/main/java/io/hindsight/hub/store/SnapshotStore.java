package io.hindsight.hub.store;

import io.hindsight.error.HindsightException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where snapshots are kept. Every call blocks: use it on a worker. Thread-safe. Failures are {@link HindsightException}s: IO_FAILED,
 * INSUFFICIENT_STORAGE, SNAPSHOT_NOT_FOUND, INTEGRITY_VIOLATED.
 */
public interface SnapshotStore {
    /**
     * A snapshot that is there.
     *
     * @param id name of its folder
     * @param manifest null where it cannot be used
     * @param problem why not, a whole sentence; null where it can
     * @param modifiedMs when its folder last changed, milliseconds since the epoch
     */
    record Stored(String id, @Nullable Manifest manifest, @Nullable String problem, long modifiedMs) {}

    /** Every sealed snapshot, the unreadable ones too. */
    List<Stored> list();

    /** A sealed snapshot, its manifest checked. */
    SealedSnapshot open(String id);

    /** Its folder, also where the manifest cannot be used. */
    Path folder(String id);

    /** Starts a snapshot, hidden until it is sealed. */
    SnapshotBuild begin(String id);

    /** Goes on with a snapshot that was begun before the Hub ended; begins it where nothing of it is there. */
    SnapshotBuild reopen(String id);

    /** Removes a sealed snapshot for good. */
    void delete(String id);

    /**
     * Removes what a Hub that ended suddenly left behind: half-done deletions, and unsealed snapshots but those that go on. Returns the names
     * of what was removed.
     */
    List<String> removeUnfinished(Set<String> goingOn);

    /** Bytes that a sealed snapshot's files take altogether. */
    long sizeBytes(String id);

    /** Bytes that may still be written. */
    long usableBytes();
}
