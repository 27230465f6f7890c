package io.hindsight.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.hub.store.ImmutableFlag;
import io.hindsight.testing.Root;
import io.hindsight.testing.ToolResult;
import io.hindsight.testing.Tools;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is captured is changed while packets come, through the packaged program; the snapshot holds, and says, what was captured when. */
class CaptureFilterIT {
    private static final int PACKETS = 50;

    @TempDir private Path directory = Path.of(".");

    private Path data = Path.of(".");

    @BeforeEach
    void needRoot() {
        Root.require("packet sockets");
        Tools.require("tshark");
        data = directory.resolve("data");
    }

    /** Immutable files would outlive the test's folder. */
    @AfterEach
    void makeDeletable() throws IOException {
        if (Files.exists(data)) {
            ImmutableFlag.clearTree(data);
        }
    }

    @Test
    void shouldRecordWhatWasAskedForFromTheChangeOnAndSaySo() throws IOException, InterruptedException {
        Path exported = directory.resolve("all.pcapng");
        JsonArray captures;
        try (RunningHub hub = RunningHub.start(data);
                DatagramSocket wanted = new DatagramSocket(0, InetAddress.getLoopbackAddress());
                DatagramSocket other = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            Instant from = Instant.now();
            send(wanted, other);

            ToolResult set =
                    client(hub, "capture", "set", "--bpf-override", "udp port " + wanted.getLocalPort(), "--wait")
                            .succeeded();

            assertThat(set.stdout()).contains("udp port " + wanted.getLocalPort()).containsPattern("\\S+ +yes ");
            send(wanted, other);
            String id = created(hub, from);
            assertThat(client(hub, "snapshot", "show", id).succeeded().stdout())
                    .contains("recorded", "udp port " + wanted.getLocalPort(), "revision 2 by local");
            client(hub, "snapshot", "export", id, "-o", exported.toString()).succeeded();
            captures = captures(id);
            assertThat(client(hub, "custody", "list", "--action", "capture").succeeded().stdout())
                    .contains("CAPTURE", "bpfOverride=udp port " + wanted.getLocalPort());

            assertThat(count(exported, "udp.dstport == " + wanted.getLocalPort())).isEqualTo(2 * PACKETS);
            // Those from before the change.
            assertThat(count(exported, "udp.dstport == " + other.getLocalPort())).isEqualTo(PACKETS);
            assertThat(hub.stop()).isZero();
        }
        assertThat(captures.getJsonObject(captures.size() - 1).getLong("revision")).isEqualTo(2);
        assertThat(Tools.run("tshark", "-r", exported.toString(), "-V").succeeded().stdout())
                .contains("Field value: capture", "revision 2 by local");
    }

    private static String created(RunningHub hub, Instant from) {
        String created =
                client(hub, "snapshot", "create", "--from", from.toString(), "--to", "now", "--wait", "--json")
                        .succeeded()
                        .stdout();
        return new JsonObject(created).getString("id");
    }

    private JsonArray captures(String id) throws IOException {
        Path manifest = data.resolve("snapshots").resolve(id).resolve("manifest.json");
        return new JsonObject(Files.readString(manifest))
                .getJsonArray("nodes")
                .getJsonObject(0)
                .getJsonArray("captures");
    }

    private static void send(DatagramSocket... to) throws IOException {
        try (DatagramSocket from = new DatagramSocket()) {
            for (int i = 0; i < PACKETS; i++) {
                for (DatagramSocket one : to) {
                    from.send(new DatagramPacket(new byte[20], 20, one.getLocalSocketAddress()));
                }
            }
        }
    }

    private static long count(Path file, String filter) {
        return Tools.run("tshark", "-r", file.toString(), "-Y", filter).succeeded().lines().size();
    }

    private static ToolResult client(RunningHub hub, String... arguments) {
        return PackagedProgram.run(
                Stream.concat(Stream.of(arguments), Stream.of("--hub", hub.url())).toArray(String[]::new));
    }
}
