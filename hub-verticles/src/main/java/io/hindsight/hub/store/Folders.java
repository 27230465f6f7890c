package io.hindsight.hub.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** What the store does to folders, with failures that name them. Blocks. */
public final class Folders {
    private Folders() {}

    /** Creates it and what is missing above it. */
    public static void create(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw IoFailures.of("create the folder", folder, e);
        }
    }

    /** Makes names in the folder survive a power cut. */
    public static void force(Path folder) {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            throw IoFailures.of("sync the folder", folder, e);
        }
    }

    /** In one step. */
    public static void rename(Path from, Path to) {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw IoFailures.of("rename to " + to.getFileName() + " the", from, e);
        }
    }

    /** Sets permissions, written as {@code r--r--r--}. */
    public static void permit(Path path, String permissions) {
        try {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
        } catch (IOException e) {
            throw IoFailures.of("set permissions of", path, e);
        }
    }

    /** What lies in it, by name. */
    public static List<Path> entries(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.sorted().toList();
        } catch (IOException e) {
            throw IoFailures.of("list the folder", folder, e);
        }
    }

    /** Writes a whole new file and forces it. */
    public static void write(Path file, byte[] content, ChannelOpener opener) {
        try (AppendFile created = new AppendFile(file, opener)) {
            created.append(ByteBuffer.wrap(content));
            created.force();
        }
    }

    /** Removes the folder and everything below it. Symbolic links are not followed. */
    public static void removeTree(Path folder) {
        try (Stream<Path> walk = Files.walk(folder)) {
            for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw IoFailures.of("remove the folder", folder, e);
        }
    }
}
