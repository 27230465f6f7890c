package io.hindsight.system;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** A process with an {@link AgentFarm}. */
final class FarmProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader answers;
    private final Writer orders;

    /** Starts {@code count} agents from number {@code first} on; call {@link #awaitStarted}. */
    FarmProcess(String hub, Path folder, Path packets, int first, int count) throws IOException {
        process =
                new ProcessBuilder(
                                List.of(
                                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                        "--enable-native-access=ALL-UNNAMED",
                                        "-Xmx1g",
                                        "-XX:+UseSerialGC",
                                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                                        "-cp",
                                        System.getProperty("java.class.path"),
                                        AgentFarm.class.getName(),
                                        hub,
                                        folder.toString(),
                                        packets.toString(),
                                        "" + first,
                                        "" + count,
                                        PackagedProgram.version()))
                        .redirectError(folder.resolve("farm-" + first + ".log").toFile())
                        .start();
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        orders = process.outputWriter(StandardCharsets.UTF_8);
    }

    void awaitStarted() throws IOException {
        String line = answers.readLine();
        if (!"started".equals(line)) {
            throw new AssertionError("The farm said: " + line);
        }
    }

    /** Heartbeats that its agents sent, by the times in them. */
    long sent(long fromMs, long toMs) throws IOException {
        orders.write("sent " + fromMs + " " + toMs + "\n");
        orders.flush();
        return Long.parseLong(answers.readLine());
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
