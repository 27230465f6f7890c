package io.hindsight.launcher.client;

import io.hindsight.error.ErrorCode;
import io.hindsight.launcher.cli.CommandFailure;
import io.hindsight.launcher.cli.Terminal;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Where an export goes: a file that appears under its name only when it is whole (written under a hidden name beside it, then renamed), or
 * the standard output. A file that exists is replaced only if asked for. Close it whether or not it was {@link #finish}ed.
 */
public final class ExportTarget implements AutoCloseable {
    /** What {@code -o -} means. */
    static final String STANDARD_OUTPUT = "-";

    private static final int BUFFER_BYTES = 256 << 10;

    private final @Nullable Path file;
    private final @Nullable Path hidden;
    private final boolean replace;
    private final OutputStream out;
    private final Thread cleanup = new Thread(this::deleteHidden, "export-cleanup");

    private ExportTarget(@Nullable Path file, @Nullable Path hidden, boolean replace, OutputStream out) {
        this.file = file;
        this.hidden = hidden;
        this.replace = replace;
        this.out = out;
        Runtime.getRuntime().addShutdownHook(cleanup);
    }

    /** Refuses a file that exists, and a terminal, before anything is read. */
    static void check(@Nullable String output, Terminal terminal, boolean replace) {
        if (STANDARD_OUTPUT.equals(output)) {
            if (terminal.outInteractive()) {
                throw CommandFailure.of(
                        ErrorCode.INVALID_CONFIGURATION,
                        "A capture file does not go to a terminal. Name a file with -o FILE, or pipe the output.");
            }
        } else if (output != null) {
            checkFile(Path.of(output), replace);
        }
    }

    private static void checkFile(Path file, boolean replace) {
        if (Files.exists(file) && !Files.isDirectory(file) && !replace) {
            throw exists(file);
        }
        Path folder = folder(file);
        if (!Files.isDirectory(folder)) {
            throw CommandFailure.of(ErrorCode.IO_FAILED, "The folder " + folder + " does not exist.");
        }
    }

    /** Opens it; {@code suggestedName} is used where {@code output} is absent or a folder. */
    public static ExportTarget open(@Nullable String output, String suggestedName, Terminal terminal, boolean replace)
            throws IOException {
        check(output, terminal, replace);
        if (STANDARD_OUTPUT.equals(output)) {
            return new ExportTarget(null, null, replace, new BufferedOutputStream(terminal.out(), BUFFER_BYTES));
        }
        Path named = output == null ? Path.of(suggestedName) : Path.of(output);
        Path file = Files.isDirectory(named) ? named.resolve(suggestedName) : named;
        checkFile(file, replace);
        return hidden(file, replace);
    }

    /** A file that replaces one of its name. */
    public static ExportTarget replacing(Path file) throws IOException {
        return hidden(file, true);
    }

    private static ExportTarget hidden(Path file, boolean replace) throws IOException {
        Path hidden = folder(file).resolve("." + file.getFileName() + "." + ProcessHandle.current().pid() + ".part");
        FileChannel channel =
                FileChannel.open(
                        hidden,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE);
        return new ExportTarget(file, hidden, replace, Channels.newOutputStream(channel));
    }

    private static Path folder(Path file) {
        Path parent = file.toAbsolutePath().getParent();
        return parent == null ? file.toAbsolutePath() : parent;
    }

    /** Where to write; not to be closed by the writer. */
    public OutputStream stream() {
        return out;
    }

    /** The file, for people; {@code standard output} where there is none. */
    public String name() {
        return file == null ? "standard output" : file.toString();
    }

    /** All was written: forces it to disk and gives it its name. */
    public void finish() throws IOException {
        out.flush();
        if (file == null || hidden == null) {
            return;
        }
        out.close();
        try (FileChannel written = FileChannel.open(hidden, StandardOpenOption.WRITE)) {
            written.force(true);
        }
        rename(hidden, file);
    }

    private void rename(Path from, Path to) throws IOException {
        if (replace) {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
            return;
        }
        try {
            Files.move(from, to);
        } catch (FileAlreadyExistsException appearedMeanwhile) {
            throw exists(to);
        }
    }

    private static CommandFailure exists(Path file) {
        return CommandFailure.of(ErrorCode.INVALID_CONFIGURATION, "The file " + file + " exists. --force replaces it.");
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            out.close();
        }
        deleteHidden();
        try {
            Runtime.getRuntime().removeShutdownHook(cleanup);
        } catch (IllegalStateException shuttingDown) {
            // The hook runs by itself then, and finds nothing left to do.
            cleanup.interrupt();
        }
    }

    private void deleteHidden() {
        try {
            if (hidden != null) {
                Files.deleteIfExists(hidden);
            }
        } catch (IOException notDeletable) {
            System.err.println("hindsight: cannot delete " + hidden + ": " + notDeletable.getMessage());
        }
    }
}
