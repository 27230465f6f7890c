package io.hindsight.chunk;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.pcapng.EnhancedPacketBlockDescriptor;
import io.hindsight.pcapng.JournalExportBlockDescriptor;
import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.FixtureEntry;
import io.hindsight.testing.FixturePacket;
import io.hindsight.testing.Tools;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the real programs read is what was put in. */
class ChunkToolsTest {
    private static final long TIME_NS = 1_700_000_000_123_456_789L;
    private static final int LINKTYPE_RAW = 101;
    private static final int LINKTYPE_LINUX_SLL = 113;

    /** Wireshark's own numbers for link types, which {@code frame.encap_type} shows. */
    private static final Map<Integer, String> ENCAPSULATIONS =
            Map.of(FixturePacket.ETHERNET, "1", LINKTYPE_RAW, "7", LINKTYPE_LINUX_SLL, "25");

    private final Random random = new Random(7);

    @TempDir private Path folder;

    @Test
    void shouldShowEveryPacketInTshark() throws IOException {
        List<FixturePacket> packets = randomPackets(400);
        Path file = write("packets.pcapng", chunks(packets, 40));

        assertThat(frames(file)).containsExactlyElementsOf(expectedFrames(packets));
        assertThat(bytes(file)).containsExactlyElementsOf(expectedBytes(packets));
    }

    @Test
    void shouldReadThreeHundredConcatenatedChunksInEveryTool() throws IOException {
        List<FixturePacket> packets = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            packets.add(FixturePacket.ethernet("eth0", TIME_NS + i, bytes(64 + i)));
        }
        Path file = write("many.pcapng", chunks(packets, 1));

