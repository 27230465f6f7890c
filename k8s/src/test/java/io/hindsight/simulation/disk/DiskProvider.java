package io.hindsight.simulation.disk;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.spi.FileSystemProvider;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Brings {@link java.nio.file.Files} to the disk that a path is of. Stateless. */
final class DiskProvider extends FileSystemProvider {
    static final DiskProvider INSTANCE = new DiskProvider();

    private DiskProvider() {}

    private static DiskPath of(Path path) {
        if (path instanceof DiskPath simulated) {
            return simulated;
        }
        throw new ProviderMismatchException();
    }

    private static SimulatedDisk disk(DiskPath path) {
        return path.getFileSystem().disk();
    }

    @Override
    public String getScheme() {
        return "simulated";
    }

    @Override
    public FileSystem newFileSystem(URI uri, Map<String, ?> environment) {
        throw new UnsupportedOperationException("Ask a simulated disk for its file system");
    }

    @Override
    public FileSystem getFileSystem(URI uri) {
        throw new UnsupportedOperationException("Ask a simulated disk for its file system");
    }

    @Override
    public Path getPath(URI uri) {
        throw new UnsupportedOperationException("Ask a simulated disk for its file system");
    }

    @Override
    public SeekableByteChannel newByteChannel(
            Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException {
        return newFileChannel(path, options, attributes);
    }

    @Override
    public FileChannel newFileChannel(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        DiskPath file = of(path);
        return file.getFileSystem().open(file, options, permissions(attributes, SimulatedDisk.FILE_PERMISSIONS));
    }

    @SuppressWarnings("unchecked") // that attribute's value is such a set
    private static Set<PosixFilePermission> permissions(
            FileAttribute<?>[] attributes, Set<PosixFilePermission> otherwise) {
        Set<PosixFilePermission> permissions = otherwise;
        for (FileAttribute<?> attribute : attributes) {
            if (!attribute.name().equals("posix:permissions")) {
                throw new UnsupportedOperationException(attribute.name() + " is not simulated");
            }
            permissions = Set.copyOf((Set<PosixFilePermission>) attribute.value());
        }
        return permissions;
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(Path path, DirectoryStream.Filter<? super Path> filter)
            throws IOException {
        DiskPath folder = of(path);
        List<Path> entries = new ArrayList<>();
        for (String name : disk(folder).list(folder)) {
            DiskPath entry = folder.resolve(name);
            if (filter.accept(entry)) {
                entries.add(entry);
            }
        }
        return new Listing(entries);
    }

    private record Listing(List<Path> entries) implements DirectoryStream<Path> {
        @Override
        public Iterator<Path> iterator() {
            return entries.iterator();
        }

        @Override
        public void close() {
            // It is a list.
        }
    }

    @Override
    public void createDirectory(Path path, FileAttribute<?>... attributes) throws IOException {
        DiskPath folder = of(path);
        disk(folder).createFolder(folder, permissions(attributes, SimulatedDisk.FOLDER_PERMISSIONS));
    }

    @Override
    public void delete(Path path) throws IOException {
        disk(of(path)).delete(of(path));
    }

    @Override
    public boolean deleteIfExists(Path path) throws IOException {
        DiskPath file = of(path);
        synchronized (disk(file)) {
            if (disk(file).find(file) == null) {
                return false;
            }
            disk(file).delete(file);
            return true;
        }
    }

    @Override
    public void copy(Path source, Path target, CopyOption... options) {
        throw new UnsupportedOperationException("Copying is not simulated");
    }

    @Override
    public void move(Path source, Path target, CopyOption... options) throws IOException {
        Set<CopyOption> asked = Set.of(options);
        boolean replaces =
                asked.contains(StandardCopyOption.ATOMIC_MOVE) || asked.contains(StandardCopyOption.REPLACE_EXISTING);
        disk(of(source)).move(of(source), of(target), replaces);
    }

    @Override
    public boolean isSameFile(Path path, Path other) throws IOException {
        if (path.equals(other)) {
            return true;
        }
        return other instanceof DiskPath simulated && disk(of(path)).get(of(path)) == disk(simulated).get(simulated);
    }

    @Override
    public boolean isHidden(Path path) {
        return of(path).lastName().startsWith(".");
    }

    @Override
    public FileStore getFileStore(Path path) throws IOException {
        DiskPath file = of(path);
        disk(file).get(file);
        return new DiskStore(disk(file));
    }

    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
        disk(of(path)).get(of(path));
    }

    @Override
    public boolean exists(Path path, LinkOption... options) {
        return disk(of(path)).find(of(path)) != null;
    }

    @Override
    public <V extends FileAttributeView> @Nullable V getFileAttributeView(
            Path path, Class<V> type, LinkOption... options) {
        return type.isAssignableFrom(DiskAttributeView.class) ? type.cast(new DiskAttributeView(of(path))) : null;
    }

    @Override
    public <A extends BasicFileAttributes> A readAttributes(Path path, Class<A> type, LinkOption... options)
            throws IOException {
        A attributes = readAttributesIfExists(path, type, options);
        if (attributes == null) {
            throw new NoSuchFileException(path.toString());
        }
        return attributes;
    }

    @Override
    public <A extends BasicFileAttributes> @Nullable A readAttributesIfExists(
            Path path, Class<A> type, LinkOption... options) {
        if (!type.isAssignableFrom(DiskAttributes.class)) {
            throw new UnsupportedOperationException(type + " is not simulated");
        }
        DiskPath file = of(path);
        synchronized (disk(file)) {
            DiskNode node = disk(file).find(file);
            return node == null ? null : type.cast(DiskAttributes.of(node));
        }
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options) {
        throw new UnsupportedOperationException("Attributes by name are not simulated");
    }

    @Override
    public void setAttribute(Path path, String attribute, Object value, LinkOption... options) {
        throw new UnsupportedOperationException("Attributes by name are not simulated");
    }
}
