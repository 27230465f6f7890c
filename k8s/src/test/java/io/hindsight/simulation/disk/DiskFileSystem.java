package io.hindsight.simulation.disk;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.ClosedFileSystemException;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.WatchService;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A disk as one process sees it: its channels and locks end with it. */
final class DiskFileSystem extends FileSystem {
    private final SimulatedDisk disk;

    // Guarded by the disk.
    private final List<DiskChannel> channels = new ArrayList<>();
    private boolean closed;

    DiskFileSystem(SimulatedDisk disk) {
        this.disk = disk;
    }

    SimulatedDisk disk() {
        return disk;
    }

    void requireOpen() {
        if (!isOpen()) {
            throw new ClosedFileSystemException();
        }
    }

    DiskChannel open(DiskPath path, Set<? extends OpenOption> options, Set<PosixFilePermission> permissions)
            throws IOException {
        OpenMode mode = OpenMode.of(options);
        synchronized (disk) {
            requireOpen();
            DiskChannel channel = new DiskChannel(this, disk.open(path, mode, permissions), path.normalized(), mode);
            channels.add(channel);
            return channel;
        }
    }

    void closed(DiskChannel channel) {
        channels.remove(channel);
    }

    @Override
    public DiskProvider provider() {
        return DiskProvider.INSTANCE;
    }

    @Override
    public void close() {
        synchronized (disk) {
            if (closed) {
                return;
            }
            closed = true;
            for (DiskChannel channel : List.copyOf(channels)) {
                try {
                    channel.close();
                } catch (IOException e) {
                    throw new UncheckedIOException("a simulated channel closes always", e);
                }
            }
            disk.ended(this);
        }
    }

    @Override
    public boolean isOpen() {
        synchronized (disk) {
            return !closed;
        }
    }

    @Override
    public boolean isReadOnly() {
        return false;
    }

    @Override
    public String getSeparator() {
        return "/";
    }

    @Override
    public Iterable<Path> getRootDirectories() {
        return List.of(getPath("/"));
    }

    @Override
    public Iterable<FileStore> getFileStores() {
        return List.of(new DiskStore(disk));
    }

    @Override
    public Set<String> supportedFileAttributeViews() {
        return Set.of("basic", "posix");
    }

    @Override
    public DiskPath getPath(String first, String... more) {
        DiskPath path = DiskPath.of(this, first);
        for (String each : more) {
            path = path.resolve(DiskPath.of(this, each.startsWith("/") ? each.substring(1) : each));
        }
        return path;
    }

    @Override
    @SuppressWarnings("resource") // the default file system is nobody's to close
    public PathMatcher getPathMatcher(String pattern) {
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher(pattern);
        return path -> matcher.matches(Path.of(path.toString()));
    }

    @Override
    public UserPrincipalLookupService getUserPrincipalLookupService() {
        throw new UnsupportedOperationException("A simulated disk knows no users");
    }

    @Override
    public WatchService newWatchService() {
        throw new UnsupportedOperationException("A simulated disk is not watched");
    }
}
