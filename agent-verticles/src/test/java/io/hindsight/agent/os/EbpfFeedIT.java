package io.hindsight.agent.os;

import static io.hindsight.agent.os.FeedReader.ofProcess;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.agent.capture.NetworkNamespace;
import io.hindsight.api.NodeStatus.ProgramStatus;
import io.hindsight.event.OsEvent;
import io.hindsight.event.OsEvent.Kind;
import io.hindsight.event.OsEvent.ProcessInfo;
import io.hindsight.event.OsEvent.SocketInfo;
import io.hindsight.testing.Root;
import io.hindsight.testing.Tools;
import io.hindsight.time.EpochNanos;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real programs, real sockets, this machine's kernel. Other processes of the machine are in the events too: each test looks for its own. */
class EbpfFeedIT {
    /** Serves one connection, tells its port first, and lives until its standard input ends. */
    private static final String SERVER =
            """
            import socket, sys
            family = socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET
            server = socket.socket(family)
            server.bind((sys.argv[1], 0))
            server.listen()
            print(server.getsockname()[1], flush=True)
            connection, _ = server.accept()
            connection.recv(1000)
            connection.send(b'HTTP/1.0 200 OK\\r\\n\\r\\nhello')
            connection.close()
            sys.stdin.read()
            """;

    private static EbpfFeed feed;
    private static FeedReader events;

    @BeforeAll
    static void open() {
        Root.require("programs in the kernel");
        Tools.require("python3", "curl");
        feed = EbpfFeed.open();
        events = new FeedReader(feed);
    }

    @AfterAll
    static void close() {
        if (feed != null) {
            feed.close();
        }
    }

    @Test
    void shouldAttachEveryProgram() {
        assertThat(feed.programs())
                .extracting(ProgramStatus::name)
                .containsExactlyInAnyOrder(
                        "process_fork",
                        "process_exec",
                        "process_exit",
                        "oom_kill",
                        "tcp_state",
                        "tcp_accept",
                        "tcp_accept4");
        assertThat(feed.programs()).allSatisfy(program -> assertThat(program.attached()).as("%s", program).isTrue());
    }

    @Test
    void shouldTellOfAProgramFromForkToExit() throws IOException, InterruptedException {
        long before = EpochNanos.of(Instant.now());
        Process shell = start("sh", "-c", "/bin/sh -c 'exit 7' name 'ärgu ment'; exit 3");
        shell.waitFor();
        OsEvent exit = events.await(Kind.EXIT, ofProcess(shell.pid()));
        long after = EpochNanos.of(Instant.now());

        OsEvent fork = events.await(Kind.FORK, event -> parentOf(event) == shell.pid());
        ProcessInfo child = process(fork);
        assertThat(child.command()).isEqualTo("sh");
        assertThat(child.tid()).isEqualTo(child.pid());
        assertThat(child.uid()).isZero();
        assertThat(child.cgroup()).isNull();
        assertThat(Objects.requireNonNull(child.startedNs())).isBetween(before, fork.timeNs());

        OsEvent exec = events.await(Kind.EXEC, ofProcess(child.pid()));
        assertThat(exec.arguments()).containsExactly("/bin/sh", "-c", "exit 7", "name", "ärgu ment");
        assertThat(exec.argumentsCut()).isFalse();

        OsEvent childExit = events.await(Kind.EXIT, ofProcess(child.pid()));
        assertThat(childExit.exitCode()).isEqualTo(7);
        assertThat(exit.exitCode()).isEqualTo(3);
        assertThat(exit.signal()).isNull();
        assertThat(List.of(before, fork.timeNs(), exec.timeNs(), childExit.timeNs(), exit.timeNs(), after)).isSorted();
    }

    @Test
    void shouldTellWhichSignalEndedAProcess() throws IOException, InterruptedException {
        Process shell = start("sh", "-c", "kill -KILL $$");
        shell.waitFor();
        OsEvent exit = events.await(Kind.EXIT, ofProcess(shell.pid()));
        assertThat(exit.signal()).isEqualTo(9);
        assertThat(exit.exitCode()).isNull();
    }

