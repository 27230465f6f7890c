package io.hindsight.system;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assertions;

/** {@code hindsight up} in a process of its own, on a port of its own, recording the loopback interface. */
final class RunningHub implements AutoCloseable {
    private static final String READY = "ready ";
    private static final Duration START_TIMEOUT = Duration.ofMinutes(3);
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(30);

    private final Process process;
    private final BufferedReader output;
    private final String url;

    private RunningHub(Process process, BufferedReader output, String url) {
        this.process = process;
        this.output = output;
        this.url = url;
    }

    /** Returns once it has said that it is ready. */
    static RunningHub start(Path data, String... more) {
        try {
            List<String> command =
                    PackagedProgram.command(
                            "up",
                            "--data",
                            data.toString(),
                            "--port",
                            "0",
                            "--interface",
                            "lo",
                            "--storage-size",
                            "64Mi",
                            "--slot-size",
                            "1Mi");
            command.addAll(List.of(more));
            Files.createDirectories(data);
            Path log = data.resolveSibling(data.getFileName() + ".log");
            Process process = new ProcessBuilder(new ArrayList<>(command)).redirectError(log.toFile()).start();
            BufferedReader output =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            String line =
                    CompletableFuture.supplyAsync(() -> firstLine(output))
                            .completeOnTimeout(
                                    "(nothing within " + START_TIMEOUT + ")",
                                    START_TIMEOUT.toSeconds(),
                                    TimeUnit.SECONDS)
                            .join();
            if (!line.startsWith(READY)) {
                process.destroyForcibly();
                Assertions.fail("It said \"" + line + "\". Its log:\n" + Files.readString(log));
            }
            return new RunningHub(process, output, line.substring(READY.length()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String firstLine(BufferedReader output) {
        try {
            String line = output.readLine();
            return line == null ? "(ended)" : line;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String url() {
        return url;
    }

    int port() {
        return Integer.parseInt(url.substring(url.lastIndexOf(':') + 1));
    }

    /** SIGTERM; its exit code, and whether it has written nothing more to its output. */
    int stop() throws InterruptedException, IOException {
        process.toHandle().destroy(); // Process.destroy would close the output, which is read below
        Assertions.assertTrue(process.waitFor(STOP_TIMEOUT.toSeconds(), TimeUnit.SECONDS), "It does not stop.");
        Assertions.assertNull(output.readLine(), "Only the ready line goes to the output.");
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
