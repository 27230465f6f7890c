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
 * Runs a Hub, an agent that records the loopback interface for it, and the clients, once, with one runtime and its jars; each then
 * stores the classes that it loaded and linked (JEP 483, 514, 515). The JVM takes a cache only with the same runtime, jars, and options of
 * the role, and does without where anything differs.
 */
public final class StartupCaches {
    /** What a client ends with where a snapshot lacks something. */
    private static final int PARTIAL = 4;

    private static final String NAME = "training";

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Program program;
    private final Path scratch;

    /**
     * What is run.
     *
     * @param java of the runtime
     * @param jvm folder with a file of options for each role
     * @param options more of them
     * @param jar with the class path
     * @param caches folder that gets a file {@code ROLE.aot} for each role
     */
    public record Program(Path java, Path jvm, List<String> options, Path jar, Path caches) {
        public Program {
            options = List.copyOf(options);
        }
    }

    /** {@code scratch}: a folder for what the training leaves. */
    public StartupCaches(Program program, Path scratch) {
        this.program = program;
        this.scratch = scratch;
    }

    /** Of the image that is put together there. */
    static StartupCaches of(ImageOptions options) {
        Path home = options.home();
        return new StartupCaches(
                new Program(
                        JavaRuntime.java(options),
                        home.resolve("jvm"),
                        List.of("-Djava.library.path=" + home.resolve("native")),
                        home.resolve("lib/launcher.jar"),
                        home.resolve("cache")),
                options.output().resolve("training"));
    }

    /** Makes all of them. Takes some seconds, and the right to record the loopback interface. */
    public void train() throws IOException {
        Files.createDirectories(program.caches());
        Path data = Files.createTempDirectory(Files.createDirectories(scratch), "run");
        Process hub = start("hub", data, List.of("hub", "--data", data.resolve("hub").toString(), "--port", "0"));
        try {
            String address = said(hub, data.resolve("hub.out"), "ready ");
            Process agent = start("agent", data, agent(data, address));
            try {
                said(agent, data.resolve("agent.out"), "recording ");
                freeze(agent, address);
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

    /** The window may begin before the agent did: partial then, and as good for training. An agent that records may still be on its way to the Hub. */
    private void freeze(Process agent, String hub) throws IOException {
        List<String> create = List.of("snapshot", "create", "--name", NAME, "--last", "1s", "--wait", "--hub", hub);
        Instant end = Instant.now().plus(PATIENCE);
        while (!linked(agent, hub) && Instant.now().isBefore(end)) {
            pause(agent);
        }
        Command.run(command("client", false, create), Set.of(0, PARTIAL));
        // Sealed by root it is immutable, and would stay in the way of whoever cleans up.
        Command.run(command("client", false, List.of("snapshot", "delete", NAME, "--hub", hub)));
    }

    private boolean linked(Process agent, String hub) throws IOException {
        return !agent.isAlive()
                || Command.run(command("client", false, List.of("nodes", "--json", "--hub", hub))).contains("\"node\"");
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
        command.add(program.java().toString());
        command.add("@" + program.jvm().resolve(role + ".args"));
        command.addAll(program.options());
        if (store) {
            command.add("-XX:AOTCacheOutput=" + program.caches().resolve(role + ".aot"));
        }
        command.add("-jar");
        command.add(program.jar().toString());
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
