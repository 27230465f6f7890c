package io.hindsight.hub.flow;

import io.hindsight.hub.packet.PacketTuple;

/**
 * Protocol and both ends, the lower end first, so that both directions have one key: ends are compared by address, then port. One scratch key serves a whole
 * pass; a flow keeps a copy.
 */
final class FlowKey {
    private static final int PORTS_BIT = 32;
    private static final int PROTOCOL_SHIFT = 33;

    private long lowerHigh;
    private long lowerLow;
    private long upperHigh;
    private long upperLow;

    /** Protocol from bit 33, whether there are ports in bit 32, the lower end's port from 16, the upper end's from 0. */
    private long protocolAndPorts;

    /** Takes the packet's; returns whether the lower end sent it. */
    boolean set(PacketTuple packet) {
        int sourcePort = packet.sourcePort();
        int destinationPort = packet.destinationPort();
        boolean fromLower = isSourceLower(packet);
        lowerHigh = fromLower ? packet.sourceHigh() : packet.destinationHigh();
        lowerLow = fromLower ? packet.sourceLow() : packet.destinationLow();
        upperHigh = fromLower ? packet.destinationHigh() : packet.sourceHigh();
        upperLow = fromLower ? packet.destinationLow() : packet.sourceLow();
        long ports =
                fromLower
                        ? ((long) sourcePort << Short.SIZE) | destinationPort
                        : ((long) destinationPort << Short.SIZE) | sourcePort;
        protocolAndPorts =
                ((long) packet.protocol() << PROTOCOL_SHIFT) | (packet.hasPorts() ? 1L << PORTS_BIT : 0) | ports;
        return fromLower;
    }

    private static boolean isSourceLower(PacketTuple packet) {
        int order = Long.compareUnsigned(packet.sourceHigh(), packet.destinationHigh());
        if (order == 0) {
            order = Long.compareUnsigned(packet.sourceLow(), packet.destinationLow());
        }
        return order == 0 ? packet.sourcePort() <= packet.destinationPort() : order < 0;
    }

    FlowKey copy() {
        FlowKey copy = new FlowKey();
        copy.lowerHigh = lowerHigh;
        copy.lowerLow = lowerLow;
        copy.upperHigh = upperHigh;
        copy.upperLow = upperLow;
        copy.protocolAndPorts = protocolAndPorts;
        return copy;
    }

    boolean isSame(FlowKey other) {
        return lowerLow == other.lowerLow
                && upperLow == other.upperLow
                && protocolAndPorts == other.protocolAndPorts
                && lowerHigh == other.lowerHigh
                && upperHigh == other.upperHigh;
    }

    /** Not to be foreseen without the seed: nobody can send packets that all fall into one place of a table. */
    long hash(long seed) {
        long hash = mix(seed ^ protocolAndPorts);
        hash = mix(hash ^ lowerLow);
        hash = mix(hash ^ upperLow);
        return mix(mix(hash ^ lowerHigh) ^ upperHigh);
    }

    /** MurmurHash3's finalizer. */
    private static long mix(long value) {
        long mixed = (value ^ (value >>> 33)) * 0xFF51AFD7ED558CCDL;
        mixed = (mixed ^ (mixed >>> 33)) * 0xC4CEB9FE1A85EC53L;
        return mixed ^ (mixed >>> 33);
    }

    int protocol() {
        return (int) (protocolAndPorts >>> PROTOCOL_SHIFT);
    }

    boolean hasPorts() {
        return (protocolAndPorts & (1L << PORTS_BIT)) != 0;
    }

    long high(boolean ofLower) {
        return ofLower ? lowerHigh : upperHigh;
    }

    long low(boolean ofLower) {
        return ofLower ? lowerLow : upperLow;
    }

    int port(boolean ofLower) {
        long shifted = ofLower ? protocolAndPorts >>> Short.SIZE : protocolAndPorts;
        return (int) shifted & 0xFFFF;
    }
}
