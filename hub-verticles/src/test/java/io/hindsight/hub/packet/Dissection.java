package io.hindsight.hub.packet;

import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.FixturePacket;
import io.hindsight.testing.Tools;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What is compared of a packet, as text: empty where there is none. Payload is that of TCP; the protocol that of IPv4.
 *
 * @param source address
 * @param destination address
 * @param protocol number
 * @param ports source and destination
 * @param tcp flags, sequence, acknowledgement, payload
 * @param icmp type and code
 */
record Dissection(String source, String destination, String protocol, String ports, String tcp, String icmp) {
    private static final List<String> FIELDS =
            List.of(
                    "ip.src",
                    "ip.dst",
                    "ipv6.src",
                    "ipv6.dst",
                    "ip.proto",
                    "tcp.srcport",
                    "tcp.dstport",
                    "udp.srcport",
                    "udp.dstport",
                    "sctp.srcport",
                    "sctp.dstport",
                    "tcp.flags",
                    "tcp.seq_raw",
                    "tcp.ack_raw",
                    "tcp.len",
                    "icmp.type",
                    "icmp.code",
                    "icmpv6.type",
                    "icmpv6.code");

    /** By tshark, which looks at each packet alone. */
    static List<Dissection> tshark(Path folder, List<FixturePacket> packets) {
        Path file = folder.resolve("dissected.pcapng");
        try {
            Files.write(file, ChunkFixtures.node("n").packets(packets));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "tshark",
                                "-n",
                                "-r",
                                file.toString(),
                                "-o",
                                "ip.defragment:FALSE",
                                "-o",
                                "ipv6.defragment:FALSE",
                                "-o",
                                "tcp.desegment_tcp_streams:FALSE",
                                "-T",
                                "fields",
                                "-E",
                                "separator=|",
                                "-E",
                                "occurrence=f"));
        FIELDS.forEach(field -> command.addAll(List.of("-e", field)));
        return Tools.run(command.toArray(String[]::new)).succeeded().lines().stream().map(Dissection::ofLine).toList();
    }

    private static Dissection ofLine(String line) {
        String[] f = line.split("\\|", -1);
        String ports = f[5].isEmpty() ? f[7].isEmpty() ? f[9] + " " + f[10] : f[7] + " " + f[8] : f[5] + " " + f[6];
        String tcp = f[14].isEmpty() ? "" : (Integer.decode(f[11]) & 0xFF) + " " + f[12] + " " + f[13] + " " + f[14];
        String icmp = f[15].isEmpty() ? f[17] + " " + f[18] : f[15] + " " + f[16];
        return new Dissection(
                address(f[0].isEmpty() ? f[2] : f[0]),
                address(f[1].isEmpty() ? f[3] : f[1]),
                f[4],
                ports.strip(),
                tcp,
                icmp.strip());
    }

    private static String address(String text) {
        try {
            return text.isEmpty() ? "" : InetAddress.getByName(text).getHostAddress();
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    static Dissection of(PacketTuple tuple, FixturePacket packet) {
        byte[] data = packet.data();
        boolean isIp =
                tuple.decode(MemorySegment.ofArray(data), 0, data.length, packet.originalLength(), packet.linkType());
        return isIp ? ofDecoded(tuple) : new Dissection("", "", "", "", "", "");
    }

    private static Dissection ofDecoded(PacketTuple tuple) {
        return new Dissection(
                tuple.source().getHostAddress(),
                tuple.destination().getHostAddress(),
                tuple.ipVersion() == 4 ? Integer.toString(tuple.protocol()) : "",
                tuple.hasPorts() ? tuple.sourcePort() + " " + tuple.destinationPort() : "",
                // tshark tells no more than ports of a part of a segment.
                tuple.isTcp() && !tuple.isFragment()
                        ? tuple.tcpFlags()
                                + " "
                                + Integer.toUnsignedString(tuple.sequence())
                                + " "
                                + Integer.toUnsignedString(tuple.acknowledgement())
                                + " "
                                + tuple.payloadLength()
                        : "",
                tuple.isIcmp() ? tuple.icmpType() + " " + tuple.icmpCode() : "");
    }
}
