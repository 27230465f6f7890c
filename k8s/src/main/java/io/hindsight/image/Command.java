package io.hindsight.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Runs a program of the build machine, or of the image, to its end. */
final class Command {
    private static final int TIMEOUT_SECONDS = 120;

    private Command() {}

    /**
     * What it prints.
     *
     * @throws IOException where it fails: with all that it printed
     */
    static String run(List<String> command) throws IOException {
        return run(command, Set.of(0));
    }

    /** The same where other ends are as good. */
    static String run(List<String> command, Set<Integer> good) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int exit = end(process);
        if (!good.contains(exit)) {
            throw new IOException(String.join(" ", command) + " failed with exit=" + exit + ": " + output);
        }
        return output;
    }

    /** Waits for the end of a process that was told to end. */
    static int end(Process process) throws IOException {
        try {
            if (process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                return process.exitValue();
            }
            process.destroyForcibly();
            throw new IOException(
                    "The command " + process.info().command().orElse("") + " ran for " + TIMEOUT_SECONDS + " s.");
        } catch (InterruptedException interrupted) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted.", interrupted);
        }
    }
}
