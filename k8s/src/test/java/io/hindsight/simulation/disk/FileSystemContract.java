package io.hindsight.simulation.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the program expects of a file system, of a real folder as of a simulated one. */
abstract class FileSystemContract {
    /** An empty folder. */
    abstract Path folder() throws IOException;

    private Path file(String name) throws IOException {
        return folder().resolve(name);
    }

    private static FileChannel create(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    private static FileChannel reopen(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(entry -> String.valueOf(entry.getFileName())).sorted().toList();
        }
    }

    @Test
    void shouldReadWhatWasWrittenInPlaceGatheredAndBehindAHole() throws IOException {
        Path file = file("a");
        try (FileChannel channel = create(file)) {
            assertThat(channel.write(new ByteBuffer[] {bytes("ab"), bytes(""), bytes("cde")}, 0, 3)).isEqualTo(5);
            assertThat(channel.position()).isEqualTo(5);
            assertThat(channel.write(bytes("XY"), 1)).isEqualTo(2);
            assertThat(channel.position()).isEqualTo(5);
            assertThat(channel.write(bytes("z"), 7)).isEqualTo(1);
            assertThat(channel.write(bytes(""))).isZero();
            assertThat(channel.size()).isEqualTo(8);
        }
        assertThat(Files.readString(file)).isEqualTo("aXYde\0\0z");
        assertThat(Files.size(file)).isEqualTo(8);
    }

