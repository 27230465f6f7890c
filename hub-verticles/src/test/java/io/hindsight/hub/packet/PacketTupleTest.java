package io.hindsight.hub.packet;

import static io.hindsight.hub.testing.PacketBytes.IPV4;
import static io.hindsight.hub.testing.PacketBytes.IPV6;
import static io.hindsight.hub.testing.PacketBytes.QINQ;
import static io.hindsight.hub.testing.PacketBytes.VLAN;
import static io.hindsight.hub.testing.PacketBytes.authentication;
import static io.hindsight.hub.testing.PacketBytes.cooked;
import static io.hindsight.hub.testing.PacketBytes.cooked2;
import static io.hindsight.hub.testing.PacketBytes.ethernet;
import static io.hindsight.hub.testing.PacketBytes.fragment6;
import static io.hindsight.hub.testing.PacketBytes.icmp;
import static io.hindsight.hub.testing.PacketBytes.ipv4;
import static io.hindsight.hub.testing.PacketBytes.ipv6;
import static io.hindsight.hub.testing.PacketBytes.join;
import static io.hindsight.hub.testing.PacketBytes.options6;
import static io.hindsight.hub.testing.PacketBytes.sctp;
import static io.hindsight.hub.testing.PacketBytes.tag;
import static io.hindsight.hub.testing.PacketBytes.tcp;
import static io.hindsight.hub.testing.PacketBytes.udp;
import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.hub.testing.CaptureFile;
import io.hindsight.hub.testing.TrafficLab;
import io.hindsight.pcapng.EnhancedPacketBlockDescriptor;
import io.hindsight.testing.FixturePacket;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PacketTupleTest {
    private static final int SEQUENCE = 0xFFFF_FFF0;
    private static final List<Integer> LINK_TYPES = List.of(0, 1, 101, 108, 113, 228, 229, 276, 147);

    private final PacketTuple tuple = new PacketTuple();

    @TempDir private Path folder = Path.of("");

    /** Of every kind that is told apart, whole. */
    private static List<FixturePacket> kinds() {
        byte[] segment = tcp(40_000, 443, TcpFlags.SYN | TcpFlags.ACK, SEQUENCE, 77, new byte[] {1, 1, 1, 1}, 30);
        byte[] tcp4 = ipv4(6, segment);
        byte[] tcp6 = ipv6(6, segment);
        byte[] udp4 = ipv4(17, udp(5_353, 53, 12));
        List<FixturePacket> packets = new ArrayList<>();
        add(
                packets,
                1,
                ethernet(IPV4, tcp4),
                ethernet(IPV6, tcp6),
                ethernet(IPV4, udp4),
                ethernet(IPV4, ipv4(132, sctp(1_000, 2_000))),
                ethernet(IPV4, ipv4(1, icmp(8, 0, 20))),
                ethernet(IPV6, ipv6(58, icmp(128, 0, 20))),
                ethernet(IPV4, ipv4(47, new byte[] {0, 0, 0x65, 0x58})),
                ethernet(0x0806, new byte[28]),
                ethernet(VLAN, tag(5, IPV4, tcp4)),
                ethernet(QINQ, tag(7, VLAN, tag(8, IPV6, tcp6))),
                ethernet(IPV4, ipv4(1, 2, 6, 0, new byte[] {1, 1, 1, 1, 1, 1, 1, 0}, segment)),
                ethernet(IPV4, ipv4(1, 2, 17, 0x2000, new byte[0], udp(1, 2, 24))),
                ethernet(IPV4, ipv4(1, 2, 17, 185, new byte[0], udp(1, 2, 24))),
                ethernet(IPV6, ipv6(0, options6(6, 0, segment))),
                ethernet(IPV6, ipv6(0, options6(60, 1, options6(6, 2, segment)))),
                ethernet(IPV6, ipv6(51, authentication(6, segment))),
                ethernet(IPV6, ipv6(44, fragment6(6, 1, segment))),
                ethernet(IPV6, ipv6(44, fragment6(6, 64, segment))),
                ethernet(IPV6, ipv6(59, new byte[0])),
                // Padding behind the packet is no payload.
                join(ethernet(IPV4, ipv4(6, tcp(1, 2, TcpFlags.ACK, 1, 1, 0))), new byte[6]));
        add(packets, 113, cooked(1, IPV4, tcp4), cooked(772, IPV6, tcp6), cooked(1, VLAN, tag(3, IPV4, udp4)));
        add(packets, 276, cooked2(1, IPV4, tcp4), cooked2(772, IPV6, tcp6), cooked2(1, VLAN, tag(3, IPV4, udp4)));
        add(packets, 101, tcp4, tcp6);
        add(packets, 228, tcp4);
        add(packets, 229, tcp6);
        add(packets, 0, join(new byte[] {2, 0, 0, 0}, tcp4), join(new byte[] {0, 0, 0, 30}, tcp6));
        add(packets, 108, join(new byte[] {0, 0, 0, 2}, tcp4), join(new byte[] {0, 0, 0, 24}, tcp6));
        return packets;
    }

    private static void add(List<FixturePacket> packets, int linkType, byte[]... frames) {
        for (byte[] frame : frames) {
            packets.add(packet(linkType, frame, frame.length));
        }
    }

    private static FixturePacket packet(int linkType, byte[] data, int originalLength) {
        return new FixturePacket(
                "i" + linkType,
                linkType,
                1_700_000_000_000_000_000L,
                EnhancedPacketBlockDescriptor.DIRECTION_UNKNOWN,
                originalLength,
                data);
    }

    @Test
    void shouldReadEveryKindAsTsharkDoes() {
        List<FixturePacket> packets = kinds();

        assertThat(decoded(packets)).containsExactlyElementsOf(Dissection.tshark(folder, packets));
    }

    private List<Dissection> decoded(List<FixturePacket> packets) {
        return packets.stream().map(packet -> Dissection.of(tuple, packet)).toList();
    }

    @Test
    void shouldReadPacketsThatWereCutShortAsTsharkDoes() {
        List<FixturePacket> cut = new ArrayList<>();
        for (FixturePacket whole : kinds()) {
            for (int length = 1; length < whole.data().length; length++) {
                cut.add(packet(whole.linkType(), Arrays.copyOf(whole.data(), length), whole.data().length));
            }
        }

        List<Dissection> expected = Dissection.tshark(folder, cut);

        List<Dissection> decoded = decoded(cut);
        for (int i = 0; i < cut.size(); i++) {
            // tshark wants all of an SCTP header.
            boolean isCutSctp = decoded.get(i).protocol().equals("132") && expected.get(i).ports().isEmpty();
            assertThat(isCutSctp ? "" : decoded.get(i).ports())
                    .as("packet %d: %s, tshark: %s", i + 1, decoded.get(i), expected.get(i))
                    .isEqualTo(expected.get(i).ports());
            // tshark wants options too before it tells the payload's length.
            if (!expected.get(i).tcp().isEmpty()) {
                assertThat(decoded.get(i)).isEqualTo(expected.get(i));
            }
        }
    }

    @Test
    void shouldReadRealTrafficAsTsharkDoes() {
        Path loopback = folder.resolve("lo.pcap");
        Path any = folder.resolve("any.pcap");
        Path any1 = folder.resolve("any1.pcap");
        try (TrafficLab lab = new TrafficLab(folder)) {
            String host = lab.namespace();
            lab.run(host, "ip", "link", "set", "lo", "mtu", "1500");
            lab.serve(host, "::", 8_080);
            lab.capture(host, "lo", loopback);
            lab.capture(host, "any", any, "-y", "LINUX_SLL2", "-s", "100");
            lab.capture(host, "any", any1, "-y", "LINUX_SLL");
            lab.run(host, "curl", "-sSo", "/dev/null", "http://127.0.0.1:8080/");
            lab.run(host, "curl", "-sSo", "/dev/null", "http://[::1]:8080/");
            lab.attempt(host, "ping", "-c", "1", "-s", "3000", "127.0.0.1").succeeded();
            lab.attempt(host, "ping", "-c", "1", "-s", "3000", "::1").succeeded();
            lab.stopCaptures();
        }

        requireSameAsTshark(CaptureFile.read(loopback, "lo"));
        requireSameAsTshark(CaptureFile.read(any, "any"));
        requireSameAsTshark(CaptureFile.read(any1, "any1"));
    }

    private void requireSameAsTshark(List<FixturePacket> packets) {
        List<Dissection> expected = Dissection.tshark(folder, packets);
        List<Dissection> decoded = decoded(packets);
        assertThat(decoded.stream().filter(each -> !each.tcp().isEmpty())).hasSizeGreaterThan(16);
        assertThat(decoded.stream().map(Dissection::icmp)).contains("8 0", "128 0");
        assertThat(decoded.stream().filter(each -> each.icmp().isEmpty() && each.ports().isEmpty())).isNotEmpty();
        assertThat(decoded).containsExactlyElementsOf(expected);
    }

    @Test
    void shouldTellFragmentsAndLengths() {
        decode(1, ethernet(IPV4, ipv4(1, 2, 17, 0x2000, new byte[0], udp(1, 2, 24))));
        assertThat(tuple.isFragment()).isTrue();
        assertThat(tuple.isLaterFragment()).isFalse();
        assertThat(tuple.payloadLength()).isEqualTo(24);

        decode(1, ethernet(IPV6, ipv6(44, fragment6(17, 64, udp(1, 2, 24)))));
        assertThat(tuple.isLaterFragment()).isTrue();
        assertThat(tuple.protocol()).isEqualTo(17);
        assertThat(tuple.hasPorts()).isFalse();

        decode(1, ethernet(IPV4, ipv4(51, authentication(17, udp(8, 9, 10)))));
        assertThat(tuple.protocol()).isEqualTo(IpProtocol.UDP);
        assertThat(tuple.destinationPort()).isEqualTo(9);
        assertThat(tuple.payloadLength()).isEqualTo(10);

        byte[] unsegmented = ethernet(IPV4, ipv4(6, tcp(1, 2, TcpFlags.ACK, 1, 1, 3_000)));
        unsegmented[16] = 0;
        unsegmented[17] = 0;
        decode(1, unsegmented);
        assertThat(tuple.payloadLength()).isEqualTo(3_000);
        assertThat(tuple.ipLength()).isEqualTo(3_040);

        byte[] boasting = ethernet(IPV4, ipv4(6, tcp(1, 2, TcpFlags.ACK, 1, 1, 10)));
        boasting[16] = (byte) 0xFF;
        decode(1, boasting);
        assertThat(tuple.payloadLength()).isEqualTo(10);
    }

    private void decode(int linkType, byte[] data) {
        assertThat(tuple.decode(MemorySegment.ofArray(data), 0, data.length, data.length, linkType)).isTrue();
    }

    @Property(tries = 20_000)
    void shouldNeitherThrowNorReadOutside(
            @ForAll @Size(max = 120) byte[] random,
            @ForAll @IntRange(max = 200) int length,
            @ForAll int originalLength) {
        for (int linkType : LINK_TYPES) {
            requireInside(random, length, originalLength, linkType);
        }
    }

    @Property(tries = 20_000)
    void shouldNeitherThrowNorReadOutsideOfNearlyRealPackets(
            @ForAll @IntRange(max = 30) int kind,
            @ForAll @IntRange(max = 100) int at,
            @ForAll byte value,
            @ForAll @IntRange(max = 100) int at2,
            @ForAll byte value2,
            @ForAll @IntRange(max = 130) int length) {
        FixturePacket packet = kinds().get(kind);
        byte[] data = packet.data().clone();
        data[at % data.length] = value;
        data[at2 % data.length] = value2;
        requireInside(data, length, packet.originalLength(), packet.linkType());
    }

    /** The same bytes with others around them give the same: nothing outside was read. The segment alone refuses to be read beyond its end. */
    private static void requireInside(byte[] data, int claimedLength, int originalLength, int linkType) {
        int length = Math.min(claimedLength, data.length);
        byte[] surrounded = new byte[data.length + 200];
        Arrays.fill(surrounded, (byte) 0x66);
        System.arraycopy(data, 0, surrounded, 100, length);

        String alone =
                read(MemorySegment.ofArray(Arrays.copyOf(data, length)), 0, claimedLength, originalLength, linkType);
        String inside = read(MemorySegment.ofArray(surrounded), 100, length, originalLength, linkType);

        if (claimedLength == length) {
            assertThat(inside).isEqualTo(alone);
        }
    }

    private static String read(MemorySegment segment, long offset, int length, int originalLength, int linkType) {
        PacketTuple tuple = new PacketTuple();
        return tuple.decode(segment, offset, length, originalLength, linkType)
                ? tuple.source()
                        + " "
                        + tuple.destination()
                        + " "
                        + tuple.protocol()
                        + " "
                        + tuple.sourcePort()
                        + " "
                        + tuple.destinationPort()
                        + " "
                        + tuple.payloadLength()
                        + " "
                        + tuple.sequence()
                : "none";
    }

    @Test
    void shouldAllocateNothing() {
        List<FixturePacket> packets = kinds();
        List<MemorySegment> segments = packets.stream().map(each -> MemorySegment.ofArray(each.data())).toList();
        long before = 0;
        for (int round = 0; round < 2_000; round++) {
            if (round == 1_000) {
                before = allocated();
            }
            for (int i = 0; i < packets.size(); i++) {
                MemorySegment segment = segments.get(i);
                int length = (int) segment.byteSize();
                tuple.decode(segment, 0, length, length, packets.get(i).linkType());
            }
        }
        // Less than a byte for each packet: what there is comes from the measuring itself.
        assertThat(allocated() - before).isLessThan(1_000L * packets.size());
    }

    private static long allocated() {
        return ((com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean())
                .getCurrentThreadAllocatedBytes();
    }

    @Test
    void shouldKnowProtocolsByNameAndNumber() {
        assertThat(IpProtocol.of("TCP")).contains(6);
        assertThat(IpProtocol.of("250")).contains(250);
        assertThat(IpProtocol.of("256")).isEmpty();
        assertThat(IpProtocol.of("-1")).isEmpty();
        assertThat(IpProtocol.name(17)).isEqualTo("udp");
        assertThat(IpProtocol.name(200)).isEqualTo("200");
    }
}
