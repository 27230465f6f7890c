package io.hindsight.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assertions;

/** Runs the real programs of the field: tshark, capinfos, editcap, mergecap, tcpdump, ip. */
public final class Tools {
    /** After which a program is killed and the test fails. */
    public static final Duration TIMEOUT = Duration.ofSeconds(60);

    private Tools() {}

    /** Skips the test where one of the programs is not on the path; with {@code CI=true} in the environment fails it. */
    public static void require(String... programs) {
        for (String program : programs) {
            Guards.require(isPresent(program), "needs the program " + program);
        }
    }

    /** Skips the test where what it needs could not be prepared, as {@link #require(String...)} does where a program is missing. */
    public static void require(ToolResult prepared, String purpose) {
        Guards.require(prepared.exit() == 0, purpose + ": " + prepared.stderr());
    }

    /** Whether the program is on the path; one that is named by its own path: whether it is there. */
    public static boolean isPresent(String program) {
        if (program.contains("/")) {
            return Files.isExecutable(Path.of(program));
        }
        String path = System.getenv().getOrDefault("PATH", "/usr/bin:/bin");
        return Arrays.stream(path.split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    /** Runs a program to its end, within {@link #TIMEOUT}. Standard input is empty. */
    public static ToolResult run(String... command) {
        return run(TIMEOUT, command);
    }

    /** Runs a program to its end; one that takes longer is killed and the test fails. Its absence is treated as by {@link #require}. */
    public static ToolResult run(Duration timeout, String... command) {
        require(command[0]);
        try {
            Path folder = Files.createTempDirectory("hindsight-tool");
            try {
                return run(folder, timeout, List.of(command));
            } finally {
                Files.deleteIfExists(folder.resolve("stdout"));
                Files.deleteIfExists(folder.resolve("stderr"));
                Files.delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("Interrupted while waiting for " + command[0], e);
        }
    }

    // Output goes to files: a pipe that nobody empties would stop the program.
    private static ToolResult run(Path folder, Duration timeout, List<String> command)
            throws IOException, InterruptedException {
        Path stdout = folder.resolve("stdout");
        Path stderr = folder.resolve("stderr");
        Process process =
                new ProcessBuilder(command)
                        .redirectInput(new File("/dev/null"))
                        .redirectOutput(stdout.toFile())
                        .redirectError(stderr.toFile())
                        .start();
        try {
            boolean ended = process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
            Assertions.assertTrue(ended, () -> command + " did not end within " + timeout);
            return new ToolResult(command, process.exitValue(), Files.readAllBytes(stdout), Files.readString(stderr));
        } finally {
            process.destroyForcibly();
        }
    }
}
