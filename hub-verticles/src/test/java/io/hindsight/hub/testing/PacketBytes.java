package io.hindsight.hub.testing;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Packets, put together header by header. Checksums are left zero: nothing here reads them. */
public final class PacketBytes {
    public static final int IPV4 = 0x0800;
    public static final int IPV6 = 0x86DD;
    public static final int VLAN = 0x8100;
    public static final int QINQ = 0x88A8;

    private PacketBytes() {}

    public static byte[] ethernet(int type, byte[] payload) {
        return join(new byte[] {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2}, u16(type), payload);
    }

    /** A tag, the type behind it, and what that names. */
    public static byte[] tag(int id, int type, byte[] payload) {
        return join(u16(id), u16(type), payload);
    }

    public static byte[] cooked(int hardware, int protocol, byte[] payload) {
        return join(u16(0), u16(hardware), u16(6), new byte[] {2, 0, 0, 0, 0, 1, 0, 0}, u16(protocol), payload);
    }

    public static byte[] cooked2(int hardware, int protocol, byte[] payload) {
        return join(
                u16(protocol),
                u16(0),
                u32(3),
                u16(hardware),
                new byte[] {0, 6},
                new byte[] {2, 0, 0, 0, 0, 1, 0, 0},
                payload);
    }

    /** In an IPv4 packet from 10.0.0.1 to 10.0.0.2. */
    public static byte[] ipv4(int protocol, byte[] payload) {
        return ipv4(0x0A00_0001, 0x0A00_0002, protocol, 0, new byte[0], payload);
    }

    public static byte[] ipv4(int source, int destination, int protocol, byte[] payload) {
        return ipv4(source, destination, protocol, 0, new byte[0], payload);
    }

    /**
     * With options, or as a fragment.
     *
     * @param flagsAndOffset 0x2000: more fragments; the lower 13 bits: offset in units of 8 bytes
     */
    public static byte[] ipv4(
            int source, int destination, int protocol, int flagsAndOffset, byte[] options, byte[] payload) {
        int headerLength = 20 + options.length;
        return join(
                new byte[] {(byte) (0x40 | headerLength / 4), 0},
                u16(headerLength + payload.length),
                u16(7),
                u16(flagsAndOffset),
                new byte[] {64, (byte) protocol, 0, 0},
                u32(source),
                u32(destination),
                options,
                payload);
    }

    /** From fd00::1 to fd00::2. */
    public static byte[] ipv6(int next, byte[] payload) {
        return join(
                u32(0x6000_0000), u16(payload.length), new byte[] {(byte) next, 64}, address6(1), address6(2), payload);
    }

    private static byte[] address6(int last) {
        byte[] address = new byte[16];
        address[0] = (byte) 0xFD;
        address[15] = (byte) last;
        return address;
    }

    /** Hop-by-hop or destination options of padding alone; {@code units} of 8 bytes behind the first 8. */
    public static byte[] options6(int next, int units, byte[] payload) {
        byte[] header = new byte[8 * (units + 1)];
        header[0] = (byte) next;
        header[1] = (byte) units;
        header[2] = 1;
        header[3] = (byte) (header.length - 4);
        return join(header, payload);
    }

    public static byte[] fragment6(int next, int offsetAndMore, byte[] payload) {
        return join(new byte[] {(byte) next, 0}, u16(offsetAndMore), u32(99), payload);
    }

    /** Authentication header with a check value of 12 bytes. */
    public static byte[] authentication(int next, byte[] payload) {
        return join(new byte[] {(byte) next, 4, 0, 0}, u32(5), u32(6), new byte[12], payload);
    }

    public static byte[] tcp(int source, int destination, int flags, int sequence, int acknowledgement, int payload) {
        return tcp(source, destination, flags, sequence, acknowledgement, new byte[0], payload);
    }

    /** With options, padded to words. */
    public static byte[] tcp(
            int source, int destination, int flags, int sequence, int acknowledgement, byte[] options, int payload) {
        return join(
                u16(source),
                u16(destination),
                u32(sequence),
                u32(acknowledgement),
                new byte[] {(byte) ((20 + options.length) << 2), (byte) flags},
                u16(65_000),
                u32(0),
                options,
                new byte[payload]);
    }

    public static byte[] udp(int source, int destination, int payload) {
        return join(u16(source), u16(destination), u16(8 + payload), u16(0), new byte[payload]);
    }

    public static byte[] sctp(int source, int destination) {
        return join(u16(source), u16(destination), u32(1), u32(0), new byte[] {11, 0, 0, 4});
    }

    public static byte[] icmp(int type, int code, int payload) {
        return join(new byte[] {(byte) type, (byte) code, 0, 0}, u32(1), new byte[payload]);
    }

    public static byte[] u16(int value) {
        return ByteBuffer.allocate(Short.BYTES).putShort((short) value).array();
    }

    public static byte[] u32(int value) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
    }

    public static byte[] join(byte[]... parts) {
        ByteBuffer all = ByteBuffer.allocate(Arrays.stream(parts).mapToInt(part -> part.length).sum());
        for (byte[] part : parts) {
            all.put(part);
        }
        return all.array();
    }
}
