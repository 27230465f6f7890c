package io.hindsight.launcher.server;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A data folder that this process alone uses: two recorders in one ring would overwrite each other. The lock is the operating system's, so
 * it ends with the process, however that ends; the file stays, and names the process that holds, or last held, it.
 */
public final class DataDirectory implements AutoCloseable {
    private static final String LOCK_FILE = "lock";
    private static final int PID_LIMIT_BYTES = 32;

    private final Path directory;
    private final FileChannel channel;

    private DataDirectory(Path directory, FileChannel channel) {
        this.directory = directory;
        this.channel = channel;
    }

    /**
     * Makes the folder, if need be, and locks it.
     *
     * @throws HindsightException WRONG_STATE where another process uses it; IO_FAILED where it cannot be made or written to
     */
    public static DataDirectory open(Path directory) {
        try {
            Files.createDirectories(directory);
            FileChannel channel =
                    FileChannel.open(
                            directory.resolve(LOCK_FILE),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE);
            if (lock(channel) == null) {
                String holder = holder(channel);
                channel.close();
                throw inUse(directory, holder);
            }
            byte[] pid = Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.UTF_8);
            channel.truncate(0).write(ByteBuffer.wrap(pid), 0);
            return new DataDirectory(directory, channel);
        } catch (IOException refused) {
            throw new HindsightException(
                    ErrorCode.IO_FAILED,
                    "The data folder "
                            + directory
                            + " cannot be used ("
                            + refused.getClass().getSimpleName()
                            + ": "
                            + refused.getMessage()
                            + "). Name another with --data DIR.",
                    refused);
        }
    }

    private static @Nullable FileLock lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException sameProcess) {
            return null;
        }
    }

    private static String holder(FileChannel channel) throws IOException {
        ByteBuffer pid = ByteBuffer.allocate(PID_LIMIT_BYTES);
        channel.read(pid, 0);
        return new String(pid.array(), 0, pid.position(), StandardCharsets.UTF_8).strip();
    }

    private static HindsightException inUse(Path directory, String holder) {
        String process = holder.isEmpty() ? "another process" : "process " + holder;
        return new HindsightException(
                ErrorCode.WRONG_STATE,
                "The data folder "
                        + directory
                        + " is in use by "
                        + process
                        + ". Stop that one, or name another folder with --data DIR.");
    }

    /** The folder. */
    public Path path() {
        return directory;
    }

    /** Lets others use it. */
    @Override
    public void close() throws IOException {
        channel.close();
    }
}
