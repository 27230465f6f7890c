package io.hindsight.simulation.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
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

    // Guarded by this.
    private final FolderTree tree;
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
        this.tree = new FolderTree(clock);
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
        tree.cutPower(random);
        usedBytes = 0;
        tree.forEach(node -> {
            node.cutPower(random);
            if (node instanceof DiskFile file) {
                file.linked(true);
                usedBytes += file.size();
            }
        });
    }

    /** Writes everything back, as the kernel does after a while by itself ({@code sync(1)}); nothing of it is counted. */
    public synchronized void writeBack() {
        tree.forceAll();
        tree.forEach(node -> {
            node.forcePermissions();
            if (node instanceof DiskFile file) {
                file.force();
            }
        });
    }

    /** From now on this is asked before operations; {@link DiskHook#NONE}: nobody is. Returns what was asked until now. */
    public synchronized DiskHook bend(DiskHook newHook) {
        DiskHook before = hook;
        hook = newHook;
        return before;
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
        tree.forEach(node -> {
            if (node instanceof DiskFile file) {
                file.unmap(process);
            }
        });
    }

    synchronized @Nullable DiskNode find(DiskPath path) {
        path.getFileSystem().requireOpen();
        return tree.find(path);
    }

    synchronized DiskNode get(DiskPath path) throws IOException {
        path.getFileSystem().requireOpen();
        return tree.get(path);
    }

    synchronized List<String> list(DiskPath path) throws IOException {
        path.getFileSystem().requireOpen();
        return tree.list(path);
    }

    synchronized void createFolder(DiskPath path, Set<PosixFilePermission> permissions) throws IOException {
        path.getFileSystem().requireOpen();
        tree.createFolder(path, permissions, hook);
    }

    synchronized void delete(DiskPath path) throws IOException {
        path.getFileSystem().requireOpen();
        unlinked(tree.delete(path, hook));
    }

    synchronized void move(DiskPath from, DiskPath to, boolean replaces) throws IOException {
        from.getFileSystem().requireOpen();
        unlinked(tree.move(from, to, replaces, hook));
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

    /** The file or folder, made or cut as the options ask. */
    synchronized DiskNode open(DiskPath path, OpenMode mode, Set<PosixFilePermission> permissions) throws IOException {
        DiskNode node = find(path);
        if (node != null && mode.createNew()) {
            throw new FileAlreadyExistsException(path.toString());
        }
        if (node instanceof DiskFolder && mode.write()) {
            throw new FileSystemException(path.toString(), null, "Is a directory");
        }
        if (node == null && !mode.creates()) {
            throw new NoSuchFileException(path.toString());
        }
        if (node instanceof DiskFile file && mode.truncate()) {
            truncate(file, path, 0);
        }
        DiskNode opened = node == null ? tree.createFile(path, permissions, hook) : node;
        if (opened instanceof DiskFile file) {
            file.opened();
        }
        return opened;
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
                tree.force(folder);
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
