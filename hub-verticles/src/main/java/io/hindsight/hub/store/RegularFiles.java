package io.hindsight.hub.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * Opens files of a snapshot's folder for reading. A folder that comes from elsewhere may hold anything under a file's name: a symbolic link is not
 * followed, and a pipe, which would be waited for for ever, or a device is not opened.
 */
public final class RegularFiles {
    private RegularFiles() {}

    /**
     * Opens it.
     *
     * @throws FileSystemException where it is something else than a regular file; NoSuchFileException where nothing is there
     */
    public static FileChannel open(Path file) throws IOException {
        BasicFileAttributes attributes =
                Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!attributes.isRegularFile()) {
            throw new FileSystemException(file.toString(), null, "it is " + kind(attributes) + ", not a regular file");
        }
        return FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    }

    /** What stands there, for people. */
    public static String kind(BasicFileAttributes attributes) {
        if (attributes.isSymbolicLink()) {
            return "a symbolic link";
        }
        if (attributes.isDirectory()) {
            return "a folder";
        }
        return attributes.isRegularFile() ? "a regular file" : "a pipe, socket or device";
    }
}
