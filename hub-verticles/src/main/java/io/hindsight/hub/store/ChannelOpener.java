package io.hindsight.hub.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Creates files and opens them for writing. Tests put channels in between that fail as disks do. */
@FunctionalInterface
public interface ChannelOpener {
    /** Real files; one that exists is an error. */
    ChannelOpener FILES = file -> FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);

    /** Creates and opens. */
    FileChannel create(Path file) throws IOException;

    /** Opens a file that is there, to read it and go on writing. */
    default FileChannel reopen(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }
}
