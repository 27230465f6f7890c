package io.hindsight.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.testing.Root;
import io.hindsight.testing.Tools;
import io.hindsight.time.EpochNanos;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every packet that an independent tcpdump saw on the same interface is in the export, byte for byte, to the nanosecond; and none that it
 * did not see. The export is read by Wireshark's tools, not by the program's own code.
 */
@Tag("alone")
class EveryPacketIT {
    private static final String END = "the end of the traffic";

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    @SuppressWarnings("NullAway.Init")
    private Traffic traffic;

    @BeforeEach
    void connect() throws IOException {
        Root.require("network namespaces and raw sockets");
        Tools.require("ip", "tcpdump", "python3", "trafgen", "iperf3", "ss", "ping", "editcap", "tshark", "curl");
        traffic = new Traffic(folder);
    }

    @AfterEach
    void disconnect() {
        if (traffic != null) {
            traffic.close();
        }
    }

    @Test
    void shouldExportEveryPacketThatTcpdumpSaw() throws Exception {
        Recording recording = record(0, "--interface", "hsa");
        assertThat(recording.witnessed).anyMatch(packet -> packet.originalLength() == 14);
        assertThat(recording.witnessed.stream().mapToInt(Packet::originalLength).max().orElse(0))
                .as("segments joined by offload")
                .isGreaterThan(10_000);
        assertThat(recording.witnessed).as("one VLAN tag").anyMatch(packet -> typeAt(packet, 12) == 0x8100);
        assertThat(recording.witnessed)
                .as("two VLAN tags")
                .anyMatch(packet -> typeAt(packet, 12) == 0x88A8 && typeAt(packet, 16) == 0x8100);
    }

    @Test
    void shouldCutPacketsWhereTcpdumpDoes() throws Exception {
        Recording recording = record(96, "--interface", "hsa", "--snap-length", "96");
        assertThat(recording.recorded).allMatch(packet -> packet.bytes().length <= 96);
        assertThat(recording.recorded).anyMatch(packet -> packet.originalLength() > 10_000);
    }

    @Test
    void shouldMergeSeveralCaptureThreadsInOrderOfTime() throws Exception {
        Recording recording = record(0, "--interface", "hsa", "--capture-threads", "2");
        assertThat(recording.exported).isSortedAccordingTo(Comparator.comparingLong(Packet::timestampNs));
    }

    private Recording record(int snapLength, String... options) throws Exception {
        Instant from = Instant.now();
        try (RunningProgram program = RunningProgram.up(traffic.here(), folder.resolve("data"), options);
                Tcpdump tcpdump = new Tcpdump(traffic.here(), folder, "hsa", snapLength)) {
            traffic.mixed();
            traffic.burst(20_000);
            traffic.bulk("16M");
            traffic.marker("hsb", END);
            tcpdump.awaitPacket(END);
            Instant to = Instant.now();
            Path export = export(program, from, to);
            return new Recording(tcpdump.packets(), CaptureFile.pcapng(export), to).compared();
        }
    }

    @Test
    void shouldRecordSeveralInterfacesAndOnesThatAppear() throws Exception {
        Instant from = Instant.now();
        traffic.here().connect("hsc", traffic.there(), "hsd");
        String[] options = {"--interface", "hs?", "--interface", "hsx*"};
        try (RunningProgram program = RunningProgram.up(traffic.here(), folder.resolve("data"), options);
                Tcpdump first = new Tcpdump(traffic.here(), folder, "hsa", 0);
                Tcpdump second = new Tcpdump(traffic.here(), folder, "hsc", 0)) {
            traffic.here().connect("hsx1", traffic.there(), "hsy1");
            awaitInterface(program, "hsx1");
            try (Tcpdump late = new Tcpdump(traffic.here(), folder, "hsx1", 0)) {
                traffic.mixed();
                for (String link : List.of("hsb", "hsd", "hsy1")) {
                    traffic.raw(link);
                    traffic.marker(link, END);
                }
                for (Tcpdump each : List.of(first, second, late)) {
                    each.awaitPacket(END);
                }
                Instant to = Instant.now();
                Path export = export(program, from, to);
                new Recording(first.packets(), CaptureFile.pcapng(export, "hsa"), to).compared();
                new Recording(second.packets(), CaptureFile.pcapng(export, "hsc"), to).compared();
                new Recording(late.packets(), CaptureFile.pcapng(export, "hsx1"), to).compared();
            }
        }
    }

    private static void awaitInterface(RunningProgram program, String name) {
        await().until(() -> program.api().request("GET", "nodes").body().contains("\"" + name + "\""));
    }

    private Path export(RunningProgram program, Instant from, Instant to) throws IOException {
        JsonObject snapshot = program.api().snapshot(from, to);
        assertThat(snapshot.getString("state")).as(snapshot.encode()).isIn("COMPLETE", "PARTIAL");
        assertThat(snapshot.getJsonArray("nodes").getJsonObject(0).getJsonObject("drops").getMap())
                .as("the recorder's own count of lost packets")
                .isEmpty();
        return program.api().export(snapshot.getString("id"), "", folder.resolve("export.pcapng"));
    }

    private static int typeAt(Packet packet, int offset) {
        byte[] bytes = packet.bytes();
        return bytes.length < offset + 2 ? 0 : ((bytes[offset] & 0xFF) << 8) | (bytes[offset + 1] & 0xFF);
    }

    /** What both saw while both looked: tcpdump starts later, and goes on when the window is over. */
    private record Recording(List<Packet> witnessed, List<Packet> recorded, List<Packet> exported) {
        Recording(List<Packet> witnessed, List<Packet> exported, Instant to) {
            this(before(to, witnessed), exported, exported);
        }

        private Recording {
            long first = witnessed.stream().mapToLong(Packet::timestampNs).min().orElseThrow();
            recorded =
                    SocketStamps.aligned(witnessed, recorded).stream()
                            .filter(packet -> packet.timestampNs() >= first)
                            .toList();
        }

        private static List<Packet> before(Instant to, List<Packet> packets) {
            long toNs = EpochNanos.of(to);
            return packets.stream().filter(packet -> packet.timestampNs() < toNs).toList();
        }

        Recording compared() {
            assertThat(PacketDifference.between(witnessed, recorded).text()).isEmpty();
            return this;
        }
    }
}
