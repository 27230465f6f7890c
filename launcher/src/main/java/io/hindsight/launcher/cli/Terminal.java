package io.hindsight.launcher.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where a command writes: results to {@code out}, everything else to {@code err}. Immutable.
 *
 * @param out results only, so that it can be piped
 * @param err progress, notes and errors
 * @param outInteractive whether a person looks at {@code out}
 * @param errInteractive whether a person looks at {@code err}: then progress may redraw its line
 */
public record Terminal(PrintStream out, PrintStream err, boolean outInteractive, boolean errInteractive) {
    /** The process's own streams. */
    public static Terminal ofProcess() {
        return new Terminal(System.out, System.err, interactive(1), interactive(2));
    }

    /** Asks {@code /proc}: the JDK tells only whether input and output together are a terminal. */
    private static boolean interactive(int descriptor) {
        String target = target(Path.of("/proc/self/fd/" + descriptor));
        if (target != null) {
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        }
        return Objects.requireNonNull(System.console()).isTerminal();
    }

    private static @Nullable String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException | UnsupportedOperationException notLinux) {
            return null;
        }
    }
}
