package io.hindsight.hub.packet;

import java.lang.foreign.MemorySegment;
import java.net.InetAddress;

/**
 * Who sent a packet to whom: addresses, protocol, ports, and what TCP says. Decodes in place and allocates nothing: one instance serves a whole capture. Of
 * tunnels it reads the outer header. Packets may be cut short and may lie: nothing outside {@code [offset, offset + capturedLength)} is read, nothing
 * throws, and what is not there is told as absent.
 *
 * <p>Lengths are those that the IP header tells, whatever was captured; where it tells 0 (segmentation offload, jumbograms), or more than the packet had on
 * the wire, the packet's length.
 *
 * <p>Not thread-safe.
 */
public final class PacketTuple {
    private int ipVersion;
    private long sourceHigh;
    private long sourceLow;
    private long destinationHigh;
    private long destinationLow;
    private int ipLength;
    private int protocol;
    private boolean fragment;
    private boolean laterFragment;

    private boolean ports;
    private int sourcePort;
    private int destinationPort;
    private boolean tcp;
    private int tcpFlags;
    private int sequence;
    private int acknowledgement;
    private boolean icmp;
    private int icmpType;
    private int icmpCode;
    private int payloadLength;

    /**
     * Reads a packet.
     *
     * @param offset of its first byte
     * @param capturedLength bytes that are there
     * @param originalLength bytes on the wire
     * @param linkType LINKTYPE_ value
     * @return whether it is an IP packet; if not, nothing else may be asked
     */
    public boolean decode(MemorySegment segment, long offset, int capturedLength, int originalLength, int linkType) {
        clear();
        int length = (int) Math.clamp(segment.byteSize() - offset, 0L, Math.max(0, capturedLength));
        int link = LinkDecoder.ipOffset(segment, offset, length, linkType);
        if (link == LinkDecoder.NONE || link >= length) {
            return false;
        }
        int wireLength = Math.max(length, originalLength) - link;
        return switch (BigEndian.u8(segment, offset + link) >>> 4) {
            case 4 -> linkType != LinkDescriptor.IPV6 && ipv4(segment, offset + link, length - link, wireLength);
            case 6 -> linkType != LinkDescriptor.IPV4 && ipv6(segment, offset + link, length - link, wireLength);
            default -> false;
        };
    }

    private void clear() {
        ipVersion = 0;
        fragment = false;
        laterFragment = false;
        ports = false;
        sourcePort = 0;
        destinationPort = 0;
        tcp = false;
        tcpFlags = 0;
        sequence = 0;
        acknowledgement = 0;
        icmp = false;
        icmpType = 0;
        icmpCode = 0;
        payloadLength = 0;
    }

    private boolean ipv4(MemorySegment segment, long ip, int length, int wireLength) {
        if (length < IpDescriptor.V4_MIN_LENGTH) {
            return false;
        }
        int headerLength = (BigEndian.u8(segment, ip) & 0x0F) * Integer.BYTES;
        int totalLength = BigEndian.u16(segment, ip + IpDescriptor.V4_TOTAL_LENGTH_OFFSET);
        if (headerLength < IpDescriptor.V4_MIN_LENGTH || (totalLength != 0 && totalLength < headerLength)) {
            return false;
        }
        int flagsAndOffset = BigEndian.u16(segment, ip + IpDescriptor.V4_FRAGMENT_OFFSET);
        ipVersion = 4;
        sourceHigh = 0;
        sourceLow = IpAddress.lowOfV4(BigEndian.i32(segment, ip + IpDescriptor.V4_SOURCE_OFFSET));
        destinationHigh = 0;
        destinationLow = IpAddress.lowOfV4(BigEndian.i32(segment, ip + IpDescriptor.V4_DESTINATION_OFFSET));
        ipLength = totalLength == 0 ? wireLength : Math.min(totalLength, wireLength);
        laterFragment = (flagsAndOffset & IpDescriptor.V4_FRAGMENT_MASK) != 0;
        fragment = laterFragment || (flagsAndOffset & IpDescriptor.V4_MORE_FRAGMENTS) != 0;
        protocol = BigEndian.u8(segment, ip + IpDescriptor.V4_PROTOCOL_OFFSET);
        // The one extension header that IPv4 shares with IPv6.
        boolean isAuthenticated = protocol == IpDescriptor.AUTHENTICATION;
        transport(segment, ip, isAuthenticated ? extensions(segment, ip, headerLength, length) : headerLength, length);
        return true;
    }

