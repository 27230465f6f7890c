package io.hindsight.hub.derive;

import io.hindsight.chunk.ChunkHeader;
import io.hindsight.hub.store.DerivedContent;
import io.hindsight.hub.store.Manifest;
import io.hindsight.hub.store.SealedSnapshot.NodeFiles;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/**
 * A derived file of one snapshot in the making. It watches the pass that reads back what was written, which passes by every byte anyhow, and must not
 * hold it up. Called by one worker at a time; whatever it throws costs the snapshot this file, and is logged and noted in the manifest.
 *
 * <pre>
 * for each node of the manifest, in its order:  node, then chunk for each chunk in file order
 * then once:                                    finish
 * </pre>
 */
public interface Derivation {
    /** The chunks that follow are this node's; of one that delivered nothing there are none. Its interfaces are not known yet. */
    void node(Manifest.Node node);

    /**
     * A chunk that passed every check.
     *
     * @param header of it
     * @param bytes of the whole chunk, its section header included; valid until this returns
     */
    void chunk(ChunkHeader header, MemorySegment bytes);

    /**
     * The file; empty where there is nothing to tell.
     *
     * @param files of every node that delivered something, in the manifest's order, to read anything a second time
     */
    Optional<DerivedContent> finish(List<NodeFiles> files) throws IOException;
}
