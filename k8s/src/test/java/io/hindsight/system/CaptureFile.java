package io.hindsight.system;

import io.hindsight.testing.Tools;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads packets without any code of the program: Wireshark's own tools turn what the program wrote into nanosecond pcap, the format that
 * tcpdump writes too, and that is read here.
 *
 * <pre>
 * file:   u32 magic 0xA1B23C4D, 16 bytes, u32 link type, packets
 * packet: u32 seconds, u32 nanoseconds, u32 captured length, u32 original length, bytes
 * </pre>
 */
final class CaptureFile {
    private static final int HEADER_LENGTH = 24;
    private static final int PACKET_HEADER_LENGTH = 16;
    private static final int NANOSECOND_MAGIC = 0xA1B2_3C4D;

    private CaptureFile() {}

    /** Packets of a nanosecond pcap file, in its order; one that is not whole yet is left out. */
    static List<Packet> pcap(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.getInt(0) != NANOSECOND_MAGIC) {
            throw new AssertionError(file + " has no nanosecond times");
        }
        bytes.position(HEADER_LENGTH);
        List<Packet> packets = new ArrayList<>();
        while (bytes.remaining() >= PACKET_HEADER_LENGTH
                && bytes.remaining() - PACKET_HEADER_LENGTH >= bytes.getInt(bytes.position() + 8)) {
            packets.add(next(bytes));
        }
        return packets;
    }

    private static Packet next(ByteBuffer bytes) {
        long timestampNs = Integer.toUnsignedLong(bytes.getInt()) * 1_000_000_000L + bytes.getInt();
        byte[] data = new byte[bytes.getInt()];
        int originalLength = bytes.getInt();
        bytes.get(data);
        return new Packet(timestampNs, originalLength, data);
    }

    /** Makes a nanosecond pcap file of Ethernet. */
    static void write(Path file, List<Packet> packets) throws IOException {
        int length = packets.stream().mapToInt(packet -> PACKET_HEADER_LENGTH + packet.bytes().length).sum();
        ByteBuffer bytes = ByteBuffer.allocate(HEADER_LENGTH + length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(NANOSECOND_MAGIC).putShort((short) 2).putShort((short) 4).putLong(0).putInt(262_144).putInt(1);
        for (Packet packet : packets) {
            bytes.putInt((int) (packet.timestampNs() / 1_000_000_000))
                    .putInt((int) (packet.timestampNs() % 1_000_000_000));
            bytes.putInt(packet.bytes().length).putInt(packet.originalLength()).put(packet.bytes());
        }
        Files.write(file, bytes.array());
    }

    /** Packets of a pcapng file of one link type, in its order, by way of tcpdump, which reads past events; editcap cannot leave them out. */
    static List<Packet> pcapng(Path file) throws IOException {
        Path converted = file.resolveSibling(file.getFileName() + ".tcpdump.pcap");
        Tools.run("tcpdump", "--time-stamp-precision=nano", "-r", file.toString(), "-w", converted.toString())
                .succeeded();
        return pcap(converted);
    }

    /** Packets of one interface of a pcapng file, in its order, by way of tshark. */
    static List<Packet> pcapng(Path file, String interfaceName) throws IOException {
        Path converted = file.resolveSibling(file.getFileName() + "." + interfaceName + ".pcap");
        String filter = "frame.interface_name == \"" + interfaceName + "\"";
        Tools.run("tshark", "-n", "-r", file.toString(), "-Y", filter, "-F", "nsecpcap", "-w", converted.toString())
                .succeeded();
        return pcap(converted);
    }
}
