package io.hindsight.hub.testing;

import io.hindsight.testing.Root;
import io.hindsight.testing.ToolResult;
import io.hindsight.testing.Tools;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** Network namespaces with servers, clients and {@code tcpdump} in them; all gone when closed. Needs root. */
public final class TrafficLab implements AutoCloseable {
    private static final AtomicInteger COUNTER = new AtomicInteger();
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** tcpdump has written what came within this time. */
    private static final Duration QUIET = Duration.ofMillis(200);

    private final Path folder;
    private final List<String> namespaces = new ArrayList<>();
    private final List<Process> programs = new ArrayList<>();
    private final Map<Path, Process> captures = new LinkedHashMap<>();

    /** Keeps what programs say in the folder. */
    public TrafficLab(Path folder) {
        Root.require("network namespaces");
        Tools.require("ip", "tcpdump", "tshark", "curl", "python3");
        this.folder = folder;
    }

    /** A new namespace, loopback up. */
    public String namespace() {
        String name = "hf" + ProcessHandle.current().pid() + "-" + COUNTER.incrementAndGet();
        Tools.run("ip", "netns", "add", name).succeeded();
        namespaces.add(name);
        run(name, "ip", "link", "set", "lo", "up");
        return name;
    }

    /** In the order in which they were made. */
    public List<String> namespaces() {
        return List.copyOf(namespaces);
    }

    /** A pair of interfaces {@code veth0} with addresses of their own network: 10.9.0.1 and fd09::1 here, 2 there. */
    public void connect(String here, String there) {
        run(here, "ip", "link", "add", "veth0", "type", "veth", "peer", "name", "veth0", "netns", there);
        address(here, 1);
        address(there, 2);
    }

    private void address(String namespace, int last) {
        run(namespace, "ip", "address", "add", "10.9.0." + last + "/24", "dev", "veth0");
        run(namespace, "ip", "address", "add", "fd09::" + last + "/64", "dev", "veth0", "nodad");
        run(namespace, "ip", "link", "set", "veth0", "up");
    }

    /** Runs a program to its successful end. */
    public ToolResult run(String namespace, String... command) {
        return attempt(namespace, command).succeeded();
    }

    /** Runs a program to its end, whatever comes of it. */
    public ToolResult attempt(String namespace, String... command) {
        return Tools.run(within(namespace, command).toArray(String[]::new));
    }

    private static List<String> within(String namespace, String... command) {
        return Stream.concat(Stream.of("ip", "netns", "exec", namespace), Stream.of(command)).toList();
    }

    /** Starts a program that goes on; what it says goes to the file. */
    public Process start(String namespace, Path says, String... command) {
        try {
            Process program =
                    new ProcessBuilder(within(namespace, command))
                            .redirectInput(new File("/dev/null"))
                            .redirectErrorStream(true)
                            .redirectOutput(says.toFile())
                            .start();
            programs.add(program);
            return program;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Serves the lab's folder over HTTP, until the lab is closed. */
    public void serve(String namespace, String address, int port) {
        start(
                namespace,
                folder.resolve("http-" + namespace + "-" + port),
                "python3",
                "-m",
                "http.server",
                "--bind",
                address,
                "--directory",
                folder.toString(),
                Integer.toString(port));
        awaitListener(namespace, port);
    }

    /** Waits until a server listens on a TCP port. */
    public void awaitListener(String namespace, int port) {
        await("a server on port " + port)
                .until(() -> run(namespace, "ss", "-Hltn", "sport = :" + port).stdout().contains(":" + port));
    }

    private static org.awaitility.core.ConditionFactory await(String what) {
        return Awaitility.await(what).atMost(PATIENCE).pollInterval(Duration.ofMillis(20));
    }

    /** Captures at an interface, from now on until {@link #stopCaptures}. */
    public void capture(String namespace, String networkInterface, Path file, String... options) {
        Path says = folder.resolve(file.getFileName() + ".log");
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "tcpdump",
                                "-i",
                                networkInterface,
                                "-n",
                                "-U",
                                "--immediate-mode",
                                "-B",
                                "8192",
                                "-Z",
                                "root",
                                "--time-stamp-precision=nano",
                                "-w",
                                file.toString()));
        command.addAll(List.of(options));
        captures.put(file, start(namespace, says, command.toArray(String[]::new)));
        await("capture of " + networkInterface).until(() -> Files.readString(says).contains("listening on"));
    }

    /** Ends the captures once nothing more comes. */
    public void stopCaptures() {
        AtomicLong before = new AtomicLong(-1);
        await("quiet")
                .pollInterval(QUIET)
                .until(() -> {
                    long now = capturedBytes();
                    return before.getAndSet(now) == now;
                });
        captures.values().forEach(Process::destroy);
        captures.values().forEach(TrafficLab::awaitEnd);
        captures.clear();
    }

    private long capturedBytes() throws IOException {
        long bytes = 0;
        for (Path file : captures.keySet()) {
            bytes += Files.size(file);
        }
        return bytes;
    }

    private static void awaitEnd(Process program) {
        try {
            if (!program.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError(program + " does not end");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        programs.forEach(Process::destroy);
        programs.forEach(TrafficLab::awaitEnd);
        namespaces.forEach(name -> Tools.run("ip", "netns", "delete", name).succeeded());
    }
}
