package io.hindsight.hub.store;

import io.hindsight.chunk.NodeId;

/** A snapshot that is being written. Calls block unless they say otherwise. One thread at a time. */
public interface SnapshotBuild {
    /** Creates a node's files. */
    NodeFileWriter openFile(NodeId node, FileListener listener);

    /** Goes on with what an interrupted session left of a node's files: its whole chunks. Reads all of it. */
    NodeFileWriter reopenFile(NodeId node, FileListener listener);

    /**
     * Makes the names of all files that were opened survive a power cut: what is acknowledged of a file whose name is gone would be lost all the same.
     *
     * @throws io.hindsight.error.HindsightException IO_FAILED
     */
    void forceNames();

    /** Removes a node's files again, for a node that delivered nothing. They are closed. */
    void discard(NodeId node);

    /** A node's files, to read back what was written. */
    SealedSnapshot.NodeFiles files(Manifest.Node node);

    /**
     * Writes and forces a file that was computed from the others; in place of what an earlier attempt left of it.
     *
     * @return what the manifest has to say of it
     * @throws io.hindsight.error.HindsightException where it cannot be written, or is longer than {@link DerivedFile#MAX_LENGTH}; then nothing of it is left
     */
    Manifest.File writeDerived(DerivedFile file, DerivedContent content);

    /**
     * Writes the manifest, forces everything, gives the folder its final name, and locks it. All files are closed.
     *
     * @return whether the files are immutable now, beyond being read-only
     */
    boolean seal(Manifest manifest);

    /** Removes everything. All files are closed. */
    void abandon();
}
