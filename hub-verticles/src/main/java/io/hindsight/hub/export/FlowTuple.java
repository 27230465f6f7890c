package io.hindsight.hub.export;

import io.hindsight.hub.packet.IpAddress;
import io.hindsight.hub.packet.IpProtocol;
import io.hindsight.hub.packet.PacketTuple;
import java.security.SecureRandom;

/**
 * A 5-tuple as five numbers, the same for both directions. Addresses that mean something else on every node (loopback, link-local) make flows of the node
 * on which they were recorded; all others are one flow wherever it was seen. One instance serves a whole export. Not thread-safe.
 */
final class FlowTuple {
    private static final long LOOPBACK_V4 = 0x7F00_0000L;
    private static final long LOOPBACK_V4_MASK = 0xFF00_0000L;
    private static final long LINK_LOCAL_V4 = 0xA9FE_0000L;
    private static final long LINK_LOCAL_V4_MASK = 0xFFFF_0000L;
    private static final long LINK_LOCAL_V6 = 0xFE80_0000_0000_0000L;
    private static final long LINK_LOCAL_V6_MASK = 0xFFC0_0000_0000_0000L;

    /** Odd, and another one in each process: packets must not be able to choose that their flows share a slot. */
    private static final long MULTIPLIER = new SecureRandom().nextLong() | 1;

    private static final int PROTOCOL_SHIFT = 32;
    private static final int NODE_SHIFT = 40;

    private long lesserHigh;
    private long lesserLow;
    private long greaterHigh;
    private long greaterLow;
    private long portsProtocolNode;

    /**
     * Takes the packet's.
     *
     * @param file index of the node's file
     * @return false where it belongs to no flow: it has no ports, or another protocol than TCP, UDP and SCTP
     */
    boolean set(PacketTuple packet, int file) {
        if (!packet.hasPorts() || !isOfFlows(packet.protocol())) {
            return false;
        }
        boolean sourceFirst = sourceFirst(packet);
        lesserHigh = sourceFirst ? packet.sourceHigh() : packet.destinationHigh();
        lesserLow = sourceFirst ? packet.sourceLow() : packet.destinationLow();
        greaterHigh = sourceFirst ? packet.destinationHigh() : packet.sourceHigh();
        greaterLow = sourceFirst ? packet.destinationLow() : packet.sourceLow();
        long lesserPort = sourceFirst ? packet.sourcePort() : packet.destinationPort();
        long greaterPort = sourceFirst ? packet.destinationPort() : packet.sourcePort();
        long node = isOfNode(lesserHigh, lesserLow) || isOfNode(greaterHigh, greaterLow) ? file + 1L : 0;
        portsProtocolNode =
                node << NODE_SHIFT
                        | (long) packet.protocol() << PROTOCOL_SHIFT
                        | lesserPort << Short.SIZE
                        | greaterPort;
        return true;
    }

    private static boolean isOfFlows(int protocol) {
        return protocol == IpProtocol.TCP || protocol == IpProtocol.UDP || protocol == IpProtocol.SCTP;
    }

    private static boolean sourceFirst(PacketTuple packet) {
        int byHigh = Long.compareUnsigned(packet.sourceHigh(), packet.destinationHigh());
        int byLow = Long.compareUnsigned(packet.sourceLow(), packet.destinationLow());
        if (byHigh != 0) {
            return byHigh < 0;
        }
        return byLow != 0 ? byLow < 0 : packet.sourcePort() <= packet.destinationPort();
    }

    private static boolean isOfNode(long high, long low) {
        if (IpAddress.isV4(high, low)) {
            return (low & LOOPBACK_V4_MASK) == LOOPBACK_V4 || (low & LINK_LOCAL_V4_MASK) == LINK_LOCAL_V4;
        }
        return (high == 0 && low == 1) || (high & LINK_LOCAL_V6_MASK) == LINK_LOCAL_V6;
    }

    /** Never 0: a protocol is in it. */
    long portsProtocolNode() {
        return portsProtocolNode;
    }

    long lesserHigh() {
        return lesserHigh;
    }

    long lesserLow() {
        return lesserLow;
    }

    long greaterHigh() {
        return greaterHigh;
    }

    long greaterLow() {
        return greaterLow;
    }

    /** Of all five numbers, well mixed. */
    int hash() {
        return hash(lesserHigh, lesserLow, greaterHigh, greaterLow, portsProtocolNode);
    }

    static int hash(long lesserHigh, long lesserLow, long greaterHigh, long greaterLow, long portsProtocolNode) {
        long mixed = lesserHigh;
        mixed = mixed * MULTIPLIER + lesserLow;
        mixed = mixed * MULTIPLIER + greaterHigh;
        mixed = mixed * MULTIPLIER + greaterLow;
        mixed = (mixed ^ mixed >>> 29) * MULTIPLIER + portsProtocolNode;
        mixed = (mixed ^ mixed >>> 32) * MULTIPLIER;
        return (int) (mixed >>> 32);
    }
}
