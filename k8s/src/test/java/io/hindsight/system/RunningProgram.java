package io.hindsight.system;

import static org.awaitility.Awaitility.await;

import io.hindsight.hub.store.ImmutableFlag;
import io.hindsight.testing.Root;
import io.hindsight.testing.ToolResult;
import io.hindsight.testing.Tools;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A running {@code hindsight up}, {@code hub} or {@code agent}, and the clients that speak with it from where it runs. */
final class RunningProgram implements AutoCloseable {
    private static final Duration START_PATIENCE = Duration.ofMinutes(2);
    private static final String READY = "ready ";

    /** Before a command: runs it as a user without any privilege. */
    static final List<String> AS_NOBODY =
            List.of(
                    "setpriv",
                    "--reuid=65534",
                    "--regid=65534",
                    "--clear-groups",
                    "--inh-caps=-all",
                    "--bounding-set=-all");

    private final @Nullable NetworkNamespace namespace;
    private final Path stdout;
    private final Path stderr;
    private final Process process;
    private final Path data;
    private final String ready;
    private boolean volumeLost;

    private RunningProgram(
            @Nullable NetworkNamespace namespace,
            List<String> prefix,
            Path data,
            String role,
            List<String> heap,
            List<String> options)
            throws IOException {
        this.namespace = namespace;
        this.data = data;
        ready = role.equals("agent") ? "recording " : READY;
        stdout = Files.createTempFile(data.getParent(), role + "-", ".stdout");
        stderr = Files.createTempFile(data.getParent(), role + "-", ".stderr");
        List<String> arguments = new ArrayList<>(List.of(role, "--data", data.toString()));
        arguments.addAll(options);
        List<String> command = new ArrayList<>(prefix);
        command.addAll(PackagedProgram.command(heap, arguments));
        process = new ProcessBuilder(command).redirectOutput(stdout.toFile()).redirectError(stderr.toFile()).start();
    }

    /** Starts {@code up} on a free port; returns when it says that it is ready. */
    static RunningProgram up(NetworkNamespace namespace, Path data, String... options) throws IOException {
        return up(namespace, namespace.command(List.of()), data, options);
    }

    /** Starts {@code up} where the test runs: an API server in its process can be reached. */
    static RunningProgram upHere(Path data, String... options) throws IOException {
        return up(null, List.of(), data, options);
    }

    /** Starts {@code up} as a user without any privilege. */
    static RunningProgram upAsNobody(Path data, String... options) throws IOException {
        return up(null, AS_NOBODY, data, options);
    }

    private static RunningProgram up(
            @Nullable NetworkNamespace namespace, List<String> prefix, Path data, String... options)
            throws IOException {
        List<String> all = new ArrayList<>(List.of("--port", "0"));
        all.addAll(List.of(options));
        return new RunningProgram(namespace, prefix, data, "up", PackagedProgram.HUB_OPTIONS, all).awaitReady();
    }

    /** Starts a Hub of its own; call {@link #awaitReady}. */
    static RunningProgram hub(NetworkNamespace namespace, Path data, List<String> options) throws IOException {
        return new RunningProgram(
                namespace, namespace.command(List.of()), data, "hub", PackagedProgram.HUB_OPTIONS, options);
    }

    /** Starts an agent of its own; call {@link #awaitReady}. */
    static RunningProgram agent(NetworkNamespace namespace, Path data, List<String> options) throws IOException {
        return new RunningProgram(
                namespace, namespace.command(List.of()), data, "agent", PackagedProgram.AGENT_OPTIONS, options);
    }

    /** Starts a Hub of its own where the test runs, on a free port; returns when it says that it is ready. */
    static RunningProgram hubHere(Path data, List<String> options) throws IOException {
        return hubHere(data, 0, options);
    }

    /** The same on this port. */
    static RunningProgram hubHere(Path data, int port, List<String> options) throws IOException {
        List<String> all = new ArrayList<>(List.of("--port", "" + port));
        all.addAll(options);
        return new RunningProgram(null, List.of(), data, "hub", PackagedProgram.HUB_OPTIONS, all).awaitReady();
    }

    /** Starts an agent of its own where the test runs; call {@link #awaitReady}. */
    static RunningProgram agentHere(Path data, List<String> options) throws IOException {
        return new RunningProgram(null, List.of(), data, "agent", PackagedProgram.AGENT_OPTIONS, options);
    }

    /** Waits until it says that it serves, or records; ends it where it does not. */
    RunningProgram awaitReady() throws IOException {
        try {
            await().atMost(START_PATIENCE).until(() -> readyLine().isPresent() || !process.isAlive());
            if (readyLine().isEmpty()) {
                throw new AssertionError("it ended: " + stderr());
            }
            return this;
        } catch (IOException | RuntimeException | AssertionError failed) {
            close();
            throw failed;
        }
    }

    private Optional<String> readyLine() throws IOException {
        return Files.readString(stdout).lines().filter(line -> line.startsWith(ready)).findFirst();
    }

    /** Where the API answers, as the program says. */
    String address() throws IOException {
        return readyLine().orElseThrow().substring(READY.length());
    }

    /** All that it wrote on its standard output. */
    String stdout() throws IOException {
        return Files.readString(stdout);
    }

    /** Its log. */
    String stderr() throws IOException {
        return Files.readString(stderr);
    }

    /** Its data folder. */
    Path data() {
        return data;
    }

    /** The folder of a snapshot. */
    Path snapshotFolder(String id) {
        return data.resolve("snapshots").resolve(id);
    }

    /** The program's own process: wrappers have replaced themselves by it. */
    Process process() {
        return process;
    }

    /** Speaks HTTP with it. */
    Api api() throws IOException {
        return new Api(namespace, address());
    }

    /** Runs a client command against it. */
    ToolResult client(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(arguments));
        command.addAll(List.of("--hub", address()));
        List<String> plain = PackagedProgram.command(command.toArray(String[]::new));
        List<String> placed = namespace == null ? plain : namespace.command(plain);
        return Tools.run(placed.toArray(String[]::new));
    }

    /** Waits until it has recorded this many packets since its start. */
    void awaitRecorded(long packets) throws IOException {
        await().atMost(START_PATIENCE).until(() -> recorded() >= packets);
    }

    /** How many packets it has recorded since its start. */
    long recorded() throws IOException {
        return api().source().getLong("records");
    }

    /** Sends it a signal, by name. */
    void signal(String name) {
        Tools.run("kill", "-" + name, "" + process.pid()).succeeded();
    }

    /** SIGTERM, or SIGKILL; returns its exit code. */
    int end(boolean forcibly) throws InterruptedException {
        if (forcibly) {
            process.destroyForcibly();
        } else {
            process.destroy();
        }
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            throw new AssertionError("still running 20 s after the signal");
        }
        return process.exitValue();
    }

    /** SIGKILL, and the end of the process, on a volume that can no longer be read. */
    void killOnLostVolume() {
        volumeLost = true;
        kill();
    }

    private void kill() {
        process.destroyForcibly();
        process.onExit().orTimeout(20, TimeUnit.SECONDS).join();
    }

    /** Ends it, however it stands, and lets the test delete what it left. */
    @Override
    public void close() {
        kill();
        makeDeletable();
    }

    private void makeDeletable() {
        try {
            if (!volumeLost && Root.isRoot() && Files.isDirectory(data)) {
                ImmutableFlag.clearTree(data);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
