package io.hindsight.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.testing.Root;
import io.hindsight.testing.Tools;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which processes spoke, on the timeline of the packets: with the packaged program, and tshark as the witness. */
class EventsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int PORT = 8080;

    @TempDir private Path folder = Path.of(".");

    private final List<Process> processes = new ArrayList<>();
    private NetworkNamespace namespace;
    private RunningProgram program;

    @BeforeEach
    void start() throws IOException {
        Root.require("packet sockets and eBPF");
        Tools.require("tshark");
        namespace = new NetworkNamespace();
        program = RunningProgram.up(namespace, folder.resolve("data"), "--interface", "lo", "--os-events", "ebpf");
    }

    @AfterEach
    void close() {
        processes.forEach(Process::destroyForcibly);
        program.close();
        namespace.close();
    }

    private Process run(String... command) throws IOException {
        Process process =
                new ProcessBuilder(namespace.command(List.of(command)))
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        processes.add(process);
        return process;
    }

    private Process server() throws IOException {
        Process server = run("python3", "-m", "http.server", "" + PORT, "--bind", "127.0.0.1");
        await().atMost(PATIENCE)
                .until(() ->
                        Tools.run(namespace.command(List.of("ss", "-ltnH")).toArray(String[]::new))
                                .stdout()
                                .contains(":" + PORT));
        return server;
    }

    /** {@code ip netns exec} becomes the program that it starts. */
    private static long pid(Process process) {
        return process.pid();
    }

    private String snapshot(Instant from) throws IOException {
        JsonObject snapshot = program.api().snapshot(from, Instant.now().plusMillis(100));
        assertThat(snapshot.getString("state")).as(snapshot.encode()).isEqualTo("COMPLETE");
        return snapshot.getString("id");
    }

    private JsonObject flow(String id) throws IOException {
        JsonArray flows =
                program.api().request("GET", "snapshots/" + id + "/flows?port=" + PORT).json().getJsonArray("flows");
        assertThat(flows).as(flows.encode()).hasSize(1);
        return flows.getJsonObject(0);
    }

    private static List<String[]> tshark(Path file, String filter, String... fields) {
        List<String> command = new ArrayList<>(List.of("tshark", "-n", "-r", file.toString(), "-Y", filter));
        command.addAll(List.of("-T", "fields", "-E", "separator=/t"));
        for (String field : fields) {
            command.addAll(List.of("-e", field));
        }
        return Tools.run(command.toArray(String[]::new))
                .succeeded()
                .stdout()
                .lines()
                .map(line -> line.split("\t", -1))
                .toList();
    }

    @Test
    void shouldNameBothProcessesOfARequestAndShowTheirEventsBetweenItsPackets() throws Exception {
        Instant from = Instant.now();
        Process server = server();
        Process client = run("curl", "-sS", "http://127.0.0.1:" + PORT + "/");
        assertThat(client.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(client.exitValue()).isZero();
        program.awaitRecorded(8);
        String id = snapshot(from);

        JsonObject flow = flow(id);
        JsonObject asked = flow.getJsonObject("client").getJsonObject("process");
        JsonObject answered = flow.getJsonObject("server").getJsonObject("process");
        assertThat(asked.getString("command")).isEqualTo("curl");
        assertThat(asked.getLong("pid")).isEqualTo(pid(client));
        assertThat(answered.getString("command")).isEqualTo("python3");
        assertThat(answered.getLong("pid")).isEqualTo(pid(server));
        assertThat(flow.getJsonObject("server").getInteger("port")).isEqualTo(PORT);

        Path export = program.api().export(id, "", folder.resolve("all.pcapng"));
        List<String[]> frames =
                tshark(export, "frame", "frame.time_epoch", "frame.comment", "systemd_journal.message", "tcp.port");
        List<Double> times = frames.stream().map(frame -> Double.parseDouble(frame[0])).toList();
        assertThat(times).as("in order of time, to the microsecond of journal entries").isSorted();
        // The test asks the program over loopback too.
        List<String> comments =
                frames.stream().map(frame -> frame[1]).filter(comment -> comment.contains(":" + PORT)).toList();
        assertThat(comments).hasSize(1);
        assertThat(comments.getFirst())
                .contains("pid " + pid(client) + " curl", "pid " + pid(server) + " python3", ":" + PORT);
        shouldShowExecAndExitAroundThePackets(frames, client);
    }

    private static void shouldShowExecAndExitAroundThePackets(List<String[]> frames, Process client) {
        String curl = "curl[" + pid(client) + "]";
        int exec = indexOf(frames, curl, "http://127.0.0.1:" + PORT + "/");
        int exit = indexOf(frames, curl, "status 0");
        List<Integer> packets = new ArrayList<>();
        for (int index = 0; index < frames.size(); index++) {
            if (frames.get(index)[3].contains("" + PORT)) {
                packets.add(index);
            }
        }
        assertThat(exec).as("exec before its packets").isLessThan(packets.getFirst());
        // The connection's last packets may be the kernel's, after the process has gone.
        assertThat(exit).as("exit after the request").isGreaterThan(packets.get(packets.size() / 2));
    }

    private static int indexOf(List<String[]> frames, String... parts) {
        for (int index = 0; index < frames.size(); index++) {
            String message = frames.get(index)[2];
            if (Arrays.stream(parts).allMatch(message::contains)) {
                return index;
            }
        }
        throw new AssertionError(
                "No event with "
                        + List.of(parts)
                        + " among "
                        + frames.stream()
                                .map(frame -> frame[2])
                                .filter(m -> !m.isEmpty())
                                .collect(Collectors.joining("\n")));
    }

    @Test
    void shouldKnowAServerThatRanBeforeTheRecorder() throws Exception {
        Process server = server();
        program.end(false);
        program.close();
        program = RunningProgram.up(namespace, folder.resolve("data2"), "--interface", "lo", "--os-events", "ebpf");
        Instant from = Instant.now();
        run("curl", "-sS", "http://127.0.0.1:" + PORT + "/").waitFor(20, TimeUnit.SECONDS);
        program.awaitRecorded(8);

        JsonObject answered = flow(snapshot(from)).getJsonObject("server").getJsonObject("process");
        assertThat(answered.getLong("pid")).isEqualTo(pid(server));
        assertThat(answered.getString("command")).isEqualTo("python3");
    }

    @Test
    void shouldChooseByProcess() throws Exception {
        Instant from = Instant.now();
        server();
        run("curl", "-sS", "http://127.0.0.1:" + PORT + "/").waitFor(20, TimeUnit.SECONDS);
        run("ping", "-c", "3", "-i", "0.1", "127.0.0.1").waitFor(20, TimeUnit.SECONDS);
        program.awaitRecorded(12);
        String id = snapshot(from);

        Path all = program.api().export(id, "?without=os,kubernetes", folder.resolve("all.pcapng"));
        Path server =
                program.api().export(id, "?process=python3&without=os,kubernetes", folder.resolve("server.pcapng"));
        int expected = tshark(all, "tcp.port == " + PORT, "frame.number").size();
        assertThat(expected).isGreaterThan(5);
        assertThat(tshark(server, "frame", "frame.number")).hasSize(expected);
        assertThat(tshark(server, "not tcp", "frame.number")).isEmpty();
    }

    @Test
    void shouldCountWhatABurstOfShortProcessesLosesAndRecordEveryPacketMeanwhile() throws Exception {
        int processes = Integer.getInteger("hindsight.forks", 20_000);
        int datagrams = 2_000;
        Path sender = folder.resolve("sender.py");
        Files.writeString(
                sender,
                """
                import socket, sys, time
                peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                peer.bind(("127.0.0.1", 9))
                sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                for number in range(int(sys.argv[1])):
                    sender.sendto(b"x" * 100, ("127.0.0.1", 9))
                    time.sleep(0.002)
                """);
        Instant from = Instant.now();
        long before = storedOrLost();
        Process packets = run("python3", sender.toString(), "" + datagrams);
        Process burst = run("sh", "-c", "i=0; while [ $i -lt " + processes + " ]; do (:); i=$((i + 1)); done");
        assertThat(burst.waitFor(300, TimeUnit.SECONDS)).isTrue();
        assertThat(burst.exitValue()).isZero();
        assertThat(packets.waitFor(60, TimeUnit.SECONDS)).isTrue();
        program.awaitRecorded(datagrams);
        String id = snapshot(from);

        // Whatever else runs meanwhile is counted too; EbpfBurstIT compares with the kernel's own counters, exactly.
        long counted = storedOrLost() - before;
        assertThat(counted).isBetween(2L * processes, 3L * processes);
        Path export = program.api().export(id, "?without=os,kubernetes", folder.resolve("burst.pcapng"));
        assertThat(tshark(export, "udp.dstport == 9", "frame.number")).hasSize(datagrams);
        assertThat(Api.sum(program.api().source().getJsonObject("drops"))).isZero();
    }

    private long storedOrLost() throws IOException {
        JsonObject node = program.api().request("GET", "nodes").json().getJsonArray("nodes").getJsonObject(0);
        JsonObject events = node.getJsonArray("sources").getJsonObject(1);
        return events.getLong("records") + Api.sum(events.getJsonObject("drops"));
    }
}
