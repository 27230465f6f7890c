package io.hindsight.hub.derive;

import io.hindsight.chunk.ChunkHeader;
import io.hindsight.hub.store.DerivedContent;
import io.hindsight.hub.store.DerivedFile;
import io.hindsight.hub.store.Manifest;
import io.hindsight.hub.store.SealedSnapshot.NodeFiles;
import io.hindsight.hub.store.SnapshotBuild;
import io.hindsight.hub.verify.ChunkObserver;
import io.hindsight.time.TimeWindow;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything that is derived from one snapshot. What cannot be derived is left out, logged as an error and noted: the data, which cannot be had a second
 * time, is never lost for what can be computed from it. One worker at a time.
 */
public final class Derivations implements ChunkObserver {
    private static final Logger LOG = LoggerFactory.getLogger(Derivations.class);

    /** A reason is cut here: it stands in the manifest for ever. */
    private static final int MAX_REASON_LENGTH = 500;

    private final String snapshotId;
    private final Map<DerivedFile, Derivation> underWay = new LinkedHashMap<>();
    private final List<String> notes = new ArrayList<>();

    /** Begins all of them. */
    public Derivations(List<Deriver> derivers, String snapshotId, TimeWindow window, int nodes) {
        this.snapshotId = snapshotId;
        for (Deriver deriver : derivers) {
            try {
                underWay.put(deriver.file(), deriver.begin(window, nodes));
            } catch (RuntimeException e) {
                giveUp(deriver.file(), e);
            }
        }
    }

    /** The chunks that follow are this node's. */
    public void node(Manifest.Node node) {
        each(derivation -> derivation.node(node));
    }

    @Override
    public void chunk(ChunkHeader header, MemorySegment bytes) {
        each(derivation -> derivation.chunk(header, bytes));
    }

    private void each(Consumer<Derivation> step) {
        List<DerivedFile> failed = new ArrayList<>();
        underWay.forEach((file, derivation) -> {
            try {
                step.accept(derivation);
            } catch (RuntimeException e) {
                giveUp(file, e);
                failed.add(file);
            }
        });
        failed.forEach(underWay::remove);
    }

    /** Writes them, one after the other; returns what the manifest has to say of them. */
    public List<Manifest.File> write(SnapshotBuild build, List<NodeFiles> files) {
        List<Manifest.File> written = new ArrayList<>();
        underWay.forEach((file, derivation) -> {
            try {
                Optional<DerivedContent> content = derivation.finish(files);
                content.ifPresent(present -> written.add(build.writeDerived(file, present)));
            } catch (IOException | RuntimeException e) {
                giveUp(file, e);
            }
        });
        underWay.clear();
        return List.copyOf(written);
    }

    private void giveUp(DerivedFile file, Exception e) {
        LOG.error("snapshot={} is sealed without {}", snapshotId, file.fileName(), e);
        String reason = String.valueOf(e.getMessage());
        notes.add(
                "The file "
                        + file.fileName()
                        + " could not be made when the snapshot was sealed: "
                        + (reason.length() > MAX_REASON_LENGTH ? reason.substring(0, MAX_REASON_LENGTH) : reason));
    }

    /** A sentence for each file that is left out because it could not be made. */
    public List<String> notes() {
        return List.copyOf(notes);
    }
}