    /** Threads that end at the same time each find that none is left. */
    @Test
    void shouldTellOfTheEndOfAProcessOnceWhateverItsThreads() throws IOException, InterruptedException {
        String families =
                """
                import os, threading, time
                for i in range(100):
                    if os.fork() == 0:
                        for j in range(16): threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
                        os._exit(5)
                for i in range(100): os.wait()
                """;
        Process python = start("python3", "-c", families);
        assertThat(python.waitFor()).isZero();
        events.await(Kind.EXIT, ofProcess(python.pid()));
        List<OsEvent> exits =
                events.seen(event ->
                        event.kind() == Kind.EXIT
                                && parentOf(event) == python.pid()
                                && Integer.valueOf(5).equals(event.exitCode()));
        assertThat(exits).hasSize(100).extracting(FeedReader::pidOf).doesNotHaveDuplicates();
        assertThat(events.seen(event -> event.kind() == Kind.FORK))
                .as("threads are no processes")
                .allSatisfy(event -> assertThat(process(event).pid()).isEqualTo(process(event).tid()));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 150, 400, 900, 2_000, 100_000})
    void shouldTellArgumentsUpToTheirBound(int length) throws IOException, InterruptedException {
        String argument = "x".repeat(length);
        Process program = start("true", argument);
        program.waitFor();
        OsEvent exec =
                events.await(
                        Kind.EXEC,
                        event -> ofProcess(program.pid()).test(event) && firstArgument(event).equals("true"));
        List<String> arguments = Objects.requireNonNull(exec.arguments());
        boolean cut = length > 2_040;
        assertThat(exec.argumentsCut()).isEqualTo(cut);
        assertThat(arguments).hasSize(2).last().isEqualTo(cut ? "x".repeat(2_048 - "true\0".length()) : argument);
    }

    /** On loopback the server's socket changes its state within the client's system calls; the accept side must be the server's all the same. */
    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void shouldNameBothProcessesOfAConnection(String address) throws IOException, InterruptedException {
        Process server = start("python3", "-c", SERVER, address);
        try (BufferedReader output = server.inputReader(StandardCharsets.UTF_8)) {
            int port = Integer.parseInt(output.readLine());
            Process client = start("curl", "-s", "http://" + host(address) + ":" + port);
            assertThat(client.waitFor()).isZero();

            OsEvent connect = events.await(Kind.CONNECT, ofProcess(client.pid()));
            OsEvent accept = events.await(Kind.ACCEPT, ofProcess(server.pid()));
            assertThat(process(connect).command()).isEqualTo("curl");
            assertThat(process(accept).command()).startsWith("python");
            SocketInfo there = socket(connect);
            SocketInfo here = socket(accept);
            assertThat(there.protocol()).isEqualTo("tcp");
            assertThat(there.state()).isEqualTo("ESTABLISHED");
            assertThat(there.oldState()).isNull();
            assertThat(there.remotePort()).isEqualTo(port);
            assertThat(List.of(there.localAddress(), there.remoteAddress())).containsOnly(address);
            assertThat(here.localAddress()).isEqualTo(address);
            assertThat(here.localPort()).isEqualTo(port);
            assertThat(here.remotePort()).isEqualTo(there.localPort()).isPositive();
            assertThat(there.netns()).isEqualTo(here.netns()).isEqualTo(netns("/proc/self/ns/net"));

            OsEvent listen =
                    events.await(
                            Kind.STATE, event -> localPort(event) == port && socket(event).state().equals("LISTEN"));
            assertThat(FeedReader.pidOf(listen)).isEqualTo(server.pid());
            assertThat(socket(listen).oldState()).isEqualTo("CLOSE");
            assertThat(socket(listen).remotePort()).isZero();
            shouldKnowTheOwnerUntilTheEnd(port, there.localPort(), server.pid(), client.pid());
        } finally {
            server.destroy();
            server.waitFor();
        }
        // A listening socket ends with its process: on some kernels before the process, on others after it.
        events.await(Kind.EXIT, ofProcess(server.pid()));
        events.await(
                Kind.CLOSE,
                event -> FeedReader.pidOf(event) == server.pid() && "LISTEN".equals(socket(event).oldState()));
    }

    private static void shouldKnowTheOwnerUntilTheEnd(int port, int clientPort, long server, long client) {
        events.await(Kind.CLOSE, event -> localPort(event) == port && remotePort(event) == clientPort);
        events.await(Kind.CLOSE, event -> localPort(event) == clientPort && remotePort(event) == port);
        List<OsEvent> changes =
                events.seen(event ->
                        event.kind() == Kind.CLOSE
                                && Stream.of(localPort(event), remotePort(event))
                                        .allMatch(one -> one == port || one == clientPort));
        assertThat(changes)
                .hasSize(2)
                .allSatisfy(event ->
                        assertThat(FeedReader.pidOf(event)).isEqualTo(localPort(event) == port ? server : client));
        // Before the server took it, the connection was nobody's: not the client's, in whose context it was made.
        assertThat(
                        events.seen(event ->
                                event.kind() == Kind.STATE
                                        && localPort(event) == port
                                        && socket(event).state().equals("ESTABLISHED")
                                        && remotePort(event) == clientPort))
                .singleElement()
                .satisfies(event -> assertThat(event.process()).isNull());
    }

    @Test
    void shouldTellOfARefusedConnectionInItsNamespace() throws IOException, InterruptedException {
        try (NetworkNamespace namespace = new NetworkNamespace()) {
            Process client =
                    start(
                            namespace
                                    .command("curl", "-s", "http://127.0.0.1:9")
                                    .toArray(String[]::new)); // "ip" becomes curl
            assertThat(client.waitFor()).isEqualTo(7);
            OsEvent connect = events.await(Kind.CONNECT, ofProcess(client.pid()));
            assertThat(socket(connect).state()).isEqualTo("CLOSE");
            assertThat(socket(connect).remotePort()).isEqualTo(9);
            assertThat(process(connect).command()).isEqualTo("curl");
            assertThat(socket(connect).netns())
                    .isEqualTo(netns("/run/netns/" + namespace.command("x").get(3)))
                    .isNotEqualTo(netns("/proc/self/ns/net"));
            assertThat(events.seen(ofProcess(client.pid()))).noneMatch(event -> event.kind() == Kind.CLOSE);
        }
    }

    @Test
    void shouldTellWhomTheKernelKillsForWantOfMemory() throws IOException, InterruptedException {
        try (SmallMemory group = SmallMemory.create()) {
            Process hog =
                    start(
                            "sh",
                            "-c",
                            "echo $$ > " + group.members() + " && exec python3 -c 'x = bytearray(300 << 20)'");
            hog.waitFor();
            OsEvent kill = events.await(Kind.OOM_KILL, ofProcess(hog.pid()));
            assertThat(kill.signal()).isEqualTo(9);
            assertThat(process(kill).command()).startsWith("python");
            assertThat(process(kill).parentPid()).isEqualTo((int) ProcessHandle.current().pid());
            assertThat(events.await(Kind.EXIT, ofProcess(hog.pid())).signal()).isEqualTo(9);
        }
    }

    @Test
    void shouldWaitNoLongerThanItsTimeout() {
        long start = System.nanoTime();
        feed.poll(event -> {}, 0);
        assertThat(System.nanoTime() - start).isLessThan(5_000_000_000L);
    }

    @Test
    void shouldFreeEverythingWhenClosed() throws IOException {
        EbpfFeed.open().close(); // what is opened once for the whole process is open now
        long descriptors = descriptors();
        long mappings = mappings();
        EbpfFeed second = EbpfFeed.open();
        assertThat(descriptors()).isGreaterThan(descriptors);
        assertThat(mappings()).isGreaterThan(mappings);
        second.close();
        second.close();
        assertThat(descriptors()).isEqualTo(descriptors);
        assertThat(mappings()).isEqualTo(mappings);
        assertThatThrownBy(() -> second.poll(event -> {}, 0)).isInstanceOf(IllegalStateException.class);
    }

    /** Descriptors of programs, maps and their links: other threads of the test's JVM open files too. */
    private static long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.filter(EbpfFeedIT::isOfThePrograms).count();
        }
    }

    private static boolean isOfThePrograms(Path descriptor) {
        try {
            String target = Files.readSymbolicLink(descriptor).toString();
            return target.contains("bpf") || target.contains("perf_event") || target.contains("btf");
        } catch (IOException closedMeanwhile) {
            return false;
        }
    }

    private static long mappings() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.filter(line -> line.contains("bpf-map")).count();
        }
    }

    private static long netns(String path) throws IOException {
        return (Long) Files.getAttribute(Path.of(path), "unix:ino");
    }

    private static Process start(String... command) throws IOException {
        return new ProcessBuilder(Arrays.asList(command)).start();
    }

    private static String host(String address) {
        return address.contains(":") ? "[" + address + "]" : address;
    }

    private static ProcessInfo process(OsEvent event) {
        return Objects.requireNonNull(event.process());
    }

    private static SocketInfo socket(OsEvent event) {
        return Objects.requireNonNull(event.socket());
    }

    private static int localPort(OsEvent event) {
        return event.socket() == null ? -1 : event.socket().localPort();
    }

    private static int remotePort(OsEvent event) {
        return event.socket() == null ? -1 : event.socket().remotePort();
    }

    private static long parentOf(OsEvent event) {
        return process(event).parentPid();
    }

    private static String firstArgument(OsEvent event) {
        List<String> arguments = event.arguments();
        return arguments == null || arguments.isEmpty() ? "" : arguments.getFirst();
    }
}
