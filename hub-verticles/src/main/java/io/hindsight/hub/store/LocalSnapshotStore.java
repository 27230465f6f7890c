package io.hindsight.hub.store;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Snapshots as folders of a local volume. A snapshot is built as {@code .<id>.building/}; when every file is on disk the folder is renamed to
 * {@code <id>/}, and the volume's folder forced: so a name without a dot is a sealed snapshot, whenever the power fails.
 */
public final class LocalSnapshotStore implements SnapshotStore {
    private static final Logger LOG = LoggerFactory.getLogger(LocalSnapshotStore.class);

    private final Path root;
    private final StoreWorkers workers;
    private final SyncPolicy syncPolicy;
    private final ChannelOpener opener;

    /** Creates the folder where it does not exist. */
    public LocalSnapshotStore(Path root, StoreWorkers workers, SyncPolicy syncPolicy) {
        this(root, workers, syncPolicy, ChannelOpener.FILES);
    }

    /** With files that a test bends. */
    public LocalSnapshotStore(Path root, StoreWorkers workers, SyncPolicy syncPolicy, ChannelOpener opener) {
        this.root = root.toAbsolutePath().normalize();
        this.workers = workers;
        this.syncPolicy = syncPolicy;
        this.opener = opener;
        Folders.create(this.root);
    }

    @Override
    public List<Stored> list() {
        List<Stored> found = new ArrayList<>();
        for (Path entry : Folders.entries(root)) {
            String name = String.valueOf(entry.getFileName());
            if (isSnapshot(name, entry)) {
                found.add(stored(name, entry));
            } else if (!name.startsWith(".")) {
                LOG.info("Not a snapshot, left alone: {}", entry);
            }
        }
        return found;
    }

    /** A folder that somebody made for something else is not taken for a damaged snapshot, and so never offered for deletion. */
    private static boolean isSnapshot(String name, Path entry) {
        return FileNames.isId(name)
                && Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)
                && (FileNames.isMadeHere(name)
                        || Files.exists(entry.resolve(SealedSnapshot.MANIFEST_FILE))
                        || Files.exists(entry.resolve(SealedSnapshot.DIGESTS_FILE)));
    }

    private static Stored stored(String id, Path folder) {
        long modifiedMs = modifiedMs(folder);
        try {
            Manifest manifest = SealedSnapshot.open(folder).manifest();
            return manifest.id().equals(id)
                    ? new Stored(id, manifest, null, modifiedMs)
                    : new Stored(
                            id,
                            null,
                            "The manifest belongs to another snapshot, id=" + manifest.id() + ".",
                            modifiedMs);
        } catch (HindsightException e) {
            return new Stored(id, null, e.getMessage(), modifiedMs);
        }
    }

    private static long modifiedMs(Path folder) {
        try {
            return Files.getLastModifiedTime(folder).toMillis();
        } catch (IOException e) {
            throw IoFailures.of("read the time of", folder, e);
        }
    }

    @Override
    public SealedSnapshot open(String id) {
        return SealedSnapshot.open(folder(id));
    }

    @Override
    public Path folder(String id) {
        Path folder = FileNames.isId(id) ? root.resolve(id) : root;
        if (folder.equals(root) || !Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            throw new HindsightException(ErrorCode.SNAPSHOT_NOT_FOUND, "There is no sealed snapshot id=" + id + ".");
        }
        return folder;
    }

    @Override
    public SnapshotBuild begin(String id) {
        if (!FileNames.isId(id)) {
            throw new HindsightException(ErrorCode.INVALID_REQUEST, "Not a snapshot id.");
        }
        Path hidden = root.resolve(FileNames.building(id));
        try {
            Files.createDirectory(hidden);
        } catch (IOException e) {
            throw IoFailures.of("create the folder", hidden, e);
        }
        return new LocalSnapshotBuild(hidden, root.resolve(id), workers, syncPolicy, opener);
    }

    @Override
    public SnapshotBuild reopen(String id) {
        Path hidden = root.resolve(FileNames.building(id));
        if (!FileNames.isId(id) || !Files.isDirectory(hidden, LinkOption.NOFOLLOW_LINKS)) {
            return begin(id);
        }
        // The end may have come in the middle of sealing.
        unlock(hidden);
        Folders.entries(hidden).forEach(file -> Folders.permit(file, "rw-r--r--"));
        removeIfThere(hidden.resolve(SealedSnapshot.MANIFEST_FILE));
        removeIfThere(hidden.resolve(SealedSnapshot.DIGESTS_FILE));
        for (DerivedFile derived : DerivedFile.values()) {
            removeIfThere(hidden.resolve(derived.fileName()));
        }
        return new LocalSnapshotBuild(hidden, root.resolve(id), workers, syncPolicy, opener);
    }

    private static void removeIfThere(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw IoFailures.of("remove", file, e);
        }
    }

    @Override
    public void delete(String id) {
        Path folder = folder(id);
        unlock(folder);
        Path hidden = root.resolve(FileNames.deleted(id));
        Folders.rename(folder, hidden);
        Folders.force(root);
        Folders.removeTree(hidden);
    }

    private static void unlock(Path folder) {
        try {
            ImmutableFlag.clearTree(folder);
        } catch (IOException e) {
            throw IoFailures.of("unlock the folder", folder, e);
        }
        Folders.permit(folder, "rwxr-xr-x");
    }

    @Override
    public List<String> removeUnfinished(Set<String> goingOn) {
        Set<String> kept = goingOn.stream().map(FileNames::building).collect(Collectors.toSet());
        List<String> removed = new ArrayList<>();
        for (Path entry : Folders.entries(root)) {
            String name = String.valueOf(entry.getFileName());
            if (FileNames.isUnfinished(name)
                    && !kept.contains(name)
                    && Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                unlock(entry);
                Folders.removeTree(entry);
                LOG.warn("Removed what a sudden end left behind: {}", entry);
                removed.add(name);
            }
        }
        return removed;
    }

    @Override
    public long sizeBytes(String id) {
        long sum = 0;
        for (Path file : Folders.entries(folder(id))) {
            try {
                sum += Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).size();
            } catch (IOException e) {
                throw IoFailures.of("read the size of", file, e);
            }
        }
        return sum;
    }

    @Override
    public long usableBytes() {
        try {
            return Files.getFileStore(root).getUsableSpace();
        } catch (IOException e) {
            throw IoFailures.of("ask for the free space of", root, e);
        }
    }
}