    @Test
    void shouldReadToTheEndAndNoFurther() throws IOException {
        Path file = Files.writeString(file("a"), "0123456789");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer direct = ByteBuffer.allocateDirect(4);
            assertThat(channel.read(direct, 8)).isEqualTo(2);
            assertThat(direct.flip().get()).isEqualTo((byte) '8');
            assertThat(channel.read(ByteBuffer.allocate(1), 10)).isEqualTo(-1);
            ByteBuffer[] two = {ByteBuffer.allocate(3), ByteBuffer.allocate(3)};
            assertThat(channel.read(two)).isEqualTo(6);
            assertThat(channel.read(two)).isZero();
            assertThat(channel.position()).isEqualTo(6);
            assertThat(channel.position(20).read(ByteBuffer.allocate(1))).isEqualTo(-1);
            assertThat(channel.read(ByteBuffer.allocate(0))).isZero();
        }
    }

    @Test
    void shouldCutAndFillWithZeros() throws IOException {
        Path file = Files.writeString(file("a"), "0123456789");
        try (FileChannel channel = reopen(file)) {
            channel.position(8).truncate(4);
            assertThat(channel.position()).isEqualTo(4);
            assertThat(channel.size()).isEqualTo(4);
            channel.truncate(100);
            assertThat(channel.size()).isEqualTo(4);
            channel.write(bytes("x"), 6);
        }
        assertThat(Files.readString(file)).isEqualTo("0123\0\0x");
    }

    @Test
    void shouldOpenAsTheOptionsSay() throws IOException {
        Path file = file("a");
        assertThatThrownBy(() -> reopen(file)).isInstanceOf(NoSuchFileException.class);
        Files.createFile(file);
        assertThatThrownBy(() -> create(file)).isInstanceOf(FileAlreadyExistsException.class);
        assertThatThrownBy(() -> create(file("none").resolve("b"))).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> create(file.resolve("b"))).isInstanceOf(FileSystemException.class);
        Files.writeString(file, "old text");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(1)))
                    .isInstanceOf(NonReadableChannelException.class);
            channel.write(bytes("new"));
        }
        assertThat(Files.readString(file)).isEqualTo("new text");
        Files.writeString(file, "more", StandardOpenOption.APPEND);
        assertThat(Files.readString(file)).isEqualTo("new textmore");
        Files.writeString(file, "cut", StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.DSYNC);
        assertThat(Files.readString(file)).isEqualTo("cut");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            assertThatThrownBy(() -> channel.write(bytes("x"))).isInstanceOf(NonWritableChannelException.class);
            assertThatThrownBy(() -> channel.truncate(0)).isInstanceOf(NonWritableChannelException.class);
        }
    }

    @Test
    void shouldRefuseAClosedChannel() throws IOException {
        FileChannel channel = create(file("a"));
        channel.close();
        channel.close();
        assertThatThrownBy(() -> channel.write(bytes("x"))).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(channel::size).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> channel.force(false)).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void shouldForceFilesAndFolders() throws IOException {
        try (FileChannel channel = create(file("a"))) {
            channel.write(bytes("x"));
            channel.force(false);
            channel.force(true);
        }
        try (FileChannel channel = FileChannel.open(folder(), StandardOpenOption.READ)) {
            channel.force(true);
            assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(1))).isInstanceOf(IOException.class);
        }
        assertThatThrownBy(() -> FileChannel.open(folder(), StandardOpenOption.WRITE))
                .isInstanceOf(FileSystemException.class);
    }

    @Test
    void shouldMakeFindAndRemoveFolders() throws IOException {
        Path inner = Files.createDirectories(file("a").resolve("b"));
        Files.createDirectories(inner);
        Files.writeString(inner.resolve("c"), "c");
        assertThat(Files.isDirectory(inner, LinkOption.NOFOLLOW_LINKS)).isTrue();
        assertThat(Files.isRegularFile(inner.resolve("c"))).isTrue();
        assertThat(Files.exists(inner.resolve("../b/./c"))).isTrue();
        assertThat(Files.exists(inner.resolve("d"), LinkOption.NOFOLLOW_LINKS)).isFalse();
        assertThatThrownBy(() -> Files.createDirectory(inner)).isInstanceOf(FileAlreadyExistsException.class);
        assertThatThrownBy(() -> Files.createDirectory(file("x").resolve("y"))).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> Files.delete(inner)).isInstanceOf(DirectoryNotEmptyException.class);
        assertThatThrownBy(() -> names(inner.resolve("c"))).isInstanceOf(NotDirectoryException.class);
        assertThatThrownBy(() -> names(file("x"))).isInstanceOf(NoSuchFileException.class);
        Path folder = folder();
        try (Stream<Path> walk = Files.walk(folder)) {
            assertThat(walk.map(path -> folder.relativize(path).toString()).sorted())
                    .containsExactly("", "a", "a/b", "a/b/c");
        }
        assertThat(Files.deleteIfExists(inner.resolve("c"))).isTrue();
        assertThat(Files.deleteIfExists(inner.resolve("c"))).isFalse();
        assertThatThrownBy(() -> Files.delete(inner.resolve("c"))).isInstanceOf(NoSuchFileException.class);
        Files.delete(inner);
        assertThat(names(file("a"))).isEmpty();
    }

    @Test
    void shouldRenameFilesAndFolders() throws IOException {
        Path from = Files.writeString(file("from"), "new");
        Path to = Files.writeString(file("to"), "old");
        assertThatThrownBy(() -> Files.move(from, to)).isInstanceOf(FileAlreadyExistsException.class);
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        assertThat(Files.readString(to)).isEqualTo("new");
        assertThat(names(folder())).containsExactly("to");
        assertThatThrownBy(() -> Files.move(from, to, StandardCopyOption.ATOMIC_MOVE))
                .isInstanceOf(NoSuchFileException.class);

        Path built = Files.createDirectory(file("built"));
        Files.move(to, built.resolve("inner"), StandardCopyOption.REPLACE_EXISTING);
        Files.move(built, file("sealed"), StandardCopyOption.ATOMIC_MOVE);
        assertThat(Files.readString(file("sealed").resolve("inner"))).isEqualTo("new");
        Files.createDirectory(file("empty"));
        assertThatThrownBy(() -> Files.move(file("empty"), file("sealed"), StandardCopyOption.ATOMIC_MOVE))
                .isInstanceOf(FileSystemException.class);
        Files.move(file("sealed"), file("empty"), StandardCopyOption.ATOMIC_MOVE);
        assertThat(names(folder())).containsExactly("empty");
        assertThatThrownBy(() -> Files.move(file("empty"), file("empty").resolve("x"), StandardCopyOption.ATOMIC_MOVE))
                .isInstanceOf(FileSystemException.class);
    }

    @Test
    void shouldKeepWritingToAFileThatWasRenamedOrDeleted() throws IOException {
        try (FileChannel channel = create(file("a"))) {
            Files.move(file("a"), file("b"), StandardCopyOption.ATOMIC_MOVE);
            channel.write(bytes("x"));
            assertThat(Files.readString(file("b"))).isEqualTo("x");
            Files.delete(file("b"));
            channel.write(bytes("y"));
            assertThat(channel.size()).isEqualTo(2);
        }
        assertThat(names(folder())).isEmpty();
    }

    @Test
    void shouldTellAttributes() throws IOException {
        Path file = Files.writeString(file("a"), "text");
        BasicFileAttributes attributes =
                Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        assertThat(attributes.isRegularFile()).isTrue();
        assertThat(attributes.isDirectory()).isFalse();
        assertThat(attributes.size()).isEqualTo(4);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("r--r--r--");
        assertThat(Files.getLastModifiedTime(folder()).toMillis()).isPositive();
        assertThat(Files.getFileStore(file).supportsFileAttributeView("posix")).isTrue();
        assertThat(Files.isSameFile(file, folder().resolve("./a"))).isTrue();
        assertThat(Files.isWritable(folder())).isTrue();
        assertThatThrownBy(() -> Files.readAttributes(file("none"), BasicFileAttributes.class))
                .isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> Files.size(file("none"))).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void shouldTellHowMuchRoomThereIs() throws IOException {
        assertThat(Files.getFileStore(folder()).getUsableSpace()).isPositive();
        assertThat(Files.getFileStore(folder()).getTotalSpace())
                .isGreaterThanOrEqualTo(Files.getFileStore(folder()).getUsableSpace());
    }

    @Test
    void shouldMapTheFilesOwnMemory() throws IOException {
        Path file = file("a");
        Files.write(file, new byte[3 * 4096]);
        MemorySegment mapped;
        try (FileChannel channel = reopen(file)) {
            mapped = channel.map(FileChannel.MapMode.READ_WRITE, 0, channel.size(), Arena.ofAuto());
        }
        mapped.set(ValueLayout.JAVA_LONG, 4096, 42);
        assertThat(ByteBuffer.wrap(Files.readAllBytes(file)).order(java.nio.ByteOrder.nativeOrder()).getLong(4096))
                .isEqualTo(42);
        assertThat(mapped.asByteBuffer().isDirect()).isTrue();
        try (FileChannel channel = reopen(file);
                Arena arena = Arena.ofConfined()) {
            channel.write(bytes("x"), 5);
            assertThat(mapped.get(ValueLayout.JAVA_BYTE, 5)).isEqualTo((byte) 'x');
            MemorySegment seen = channel.map(FileChannel.MapMode.READ_ONLY, 4096, 4096, arena);
            assertThat(seen.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(42);
            assertThat(seen.isReadOnly()).isTrue();
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            assertThatThrownBy(() -> channel.map(FileChannel.MapMode.READ_WRITE, 0, 1, Arena.ofAuto()))
                    .isInstanceOf(NonWritableChannelException.class);
        }
    }

    @Test
    void shouldLockForOneChannel() throws IOException {
        Path file = file("lock");
        try (FileChannel first = create(file);
                FileChannel second = reopen(file)) {
            assertThat(first.tryLock().isValid()).isTrue();
            assertThatThrownBy(second::tryLock).isInstanceOf(OverlappingFileLockException.class);
        }
        try (FileChannel third = reopen(file)) {
            assertThat(third.tryLock()).isNotNull();
        }
    }

    @Test
    void shouldTransferBetweenFiles() throws IOException {
        Path from = Files.writeString(file("from"), "0123456789");
        try (FileChannel source = FileChannel.open(from, StandardOpenOption.READ);
                FileChannel target = create(file("to"))) {
            assertThat(source.transferTo(2, 5, target)).isEqualTo(5);
            assertThat(source.transferTo(8, 100, target)).isEqualTo(2);
            assertThat(source.transferTo(10, 5, target)).isZero();
            assertThat(target.transferFrom(source, 7, 3)).isEqualTo(3);
        }
        assertThat(Files.readString(file("to"))).isEqualTo("2345689012");
    }

    @Test
    void shouldTakePathsApart() throws IOException {
        Path path = file("a").resolve("b.txt");
        assertThat(String.valueOf(path.getFileName())).isEqualTo("b.txt");
        assertThat(path.getParent()).isEqualTo(file("a"));
        assertThat(path.resolveSibling("c")).isEqualTo(file("a").resolve("c"));
        assertThat(path.startsWith(folder())).isTrue();
        assertThat(path.endsWith("b.txt")).isTrue();
        assertThat(folder().relativize(path).toString()).isEqualTo("a/b.txt");
        assertThat(path.isAbsolute()).isTrue();
        assertThat(path.toAbsolutePath().normalize()).isEqualTo(path);
        assertThat(folder().resolve("x/../a//b.txt").normalize()).isEqualTo(path).hasSameHashCodeAs(path);
        assertThat(file("a")).isLessThan(file("b"));
        assertThat(folder().getFileSystem().getPath("/").resolve(path)).isEqualTo(path);
    }
}