        assertThat(frames(file)).containsExactlyElementsOf(expectedFrames(packets));
        assertThat(Tools.run("capinfos", "-c", "-M", file.toString()).succeeded().stdout())
                .containsPattern("Number of packets: +300\n");
        assertThat(tcpdump(file)).hasSize(300).last().asString().startsWith("1700000000.123457088 ");
    }

    @Test
    void shouldSurviveEditcapAndMergecap() throws IOException {
        List<FixturePacket> packets = randomPackets(60);
        Path file = write("packets.pcapng", chunks(packets, 20));
        Path copy = folder.resolve("copy.pcapng");
        Path merged = folder.resolve("merged.pcapng");

        Tools.run("editcap", file.toString(), copy.toString()).succeeded();
        Tools.run("mergecap", "-a", "-w", merged.toString(), copy.toString(), file.toString()).succeeded();

        assertThat(frames(copy)).containsExactlyElementsOf(expectedFrames(packets));
        List<FixturePacket> twice = new ArrayList<>(packets);
        twice.addAll(packets);
        assertThat(frames(merged)).containsExactlyElementsOf(expectedFrames(twice));
        assertThat(bytes(merged)).containsExactlyElementsOf(expectedBytes(twice));
        assertThat(Tools.run("capinfos", "-k", copy.toString()).succeeded().stdout()).contains("hindsight node node-1");
    }

    @Test
    void shouldReadAChunkThatIsStillOpen() throws IOException {
        List<FixturePacket> packets = randomPackets(20);
        byte[] open = ChunkFixtures.node("node-1").sequence(3).openPackets(packets);
        Path file = write("open.pcapng", open);
        Path after = write("after.pcapng", ChunkFixtures.concatenate(List.of(chunks(packets, 10), open)));

        assertThat(frames(file)).containsExactlyElementsOf(expectedFrames(packets));
        assertThat(frames(after)).hasSize(40);
    }

    @Test
    void shouldShowJournalEntriesInlineOnThePacketTimeline() throws IOException {
        FixtureEntry oom =
                new FixtureEntry(
                        TIME_NS + 2_000,
                        Map.of(
                                JournalExportBlockDescriptor.MESSAGE,
                                "curl was killed:\nout of memory",
                                JournalExportBlockDescriptor.PRIORITY,
                                "3",
                                JournalExportBlockDescriptor.SYSLOG_IDENTIFIER,
                                "hindsight",
                                JournalExportBlockDescriptor.JSON,
                                "{\"pid\":77}",
                                "OS_COMM",
                                "curl"));
        ChunkFixtures node = ChunkFixtures.node("node-1");
        Path file =
                write(
                        "mixed.pcapng",
                        ChunkFixtures.concatenate(
                                List.of(
                                        node.packets(List.of(FixturePacket.ethernet("eth0", TIME_NS, bytes(60)))),
                                        node.sequence(2).journal(ChunkSource.OS, List.of(oom)),
                                        node.sequence(3)
                                                .packets(
                                                        List.of(
                                                                FixturePacket.ethernet(
                                                                        "eth0", TIME_NS + 4_000, bytes(60)))))));

        assertShowsTheEntry(file);
        Path copy = folder.resolve("copy.pcapng");
        Tools.run("editcap", file.toString(), copy.toString()).succeeded();
        assertShowsTheEntry(copy);
        Path merged = folder.resolve("merged.pcapng");
        Tools.run("mergecap", "-w", merged.toString(), file.toString()).succeeded();
        assertShowsTheEntry(merged);
        assertThat(tcpdump(file)).hasSize(2);
    }

    private static void assertShowsTheEntry(Path file) {
        assertThat(fields(file, "", "frame.time_epoch", "systemd_journal.message", "systemd_journal.priority"))
                .containsExactly(
                        "1700000000.123456789\t\t",
                        "1700000000.123458000\tcurl was killed:\\nout of memory\t3",
                        "1700000000.123460789\t\t");
        assertThat(fields(file, "frame contains \"OS_COMM=curl\"", "systemd_journal.syslog_id"))
                .containsExactly("hindsight");
    }

    /** One line for each packet, without the bytes of those that tcpdump cannot explain. */
    private static List<String> tcpdump(Path file) {
        return Tools.run("tcpdump", "-n", "-r", file.toString(), "-tt", "--nano").succeeded().lines().stream()
                .filter(line -> !line.startsWith("\t"))
                .toList();
    }

    /** One line for each frame: time, interface, direction, captured and original length, encapsulation. */
    private static List<String> frames(Path file) {
        return fields(
                file,
                "",
                "frame.time_epoch",
                "frame.interface_name",
                "frame.packet_flags_direction",
                "frame.cap_len",
                "frame.len",
                "frame.encap_type");
    }

    private static List<String> expectedFrames(List<FixturePacket> packets) {
        return packets.stream()
                .map(packet ->
                        "%d.%09d\t%s\t0x%08x\t%d\t%d\t%s"
                                .formatted(
                                        packet.timestampNs() / 1_000_000_000,
                                        packet.timestampNs() % 1_000_000_000,
                                        packet.interfaceName(),
                                        packet.direction(),
                                        packet.data().length,
                                        packet.originalLength(),
                                        ENCAPSULATIONS.get(packet.linkType())))
                .toList();
    }

    private static List<String> fields(Path file, String filter, String... names) {
        List<String> command = new ArrayList<>(List.of("tshark", "-r", file.toString(), "-T", "fields"));
        if (!filter.isEmpty()) {
            command.addAll(List.of("-Y", filter));
        }
        for (String name : names) {
            command.addAll(List.of("-e", name));
        }
        return Tools.run(command.toArray(String[]::new)).succeeded().lines();
    }

    /** Hex of each frame's captured bytes. */
    private static List<String> bytes(Path file) {
        JsonArray frames =
                new JsonArray(
                        Tools.run("tshark", "-r", file.toString(), "-T", "jsonraw", "-j", "frame")
                                .succeeded()
                                .stdout());
        return frames.stream()
                .map(JsonObject.class::cast)
                .map(frame -> frame.getJsonObject("_source").getJsonObject("layers"))
                .map(layers -> layers.getJsonArray("frame_raw").getString(0))
                .toList();
    }

    private static List<String> expectedBytes(List<FixturePacket> packets) {
        return packets.stream().map(packet -> HexFormat.of().formatHex(packet.data())).toList();
    }

    private List<FixturePacket> randomPackets(int count) {
        List<FixturePacket> packets = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] data = bytes(random.nextInt(1, 1_600));
            int cutOff = random.nextBoolean() ? 0 : random.nextInt(60_000);
            String name = List.of("eth0", "veth1a2b3c", "lo", "tun0", "any").get(i % 5);
            int linkType =
                    switch (name) {
                        case "tun0" -> LINKTYPE_RAW;
                        case "any" -> LINKTYPE_LINUX_SLL;
                        default -> FixturePacket.ETHERNET;
                    };
            int direction = random.nextInt(EnhancedPacketBlockDescriptor.DIRECTION_OUTBOUND + 1);
            long timestampNs = TIME_NS + random.nextLong(10_000_000_000L);
            packets.add(new FixturePacket(name, linkType, timestampNs, direction, data.length + cutOff, data));
        }
        return packets;
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] chunks(List<FixturePacket> packets, int packetsPerChunk) {
        List<byte[]> chunks = new ArrayList<>();
        for (int i = 0; i < packets.size(); i += packetsPerChunk) {
            chunks.add(
                    ChunkFixtures.node("node-1")
                            .sequence(chunks.size() + 1)
                            .packets(packets.subList(i, Math.min(packets.size(), i + packetsPerChunk))));
        }
        return ChunkFixtures.concatenate(chunks);
    }

    private Path write(String name, byte[] content) throws IOException {
        return Files.write(folder.resolve(name), content);
    }
}
