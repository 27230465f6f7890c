package io.hindsight.hub.store;

import io.hindsight.chunk.NodeId;
import io.hindsight.error.HindsightException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A hidden folder on its way to its name. */
final class LocalSnapshotBuild implements SnapshotBuild {
    private static final Logger LOG = LoggerFactory.getLogger(LocalSnapshotBuild.class);

    private final Path hidden;
    private final Path sealed;
    private final StoreWorkers workers;
    private final SyncPolicy syncPolicy;
    private final ChannelOpener opener;

    LocalSnapshotBuild(Path hidden, Path sealed, StoreWorkers workers, SyncPolicy syncPolicy, ChannelOpener opener) {
        this.hidden = hidden;
        this.sealed = sealed;
        this.workers = workers;
        this.syncPolicy = syncPolicy;
        this.opener = opener;
    }

    @Override
    public NodeFileWriter openFile(NodeId node, FileListener listener) {
        return new NodeFileWriter(
                node, NodeFileStart.empty(node, data(node), index(node), opener), workers, syncPolicy, listener);
    }

    @Override
    public NodeFileWriter reopenFile(NodeId node, FileListener listener) {
        return new NodeFileWriter(
                node, NodeFileStart.held(node, data(node), index(node), opener), workers, syncPolicy, listener);
    }

    private Path data(NodeId node) {
        return hidden.resolve(FileNames.data(node));
    }

    private Path index(NodeId node) {
        return hidden.resolve(FileNames.index(node));
    }

    @Override
    public void forceNames() {
        Folders.force(hidden);
        Folders.force(parent());
    }

    @Override
    public void discard(NodeId node) {
        try {
            Files.deleteIfExists(data(node));
            Files.deleteIfExists(index(node));
        } catch (IOException e) {
            throw IoFailures.of("remove the files of " + node + " in", hidden, e);
        }
    }

    @Override
    public SealedSnapshot.NodeFiles files(Manifest.Node node) {
        NodeId id = new NodeId(node.node());
        return new SealedSnapshot.NodeFiles(node, data(id), index(id));
    }

    @Override
    public Manifest.File writeDerived(DerivedFile file, DerivedContent content) {
        Path path = hidden.resolve(file.fileName());
        removeDerived(path);
        try (AppendFile created = new AppendFile(path, opener)) {
            DerivedOutput out = new DerivedOutput(created);
            content.writeTo(out);
            return out.finish();
        } catch (IOException e) {
            removeDerived(path);
            throw IoFailures.of("write", path, e);
        } catch (RuntimeException e) {
            removeDerived(path);
            throw e;
        }
    }

    private static void removeDerived(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw IoFailures.of("remove", path, e);
        }
    }

    @Override
    public boolean seal(Manifest manifest) {
        byte[] content = ManifestCodec.encode(manifest);
        Folders.write(hidden.resolve(SealedSnapshot.MANIFEST_FILE), content, opener);
        Folders.write(hidden.resolve(SealedSnapshot.DIGESTS_FILE), DigestList.of(manifest, content), opener);
        Folders.entries(hidden).forEach(file -> Folders.permit(file, "r--r--r--"));
        Folders.force(hidden);
        Folders.rename(hidden, sealed);
        try {
            Folders.force(parent());
        } catch (HindsightException failed) {
            // The session ends as failed: nothing may be found under the snapshot's name.
            Folders.rename(sealed, hidden);
            throw failed;
        }
        return lock();
    }

    private Path parent() {
        Path parent = sealed.getParent();
        if (parent == null) {
            throw new IllegalStateException("A snapshot's folder lies in the volume's folder.");
        }
        return parent;
    }

    /** The snapshot is sealed already: what cannot be locked is said, and does not undo it. */
    private boolean lock() {
        try {
            Folders.permit(sealed, "r-xr-xr-x");
            boolean filesLocked =
                    Folders.entries(sealed).stream()
                            .map(file -> ImmutableFlag.set(file, true))
                            .reduce(true, Boolean::logicalAnd);
            return filesLocked && ImmutableFlag.set(sealed, true);
        } catch (HindsightException e) {
            LOG.warn("The sealed snapshot is not write-protected: {}", e.getMessage());
            return false;
        }
    }

    @Override
    public void abandon() {
        if (Files.exists(hidden)) {
            Folders.removeTree(hidden);
        }
    }
}