    private boolean ipv6(MemorySegment segment, long ip, int length, int wireLength) {
        if (length < IpDescriptor.V6_LENGTH) {
            return false;
        }
        int payload = BigEndian.u16(segment, ip + IpDescriptor.V6_PAYLOAD_LENGTH_OFFSET);
        ipVersion = 6;
        sourceHigh = BigEndian.i64(segment, ip + IpDescriptor.V6_SOURCE_OFFSET);
        sourceLow = BigEndian.i64(segment, ip + IpDescriptor.V6_SOURCE_OFFSET + Long.BYTES);
        destinationHigh = BigEndian.i64(segment, ip + IpDescriptor.V6_DESTINATION_OFFSET);
        destinationLow = BigEndian.i64(segment, ip + IpDescriptor.V6_DESTINATION_OFFSET + Long.BYTES);
        ipLength = payload == 0 ? wireLength : Math.min(IpDescriptor.V6_LENGTH + payload, wireLength);
        protocol = BigEndian.u8(segment, ip + IpDescriptor.V6_NEXT_HEADER_OFFSET);
        transport(segment, ip, extensions(segment, ip, IpDescriptor.V6_LENGTH, length), length);
        return true;
    }

    /** Steps over extension headers; each has at least 8 bytes, so the packet's length bounds the loop. @return bytes from the IP header to what is none, or cannot be read as one */
    private int extensions(MemorySegment segment, long ip, int headerLength, int length) {
        int at = headerLength;
        int available = Math.min(length, ipLength);
        while (!laterFragment && at + IpDescriptor.EXTENSION_UNIT <= available) {
            int extensionLength = extensionLength(segment, ip + at);
            if (extensionLength == 0) {
                return at;
            }
            protocol = BigEndian.u8(segment, ip + at);
            at += extensionLength;
        }
        return at;
    }

    /** Of the header whose number is in {@link #protocol}; 0: it is no extension header. */
    private int extensionLength(MemorySegment segment, long header) {
        int units = BigEndian.u8(segment, header + IpDescriptor.EXTENSION_LENGTH_OFFSET);
        return switch (protocol) {
            case IpDescriptor.HOP_BY_HOP,
                    IpDescriptor.ROUTING,
                    IpDescriptor.DESTINATION_OPTIONS,
                    IpDescriptor.MOBILITY,
                    IpDescriptor.HOST_IDENTITY,
                    IpDescriptor.SHIM6 ->
                    (units + 1) * IpDescriptor.EXTENSION_UNIT;
            case IpDescriptor.AUTHENTICATION ->
                    (units + IpDescriptor.AUTHENTICATION_UNITS_NOT_COUNTED) * IpDescriptor.AUTHENTICATION_UNIT;
            case IpDescriptor.FRAGMENT -> {
                int offsetAndMore = BigEndian.u16(segment, header + IpDescriptor.EXTENSION_FRAGMENT_OFFSET);
                laterFragment = (offsetAndMore & IpDescriptor.EXTENSION_FRAGMENT_MASK) != 0;
                fragment = laterFragment || (offsetAndMore & IpDescriptor.EXTENSION_MORE_FRAGMENTS) != 0;
                yield IpDescriptor.EXTENSION_UNIT;
            }
            default -> 0;
        };
    }

    /** @param headerLength bytes from the IP header to the transport's */
    private void transport(MemorySegment segment, long ip, int headerLength, int length) {
        int declared = Math.max(0, ipLength - headerLength);
        int available = Math.min(declared, length - headerLength);
        long at = ip + headerLength;
        payloadLength = declared;
        if (laterFragment) {
            return;
        }
        if (IpProtocol.hasPorts(protocol) && available >= TransportDescriptor.PORTS_LENGTH) {
            ports = true;
            sourcePort = BigEndian.u16(segment, at + TransportDescriptor.SOURCE_PORT_OFFSET);
            destinationPort = BigEndian.u16(segment, at + TransportDescriptor.DESTINATION_PORT_OFFSET);
        }
        switch (protocol) {
            case IpProtocol.TCP -> tcp(segment, at, declared, available);
            case IpProtocol.UDP -> payloadLength = Math.max(0, declared - TransportDescriptor.UDP_LENGTH);
            case IpProtocol.SCTP -> payloadLength = Math.max(0, declared - TransportDescriptor.SCTP_LENGTH);
            case IpProtocol.ICMP, IpProtocol.ICMPV6 -> icmp(segment, at, declared, available);
            default -> {
                // All behind the IP header is payload.
            }
        }
    }

