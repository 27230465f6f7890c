package io.hindsight.simulation.disk;

import io.hindsight.simulation.disk.FolderJournal.Change;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.attribute.PosixFilePermission;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The names of a disk: who is called what, what programs do to names, and what of it is durable. Guarded by the disk. */
final class FolderTree {
    private final InstantSource clock;
    private final DiskFolder root;
    private final FolderJournal journal = new FolderJournal();

    FolderTree(InstantSource clock) {
        this.clock = clock;
        this.root = new DiskFolder(SimulatedDisk.FOLDER_PERMISSIONS, clock.millis());
    }

    @Nullable DiskNode find(DiskPath path) {
        DiskNode node = root;
        for (String name : path.located()) {
            node = node instanceof DiskFolder folder ? folder.entry(name) : null;
            if (node == null) {
                return null;
            }
        }
        return node;
    }

    DiskNode get(DiskPath path) throws NoSuchFileException {
        DiskNode node = find(path);
        if (node == null) {
            throw new NoSuchFileException(path.toString());
        }
        return node;
    }

    private DiskFolder folderOf(DiskPath path) throws IOException {
        DiskPath parent = path.normalized().getParent();
        DiskNode node = parent == null ? null : find(parent);
        if (node == null) {
            throw new NoSuchFileException(path.toString());
        }
        if (node instanceof DiskFolder folder) {
            return folder;
        }
        throw new FileSystemException(path.toString(), null, "Not a directory");
    }

    List<String> list(DiskPath path) throws IOException {
        if (get(path) instanceof DiskFolder folder) {
            return List.copyOf(folder.entries().keySet());
        }
        throw new NotDirectoryException(path.toString());
    }

    void createFolder(DiskPath path, Set<PosixFilePermission> permissions, DiskHook hook) throws IOException {
        if (find(path) != null) {
            throw new FileAlreadyExistsException(path.toString());
        }
        DiskFolder parent = folderOf(path);
        hook.before(DiskOperation.CREATE_FOLDER, path);
        apply(new Change(parent, path.lastName(), null, new DiskFolder(permissions, clock.millis())));
    }

    /** Where nothing has that name. */
    DiskFile createFile(DiskPath path, Set<PosixFilePermission> permissions, DiskHook hook) throws IOException {
        DiskFolder parent = folderOf(path);
        hook.before(DiskOperation.CREATE, path);
        DiskFile created = new DiskFile(permissions, clock.millis());
        created.linked(true);
        apply(new Change(parent, path.lastName(), null, created));
        return created;
    }

    /** Returns what lost its name. */
    DiskNode delete(DiskPath path, DiskHook hook) throws IOException {
        DiskNode node = get(path);
        if (node instanceof DiskFolder folder && !folder.entries().isEmpty()) {
            throw new DirectoryNotEmptyException(path.toString());
        }
        DiskFolder parent = folderOf(path);
        hook.before(DiskOperation.DELETE, path);
        apply(new Change(parent, path.lastName(), node, null));
        return node;
    }

    /** Returns what lost its name because another got it. */
    @Nullable DiskNode move(DiskPath from, DiskPath to, boolean replaces, DiskHook hook) throws IOException {
        DiskNode moved = get(from);
        DiskNode replaced = find(to);
        DiskFolder target = folderOf(to);
        if (moved.equals(replaced)) {
            return null;
        }
        if (replaced != null) {
            requireReplaceable(moved, replaced, from, to, replaces);
        }
        if (to.normalized().startsWith(from.normalized())) {
            throw new FileSystemException(from.toString(), to.toString(), "Invalid argument");
        }
        hook.before(DiskOperation.RENAME, from);
        apply(
                new Change(folderOf(from), from.lastName(), moved, null),
                new Change(target, to.lastName(), replaced, moved));
        return replaced;
    }

    private static void requireReplaceable(
            DiskNode moved, DiskNode replaced, DiskPath from, DiskPath to, boolean replaces) throws IOException {
        if (!replaces) {
            throw new FileAlreadyExistsException(to.toString());
        }
        if (replaced instanceof DiskFolder folder) {
            if (moved instanceof DiskFile) {
                throw new FileSystemException(from.toString(), to.toString(), "Is a directory");
            }
            if (!folder.entries().isEmpty()) {
                throw new FileSystemException(from.toString(), to.toString(), "Directory not empty");
            }
        } else if (moved instanceof DiskFolder) {
            throw new FileSystemException(from.toString(), to.toString(), "Not a directory");
        }
    }

    private void apply(Change... operation) {
        journal.apply(List.of(operation), clock.millis());
    }

    void force(DiskFolder folder) {
        journal.force(folder);
    }

    void forceAll() {
        journal.forceAll();
    }

    /** Names that are not durable are kept from the oldest on, or not. */
    void cutPower(RandomGenerator random) {
        journal.cutPower(random);
    }

    /** Visits every folder and file that has a name, in the order of names. */
    void forEach(Consumer<DiskNode> visitor) {
        visit(root, visitor);
    }

    private static void visit(DiskNode node, Consumer<DiskNode> visitor) {
        visitor.accept(node);
        if (node instanceof DiskFolder folder) {
            folder.entries().values().forEach(entry -> visit(entry, visitor));
        }
    }
}
