package io.hindsight.simulation.disk;

import io.hindsight.simulation.disk.FolderJournal.Change;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One machine's disk, in memory. Programs use it through {@link java.nio.file.Files} and {@link java.nio.channels.FileChannel} on the paths of a
 * file system that {@link #mount()} gives; each mount stands for one process.
 *
 * <pre>{@code
 * SimulatedDisk disk = new SimulatedDisk(64 << 20, clock);
 * FileSystem process = disk.mount();
 * LocalSnapshotStore store = new LocalSnapshotStore(process.getPath("/data"), …);
 * process.close();              // kill -9: channels and locks are gone, all that was written is there
 * disk.cutPower(random);        // and the machine too: only what was forced is there for certain
 * FileSystem next = disk.mount();
 * }</pre>
 *
 * <p><strong>What survives.</strong> What a process writes is at once seen by all. The end of a process (closing its file system) loses nothing
 * that was written, by calls or through a mapping. A {@linkplain #cutPower power cut} leaves:
 *
 * <ul>
 *   <li>of a file, what was forced; of what was written by calls since, each write at random as it was, not at all, or up to the end of a sector
 *       of {@value WriteLog#SECTOR_SIZE} bytes; where a lost write lay before a kept one, zeros. A cut of the file is kept or lost. Both kinds of
 *       {@code force} are alike.
 *   <li>of a file that was ever mapped for writing, what was forced; of the other pages of {@value DiskFile#PAGE_SIZE} bytes each at random as it
 *       was last or as it was forced, and so the length;
 *   <li>of names (made, renamed, deleted), those whose folder was forced, with all that was done to any folder before; of what was done later, a
 *       beginning of random length, because the journals of ext4 and xfs keep order. A rename is there or not, and never half. Unlike there, forcing
 *       a file alone promises nothing for its name: POSIX does not either.
 * </ul>
 *
 * <p>A force that a {@link DiskHook} fails drops what it was to write, as Linux does: programs go on seeing it, no later force saves it.
 *
 * <p><strong>What is full.</strong> Files take their length, folders nothing. A write beyond the capacity is short, and the next one fails with
 * "No space left on device". The room of a deleted file is free when nobody has it open.
 *
 * <p><strong>What is not there.</strong> Links, watching, region locks, users: permissions are kept and shown, but like for root they stop
 * nobody. A file cannot grow or be cut while it is mapped. A mapping lives as long as something refers to it, and after its process has ended
 * stores to it reach nobody; a page that cannot be had ({@code SIGBUS}) is not simulated.
 *
 * <p>Thread-safe by one lock. Without other threads it is deterministic: names are listed in order, and the only chance is the given one.
 */
public final class SimulatedDisk {
    static final Set<PosixFilePermission> FILE_PERMISSIONS = PosixFilePermissions.fromString("rw-r--r--");
    static final Set<PosixFilePermission> FOLDER_PERMISSIONS = PosixFilePermissions.fromString("rwxr-xr-x");

    private final InstantSource clock;
    private final DiskFolder root;

    // Guarded by this.
    private final FolderJournal journal = new FolderJournal();
    private final List<DiskFileSystem> processes = new ArrayList<>();
    private final Map<String, Integer> forces = new HashMap<>();
    private long capacityBytes;
    private long usedBytes;
    private DiskHook hook = DiskHook.NONE;

    /**
     * An empty disk.
     *
     * @param capacityBytes that all files take together at most
     * @param clock for the times of files
     */
    public SimulatedDisk(long capacityBytes, InstantSource clock) {
        this.capacityBytes = capacityBytes;
        this.clock = clock;
        this.root = new DiskFolder(FOLDER_PERMISSIONS, clock.millis());
    }

    /** The disk as a new process sees it. Closing the file system ends the process, as {@code kill -9} does. */
    public synchronized FileSystem mount() {
        DiskFileSystem process = new DiskFileSystem(this);
        processes.add(process);
        return process;
    }

    /** Ends every process, and leaves on disk what was forced, and of the rest what chance has it. */
    public synchronized void cutPower(RandomGenerator random) {
        for (DiskFileSystem process : List.copyOf(processes)) {
            process.close();
        }
        journal.cutPower(random);
        usedBytes = 0;
        leaveOf(root, random);
    }

    private void leaveOf(DiskFolder folder, RandomGenerator random) {
        folder.cutPower(random);
        for (DiskNode node : folder.entries().values()) {
            switch (node) {
                case DiskFolder inner -> leaveOf(inner, random);
                case DiskFile file -> {
                    file.cutPower(random);
                    file.linked(true);
                    usedBytes += file.size();
                }
            }
        }
    }

    /** Writes everything back, as the kernel does after a while by itself ({@code sync(1)}); nothing of it is counted. */
    public synchronized void writeBack() {
        journal.forceAll();
        writeBack(root);
    }

    private static void writeBack(DiskFolder folder) {
        folder.forcePermissions();
        for (DiskNode node : folder.entries().values()) {
            switch (node) {
                case DiskFolder inner -> writeBack(inner);
                case DiskFile file -> {
                    file.force();
                    file.forcePermissions();
                }
            }
        }
    }

    /** From now on this is asked before operations; {@link DiskHook#NONE}: nobody is. */
    public synchronized void bend(DiskHook newHook) {
        hook = newHook;
    }

    /** How often the file or folder was forced under this name, since the disk was made. */
    public synchronized int forces(Path path) {
        return forces.getOrDefault(path.toAbsolutePath().normalize().toString(), 0);
    }

    /** How often anything was forced, since the disk was made. */
    public synchronized int forces() {
        return forces.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** What files take. */
    public synchronized long usedBytes() {
        return usedBytes;
    }

    /** What files may take. */
    public synchronized long capacityBytes() {
        return capacityBytes;
    }

    /** Makes the disk larger or smaller; what is there stays. */
    public synchronized void capacityBytes(long bytes) {
        capacityBytes = bytes;
    }

    synchronized long freeBytes() {
        return Math.max(0, capacityBytes - usedBytes);
    }

    // What the file system does, each as one step.

    synchronized void ended(DiskFileSystem process) {
        processes.remove(process);
        unmap(root, process);
    }

    private static void unmap(DiskFolder folder, DiskFileSystem process) {
        for (DiskNode node : folder.entries().values()) {
            switch (node) {
                case DiskFolder inner -> unmap(inner, process);
                case DiskFile file -> file.unmap(process);
            }
        }
    }

    synchronized @Nullable DiskNode find(DiskPath path) {
        path.getFileSystem().requireOpen();
        DiskNode node = root;
        for (String name : path.located()) {
            node = node instanceof DiskFolder folder ? folder.entry(name) : null;
            if (node == null) {
                return null;
            }
        }
        return node;
    }

    synchronized DiskNode get(DiskPath path) throws NoSuchFileException {
        DiskNode node = find(path);
        if (node == null) {
            throw new NoSuchFileException(path.toString());
        }
        return node;
    }

    private DiskFolder folderOf(DiskPath path) throws IOException {
        DiskPath parent = path.toAbsolutePath().normalize().getParent();
        DiskNode node = parent == null ? null : find(parent);
        if (node == null) {
            throw new NoSuchFileException(path.toString());
        }
        if (node instanceof DiskFolder folder) {
            return folder;
        }
        throw new FileSystemException(path.toString(), null, "Not a directory");
    }

    synchronized void createFolder(DiskPath path, Set<PosixFilePermission> permissions) throws IOException {
        if (find(path) != null) {
            throw new FileAlreadyExistsException(path.toString());
        }
        DiskFolder parent = folderOf(path);
        hook.before(DiskOperation.CREATE_FOLDER, path);
        DiskFolder created = new DiskFolder(permissions, clock.millis());
        journal.apply(List.of(new Change(parent, path.lastName(), null, created)), clock.millis());
    }

    synchronized List<String> list(DiskPath path) throws IOException {
        if (get(path) instanceof DiskFolder folder) {
            return List.copyOf(folder.entries().keySet());
        }
        throw new NotDirectoryException(path.toString());
    }

    synchronized void delete(DiskPath path) throws IOException {
        DiskNode node = get(path);
        if (node instanceof DiskFolder folder && !folder.entries().isEmpty()) {
            throw new DirectoryNotEmptyException(path.toString());
        }
        DiskFolder parent = folderOf(path);
        hook.before(DiskOperation.DELETE, path);
        journal.apply(List.of(new Change(parent, path.lastName(), node, null)), clock.millis());
        unlinked(node);
    }

    private void unlinked(@Nullable DiskNode node) {
        if (node instanceof DiskFile file) {
            file.linked(false);
            giveUpRoom(file);
        }
    }

    private void giveUpRoom(DiskFile file) {
        if (!file.isHeld()) {
            usedBytes -= file.size();
        }
    }

    synchronized void move(DiskPath from, DiskPath to, boolean replaces) throws IOException {
        DiskNode moved = get(from);
        DiskNode replaced = find(to);
        DiskFolder target = folderOf(to);
        if (replaced == moved) {
            return;
        }
        if (replaced != null) {
            requireReplaceable(moved, replaced, from, to, replaces);
        }
        if (to.located().size() > from.located().size() && to.normalized().startsWith(from.normalized())) {
            throw new FileSystemException(from.toString(), to.toString(), "Invalid argument");
        }
        hook.before(DiskOperation.RENAME, from);
        journal.apply(
                List.of(
                        new Change(folderOf(from), from.lastName(), moved, null),
                        new Change(target, to.lastName(), replaced, moved)),
                clock.millis());
        unlinked(replaced);
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

    /** The file or folder, made or cut as the options ask. */
    synchronized DiskNode open(DiskPath path, OpenMode mode, Set<PosixFilePermission> permissions) throws IOException {
        DiskNode node = find(path);
        if (node != null && mode.createNew()) {
            throw new FileAlreadyExistsException(path.toString());
        }
        if (node instanceof DiskFolder && mode.write()) {
            throw new FileSystemException(path.toString(), null, "Is a directory");
        }
        if (node == null) {
            node = create(path, mode, permissions);
        } else if (node instanceof DiskFile file && mode.truncate()) {
            truncate(file, path, 0);
        }
        if (node instanceof DiskFile file) {
            file.opened();
        }
        return node;
    }

    private DiskFile create(DiskPath path, OpenMode mode, Set<PosixFilePermission> permissions) throws IOException {
        if (!mode.creates()) {
            throw new NoSuchFileException(path.toString());
        }
        DiskFolder parent = folderOf(path);
        hook.before(DiskOperation.CREATE, path);
        DiskFile created = new DiskFile(permissions, clock.millis());
        created.linked(true);
        journal.apply(List.of(new Change(parent, path.lastName(), null, created)), clock.millis());
        return created;
    }

    synchronized void closed(DiskFile file) {
        file.closed();
        giveUpRoom(file);
    }

    synchronized int read(DiskFile file, Path path, ByteBuffer target, long position) throws IOException {
        hook.before(DiskOperation.READ, path);
        return file.read(target, position);
    }

    /** Bytes that were taken; all of them, unless the hook or the capacity cut it short. */
    synchronized int write(DiskFile file, Path path, ByteBuffer source, long position) throws IOException {
        int wanted = source.remaining();
        if (wanted == 0) {
            return 0;
        }
        hook.before(DiskOperation.WRITE, path);
        long possible = Math.max(file.size(), position) - position + freeBytes() - Math.max(0, position - file.size());
        int count = (int) Math.min(possible, Math.min(wanted, hook.taken(path, wanted)));
        if (count <= 0) {
            throw new FileSystemException(null, null, "No space left on device");
        }
        long sizeBefore = file.size();
        file.write(source, count, position);
        file.modified(clock.millis());
        usedBytes += file.size() - sizeBefore;
        return count;
    }

    synchronized void truncate(DiskFile file, Path path, long size) throws IOException {
        hook.before(DiskOperation.TRUNCATE, path);
        long sizeBefore = file.size();
        file.truncate(size);
        file.modified(clock.millis());
        usedBytes -= sizeBefore - file.size();
    }

    synchronized void force(DiskNode node, Path path) throws IOException {
        switch (node) {
            case DiskFolder folder -> {
                hook.before(DiskOperation.FORCE_FOLDER, path);
                journal.force(folder);
            }
            case DiskFile file -> {
                try {
                    hook.before(DiskOperation.FORCE, path);
                } catch (IOException refused) {
                    file.forceFailed();
                    throw refused;
                }
                file.force();
            }
        }
        node.forcePermissions();
        forces.merge(path.toString(), 1, Integer::sum);
    }

    synchronized void permit(DiskPath path, Set<PosixFilePermission> permissions) throws IOException {
        get(path).permit(Set.copyOf(permissions));
    }

    synchronized void modified(DiskPath path, long timeMs) throws IOException {
        get(path).modified(timeMs);
    }
}
