package io.hindsight.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Runs a Hub, an agent that records the loopback interface for it, and the clients, once, with the image's own runtime and jars; each then
 * stores the classes that it loaded and linked (JEP 483, 514, 515). The JVM takes a cache only with the same runtime, jars, and options of
 * the role, and does without where anything differs.
 */
final class StartupCaches {
    /** What a client ends with where a snapshot lacks something. */
    private static final int PARTIAL = 4;

    private static final String NAME = "training";

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final ImageOptions options;
    private final Path scratch;

    StartupCaches(ImageOptions options) {
        this.options = options;
        this.scratch = options.output().resolve("training");
    }

    void train() throws IOException {
        Files.createDirectories(options.home().resolve("cache"));
        Path data = Files.createTempDirectory(Files.createDirectories(scratch), "run");
        Process hub = start("hub", data, List.of("hub", "--data", data.resolve("hub").toString(), "--port", "0"));
        try {
            String address = said(hub, data.resolve("hub.out"), "ready ");
            Process agent = start("agent", data, agent(data, address));
            try {
                said(agent, data.resolve("agent.out"), "recording ");
                freeze(address);
            } finally {
                agent.destroy();
            }
            require(agent, data.resolve("agent.out"));
        } finally {
            hub.destroy();
        }
        Command.run(command("client", true, List.of("train")));
        require(hub, data.resolve("hub.out"));
    }

    /** The window may begin before the agent did: partial then, and as good for training. */
    private void freeze(String hub) throws IOException {
        List<String> create = List.of("snapshot", "create", "--name", NAME, "--last", "1s", "--wait", "--hub", hub);
        Command.run(command("client", false, create), Set.of(0, PARTIAL));
        // Sealed by root it is immutable, and would stay in the way of whoever cleans up.
        Command.run(command("client", false, List.of("snapshot", "delete", NAME, "--hub", hub)));
    }

    private static List<String> agent(Path data, String hub) {
        return List.of(
                "agent",
                "--hub",
                hub,
                "--data",
                data.resolve("agent").toString(),
                "--interface",
                "lo",
                "--storage-size",
                "64Mi",
                "--slot-size",
                "1Mi");
    }

    private Process start(String role, Path data, List<String> arguments) throws IOException {
        Path output = data.resolve(role + ".out");
        return new ProcessBuilder(command(role, true, arguments))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }

    private List<String> command(String role, boolean store, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(JavaRuntime.java(options).toString());
        command.add("@" + options.home().resolve("jvm").resolve(role + ".args"));
        command.add("-Djava.library.path=" + options.home().resolve("native"));
        if (store) {
            command.add("-XX:AOTCacheOutput=" + options.home().resolve("cache").resolve(role + ".aot"));
        }
        command.add("-jar");
        command.add(options.home().resolve("lib/launcher.jar").toString());
        command.addAll(arguments);
        return command;
    }

    /** What follows the words with which it says that it runs. */
    private static String said(Process process, Path output, String words) throws IOException {
        Instant end = Instant.now().plus(PATIENCE);
        while (process.isAlive() && Instant.now().isBefore(end)) {
            Optional<String> line = Files.readString(output).lines().filter(each -> each.startsWith(words)).findFirst();
            if (line.isPresent()) {
                return line.get().substring(words.length());
            }
            pause(process);
        }
        throw new IOException("The training run did not say \"" + words + "\": " + Files.readString(output));
    }

    private static void pause(Process process) throws IOException {
        try {
            process.waitFor(Duration.ofMillis(50));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted.", interrupted);
        }
    }

    private static void require(Process process, Path output) throws IOException {
        int exit = Command.end(process);
        if (exit != 0) {
            throw new IOException("The training run ended with exit=" + exit + ": " + Files.readString(output));
        }
    }
}
