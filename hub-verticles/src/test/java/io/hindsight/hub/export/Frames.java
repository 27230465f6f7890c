package io.hindsight.hub.export;

import java.nio.ByteBuffer;
import java.util.List;

/** Ethernet frames, put together byte by byte. Checksums are left zero: nothing here reads them. */
final class Frames {
    private static final int ETHER_TYPE_IPV4 = 0x0800;
    private static final int ETHER_TYPE_ARP = 0x0806;
    private static final int ETHER_TYPE_VLAN = 0x8100;
    private static final int ETHER_TYPE_QINQ = 0x88A8;
    private static final int ETHER_TYPE_IPV6 = 0x86DD;
    private static final int PROTOCOL_TCP = 6;
    private static final int PROTOCOL_UDP = 17;
    private static final int ETHERNET_LENGTH = 14;
    private static final int IPV4_LENGTH = 20;
    private static final int IPV6_LENGTH = 40;
    private static final int UDP_LENGTH = 8;
    private static final int TCP_LENGTH = 20;

    private Frames() {}

    /** One of each kind; {@code number} goes into addresses, ports and payload. */
    static List<byte[]> everyKind(int number) {
        return List.of(
                udp(number, 53, 100 + number % 900),
                tcp(number, 80, number % 1400),
                tcp(number, 443, 7),
                udp6(number, 53, 64),
                arp(number),
                vlan(ETHER_TYPE_VLAN, 100 + number % 3, udp(number, 5000, 33)),
                vlan(ETHER_TYPE_QINQ, 7, vlan(ETHER_TYPE_VLAN, 8, tcp(number, 22, 9))),
                fragment(number, 0, true),
                fragment(number, 185, false),
                icmp(number));
    }

    static byte[] udp(int number, int port, int payloadLength) {
        ByteBuffer frame = ipv4(number, PROTOCOL_UDP, UDP_LENGTH + payloadLength, 0);
        putUdp(frame, number, port, payloadLength);
        return bytes(frame);
    }

    private static void putUdp(ByteBuffer frame, int number, int port, int payloadLength) {
        frame.putShort((short) (1024 + number % 50_000)).putShort((short) port);
        frame.putShort((short) (UDP_LENGTH + payloadLength)).putShort((short) 0);
        fill(frame, number);
    }

    static byte[] tcp(int number, int port, int payloadLength) {
        ByteBuffer frame = ipv4(number, PROTOCOL_TCP, TCP_LENGTH + payloadLength, 0);
        frame.putShort((short) (1024 + number % 50_000)).putShort((short) port);
        frame.putInt(number).putInt(0);
        frame.put((byte) 0x50).put((byte) (number % 2 == 0 ? 0x02 : 0x10)).putShort((short) 65_535);
        frame.putInt(0);
        fill(frame, number);
        return bytes(frame);
    }

    static byte[] fragment(int number, int offsetWords, boolean more) {
        ByteBuffer frame = ipv4(number, PROTOCOL_UDP, 64, (more ? 0x2000 : 0) | offsetWords);
        if (offsetWords == 0) {
            putUdp(frame, number, 53, 56);
        } else {
            fill(frame, number);
        }
        return bytes(frame);
    }

    static byte[] icmp(int number) {
        ByteBuffer frame = ipv4(number, 1, 16, 0);
        frame.put((byte) 8);
        fill(frame, number);
        return bytes(frame);
    }

    private static ByteBuffer ipv4(int number, int protocol, int payloadLength, int flagsAndOffset) {
        ByteBuffer frame = ethernet(ETHER_TYPE_IPV4, IPV4_LENGTH + payloadLength);
        frame.put((byte) 0x45).put((byte) 0).putShort((short) (IPV4_LENGTH + payloadLength));
        frame.putShort((short) number).putShort((short) flagsAndOffset);
        frame.put((byte) 64).put((byte) protocol).putShort((short) 0);
        frame.put(new byte[] {10, 0, 0, (byte) (number % 4)}).put(new byte[] {10, 0, 1, (byte) (number % 8)});
        return frame;
    }

    static byte[] udp6(int number, int port, int payloadLength) {
        ByteBuffer frame = ethernet(ETHER_TYPE_IPV6, IPV6_LENGTH + UDP_LENGTH + payloadLength);
        frame.putInt(0x6000_0000).putShort((short) (UDP_LENGTH + payloadLength));
        frame.put((byte) PROTOCOL_UDP).put((byte) 64);
        frame.putLong(0xFD00_0000_0000_0000L).putLong(number % 4).putLong(0xFD00_0000_0000_0001L).putLong(1);
        putUdp(frame, number, port, payloadLength);
        return bytes(frame);
    }

    static byte[] arp(int number) {
        ByteBuffer frame = ethernet(ETHER_TYPE_ARP, 28);
        frame.putShort((short) 1).putShort((short) ETHER_TYPE_IPV4).put((byte) 6).put((byte) 4).putShort((short) 1);
        fill(frame, number);
        return bytes(frame);
    }

    private static ByteBuffer ethernet(int type, int payloadLength) {
        ByteBuffer frame = ByteBuffer.allocate(ETHERNET_LENGTH + payloadLength);
        frame.put(new byte[] {2, 0, 0, 0, 0, 1}).put(new byte[] {2, 0, 0, 0, 0, 2}).putShort((short) type);
        return frame;
    }

    /** The frame with a tag put in after the addresses. */
    static byte[] vlan(int type, int id, byte[] frame) {
        ByteBuffer tagged = ByteBuffer.allocate(frame.length + 4);
        tagged.put(frame, 0, 12).putShort((short) type).putShort((short) id).put(frame, 12, frame.length - 12);
        return bytes(tagged);
    }

    private static byte[] bytes(ByteBuffer frame) {
        byte[] bytes = new byte[frame.capacity()];
        frame.get(0, bytes);
        return bytes;
    }

    private static void fill(ByteBuffer frame, int number) {
        while (frame.hasRemaining()) {
            frame.put((byte) (number + frame.position()));
        }
    }
}
