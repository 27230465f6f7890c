package io.hindsight.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.hub.store.ImmutableFlag;
import io.hindsight.testing.Root;
import io.hindsight.testing.ToolResult;
import io.hindsight.testing.Tools;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole way through the packaged program: record, freeze, verify, export, read with tshark, stop. */
class UpIT {
    private static final int PACKETS = 500;

    @TempDir private Path directory = Path.of(".");

    private Path data = Path.of(".");

    @BeforeEach
    void needRoot() {
        Root.require("packet sockets");
        Tools.require("tshark");
        data = directory.resolve("data folder");
    }

    /** Immutable files would outlive the test's folder. */
    @AfterEach
    void makeDeletable() throws IOException {
        if (Files.exists(data)) {
            ImmutableFlag.clearTree(data);
        }
    }

    @Test
    void shouldFreezeVerifyAndExportEveryPacket() throws IOException, InterruptedException {
        String id;
        int port;
        String flows;
        try (RunningHub hub = RunningHub.start(data)) {
            String from = Instant.now().toString();
            port = send();
            ToolResult created =
                    client(hub, "snapshot", "create", "--from", from, "--to", "now", "--name", "it", "--wait", "--json")
                            .succeeded();
            JsonObject snapshot = new JsonObject(created.stdout());
            id = snapshot.getString("id");
            assertThat(snapshot.getString("state")).isEqualTo("COMPLETE");
            assertThat(
                            new JsonObject(client(hub, "snapshot", "verify", "it", "--json").succeeded().stdout())
                                    .getBoolean("intact"))
                    .isTrue();
            client(hub, "snapshot", "export", id.substring(0, id.length() - 2), "-o", file("all").toString())
                    .succeeded();
            client(
                            hub,
                            "snapshot",
                            "export",
                            id,
                            "-o",
                            file("some").toString(),
                            "--bpf",
                            "udp port " + port,
                            "--format",
                            "pcap")
                    .succeeded();
            flows = client(hub, "snapshot", "flows", id, "--bpf", "udp port " + port, "--json").succeeded().stdout();
            assertThat(client(hub, "nodes", "--json").succeeded().stdout()).contains("af_packet");
            assertThat(hub.stop()).isZero();
        }
        assertThat(count(file("all"), "udp.dstport == " + port)).isEqualTo(PACKETS);
        assertThat(count(file("some"), "udp.dstport == " + port)).isEqualTo(PACKETS);
        assertThat(count(file("some"), "!udp")).isZero();
        JsonObject flow = new JsonObject(flows).getJsonArray("flows").getJsonObject(0);
        assertThat(flow.getLong("packets")).isEqualTo(PACKETS);
        Path snapshot = data.resolve("snapshots").resolve(id);
        assertThat(
                        PackagedProgram.run(
                                        "snapshot", "flows", snapshot.toString(), "--bpf", "udp port " + port, "--json")
                                .succeeded()
                                .stdout())
                .isEqualTo(flows);
        shouldWorkWithoutAHub(snapshot, port);
    }

    private void shouldWorkWithoutAHub(Path snapshot, int port) throws IOException {
        PackagedProgram.run("snapshot", "verify", snapshot.toString()).succeeded();
        PackagedProgram.run(
                        "snapshot",
                        "export",
                        snapshot.toString(),
                        "-o",
                        file("offline").toString(),
                        "--bpf",
                        "udp port " + port)
                .succeeded();
        assertThat(count(file("offline"), "udp.dstport == " + port)).isEqualTo(PACKETS);

        flipOneBit(snapshot);
        ToolResult violated = PackagedProgram.run("snapshot", "verify", snapshot.toString());
        assertThat(violated.exit()).isEqualTo(3);
        assertThat(violated.stdout()).contains("VIOLATED", ".pcapng");
    }

    @Test
    void shouldRefuseASecondInstanceAndAPortThatIsTaken() {
        try (RunningHub hub = RunningHub.start(data)) {
            ToolResult sameFolder = PackagedProgram.run("up", "--data", data.toString(), "--port", "0");
            ToolResult samePort =
                    PackagedProgram.run(
                            "up",
                            "--data",
                            directory.resolve("other").toString(),
                            "--port",
                            String.valueOf(hub.port()),
                            "--storage-size",
                            "16Mi");

            assertThat(sameFolder.exit()).isEqualTo(1);
            assertThat(sameFolder.stderr())
                    .contains("hindsight: WRONG_STATE: The data folder " + data + " is in use by process");
            assertThat(samePort.exit()).isEqualTo(1);
            assertThat(samePort.stderr())
                    .contains("hindsight: IO_FAILED: ", "Address already in use", "Name another with --port");
            assertThat(samePort.stderr()).doesNotContain("\tat ");
        }
    }

    @Test
    void shouldTellTheWholeStoryAndLeaveNothingBehind() throws IOException {
        ToolResult demo =
                PackagedProgram.run("demo", "--seconds", "2", "--out", directory.toString(), "--json").succeeded();

        JsonObject report = new JsonObject(demo.stdout());
        assertThat(report.getBoolean("held")).isTrue();
        Path file = directory.resolve("demo.pcapng");
        int sent = report.getJsonObject("sent").getInteger("dnsQuestions");
        assertThat(count(file, "ip.addr == 127.83.83.83 && dns.flags.response == 0")).isEqualTo(sent);
        assertThat(report.getJsonObject("snapshot").getLong("packets")).isEqualTo(count(file, "frame.interface_id"));
        assertThat(leftBehind()).isEmpty();
    }

    private static List<Path> leftBehind() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(file -> file.getFileName().toString().startsWith("hindsight-demo-")).toList();
        }
    }

    private static ToolResult client(RunningHub hub, String... arguments) {
        return PackagedProgram.run(
                Stream.concat(Stream.of(arguments), Stream.of("--hub", hub.url())).toArray(String[]::new));
    }

    /** Sends datagrams that nobody else sends; returns the port that they went to. */
    private static int send() throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (DatagramSocket receiver = new DatagramSocket(0, loopback);
                DatagramSocket sender = new DatagramSocket(0, loopback)) {
            for (int number = 0; number < PACKETS; number++) {
                byte[] bytes = ("packet " + number).getBytes(StandardCharsets.UTF_8);
                sender.send(new DatagramPacket(bytes, bytes.length, loopback, receiver.getLocalPort()));
            }
            return receiver.getLocalPort();
        }
    }

    private Path file(String name) {
        return directory.resolve(name + ".pcapng");
    }

    private static long count(Path file, String filter) {
        return Tools.run("tshark", "-n", "-r", file.toString(), "-Y", filter, "-T", "fields", "-e", "frame.number")
                .succeeded()
                .lines()
                .size();
    }

    private static void flipOneBit(Path snapshot) throws IOException {
        ImmutableFlag.clearTree(snapshot);
        Path file;
        try (Stream<Path> files = Files.list(snapshot)) {
            file = files.filter(each -> each.toString().endsWith(".pcapng")).findFirst().orElseThrow();
        }
        assertThat(file.toFile().setWritable(true)).isTrue();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            long offset = channel.size() / 2;
            channel.read(one, offset);
            channel.write(ByteBuffer.wrap(new byte[] {(byte) (one.get(0) ^ 1)}), offset);
        }
    }
}
