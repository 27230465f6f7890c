package io.hindsight.system;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Makes system calls of a running process fail, or wait, where they concern certain paths, until closed. */
final class Strace implements AutoCloseable {
    private final Process strace;
    private final Path trace;

    /**
     * Returns when it traces every thread of the process.
     *
     * @param calls separated by commas
     * @param error an {@code errno} by name
     * @param path of the file or folder; it need not exist yet
     */
    Strace(Path folder, ProcessHandle process, String calls, String error, Path path) throws IOException {
        this(folder, process, calls, "error=" + error, List.of(path));
    }

    /**
     * As above, with several paths and whatever strace can do to a call.
     *
     * @param injection in strace's own words, for example {@code delay_exit=1000}, in microseconds
     */
    Strace(Path folder, ProcessHandle process, String calls, String injection, List<Path> paths) throws IOException {
        trace = Files.createTempFile(folder, "strace", ".trace");
        List<String> command = new ArrayList<>(List.of("strace", "-f", "-p", "" + process.pid()));
        paths.forEach(path -> command.addAll(List.of("-P", path.toString())));
        command.addAll(List.of("-e", "trace=" + calls, "-e", "inject=" + calls + ":" + injection));
        command.addAll(List.of("-o", trace.toString()));
        strace =
                new ProcessBuilder(command)
                        .redirectError(Files.createTempFile(folder, "strace", ".stderr").toFile())
                        .start();
        await().until(() -> tracesAllOf(process) || !strace.isAlive());
    }

    private static boolean tracesAllOf(ProcessHandle process) throws IOException {
        try (Stream<Path> threads = Files.list(Path.of("/proc/" + process.pid() + "/task"))) {
            return threads.allMatch(Strace::isTraced);
        }
    }

    private static boolean isTraced(Path thread) {
        try {
            return Files.readAllLines(thread.resolve("status")).stream()
                    .anyMatch(line -> line.startsWith("TracerPid:") && !line.endsWith("\t0"));
        } catch (IOException ended) {
            return true; // the thread is gone
        }
    }

    /** Whether a call has been made to fail. */
    boolean hasStruck() throws IOException {
        return Files.readString(trace).contains("(INJECTED)");
    }

    /** What was traced, for messages. */
    String text() throws IOException {
        return Files.readString(trace);
    }

    /** Lets the process go. */
    @Override
    public void close() throws IOException {
        strace.destroy();
        try {
            if (!strace.waitFor(20, TimeUnit.SECONDS)) {
                throw new IOException("strace does not let go");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