    private void tcp(MemorySegment segment, long at, int declared, int available) {
        if (available <= TransportDescriptor.TCP_FLAGS_OFFSET) {
            return;
        }
        int headerLength =
                (BigEndian.u8(segment, at + TransportDescriptor.TCP_HEADER_LENGTH_OFFSET) >>> 4) * Integer.BYTES;
        if (headerLength < TransportDescriptor.TCP_MIN_LENGTH || headerLength > declared) {
            return;
        }
        tcp = true;
        sequence = BigEndian.i32(segment, at + TransportDescriptor.TCP_SEQUENCE_OFFSET);
        acknowledgement = BigEndian.i32(segment, at + TransportDescriptor.TCP_ACKNOWLEDGEMENT_OFFSET);
        tcpFlags = BigEndian.u8(segment, at + TransportDescriptor.TCP_FLAGS_OFFSET);
        payloadLength = declared - headerLength;
    }

    private void icmp(MemorySegment segment, long at, int declared, int available) {
        payloadLength = Math.max(0, declared - TransportDescriptor.ICMP_LENGTH);
        if (available > TransportDescriptor.ICMP_CODE_OFFSET) {
            icmp = true;
            icmpType = BigEndian.u8(segment, at);
            icmpCode = BigEndian.u8(segment, at + TransportDescriptor.ICMP_CODE_OFFSET);
        }
    }

    /** 4 or 6; 0 where it is no IP packet. */
    public int ipVersion() {
        return ipVersion;
    }

    /** Upper half of the sender, as {@link IpAddress} has it. */
    public long sourceHigh() {
        return sourceHigh;
    }

    /** Lower half of the sender. */
    public long sourceLow() {
        return sourceLow;
    }

    /** Upper half of the receiver. */
    public long destinationHigh() {
        return destinationHigh;
    }

    /** Lower half of the receiver. */
    public long destinationLow() {
        return destinationLow;
    }

    /** The sender as an object. Allocates. */
    public InetAddress source() {
        return IpAddress.of(sourceHigh, sourceLow);
    }

    /** The receiver as an object. Allocates. */
    public InetAddress destination() {
        return IpAddress.of(destinationHigh, destinationLow);
    }

    /** Bytes from the IP header on. */
    public int ipLength() {
        return ipLength;
    }

    /** Number of the transport protocol ({@link IpProtocol}); of the last extension header where the packet was cut short in one. */
    public int protocol() {
        return protocol;
    }

    /** Whether it is a part of an IP packet only. */
    public boolean isFragment() {
        return fragment;
    }

    /** Whether it is such a part, and not the first: then it has neither ports nor flags. */
    public boolean isLaterFragment() {
        return laterFragment;
    }

    /** Whether it has ports, and they were captured. */
    public boolean hasPorts() {
        return ports;
    }

    /** 0 where there is none. */
    public int sourcePort() {
        return sourcePort;
    }

    /** 0 where there is none. */
    public int destinationPort() {
        return destinationPort;
    }

    /** Whether it is TCP, and sequence, acknowledgement and flags were captured. */
    public boolean isTcp() {
        return tcp;
    }

    /** {@link TcpFlags}; 0 where it is no TCP. */
    public int tcpFlags() {
        return tcpFlags;
    }

    /** Whether this one of the {@link TcpFlags} is set. */
    public boolean hasFlag(int flag) {
        return (tcpFlags & flag) != 0;
    }

    /** Number of the first byte of the payload, or of SYN; compare by subtraction. */
    public int sequence() {
        return sequence;
    }

    /** Number of the byte that is expected next. */
    public int acknowledgement() {
        return acknowledgement;
    }

    /** Whether it is ICMP or ICMPv6, and type and code were captured. */
    public boolean isIcmp() {
        return icmp;
    }

    /** 0 where it is no ICMP. */
    public int icmpType() {
        return icmpType;
    }

    /** 0 where it is no ICMP. */
    public int icmpCode() {
        return icmpCode;
    }

    /** Bytes behind the transport header, on the wire; behind the IP header where the transport's is not known, or was not captured. */
    public int payloadLength() {
        return payloadLength;
    }
}
