package io.hindsight.agent.os;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A real process of a test's own, ended with it. */
final class Child implements AutoCloseable {
    private final Process process;
    private final BufferedReader output;

    Child(String... command) throws IOException {
        this(List.of(command));
    }

    Child(List<String> command) throws IOException {
        process = new ProcessBuilder(command).redirectError(new File("/dev/null")).start();
        output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    int pid() {
        return (int) process.pid();
    }

    /** The next line that it prints. */
    String line() throws IOException {
        return String.valueOf(output.readLine());
    }

    /** Its input is over. */
    void endInput() throws IOException {
        process.getOutputStream().close();
    }

    int exitStatus() throws InterruptedException {
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            throw new AssertionError(process + " did not end.");
        }
        return process.exitValue();
    }

    void kill() {
        process.destroyForcibly();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }
}
