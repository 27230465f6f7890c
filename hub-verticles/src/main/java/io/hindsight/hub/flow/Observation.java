package io.hindsight.hub.flow;

import io.hindsight.hub.packet.IpProtocol;
import org.jspecify.annotations.Nullable;

/** A flow as one point saw it: an interface of a node. */
final class Observation {
    private final int point;
    private final Traffic fromLower = new Traffic();
    private final Traffic fromUpper = new Traffic();
    private final @Nullable TcpConnections tcp;
    private final long firstNs;
    private long lastNs;

    /** Of the same flow, found earlier. */
    private final @Nullable Observation earlier;

    Observation(int point, int protocol, long firstNs, @Nullable Observation earlier) {
        this.point = point;
        this.tcp = protocol == IpProtocol.TCP ? new TcpConnections() : null;
        this.firstNs = firstNs;
        this.lastNs = firstNs;
        this.earlier = earlier;
    }

    /** Takes a packet; returns when the one before it came. */
    long add(boolean isFromLower, int wireLength, long timeNs) {
        long beforeNs = lastNs;
        traffic(isFromLower).add(wireLength);
        lastNs = Math.max(lastNs, timeNs);
        return beforeNs;
    }

    Traffic traffic(boolean ofLower) {
        return ofLower ? fromLower : fromUpper;
    }

    int point() {
        return point;
    }

    @Nullable TcpConnections tcp() {
        return tcp;
    }

    @Nullable Observation earlier() {
        return earlier;
    }

    long firstNs() {
        return firstNs;
    }

    long lastNs() {
        return lastNs;
    }

    long packets() {
        return fromLower.packets() + fromUpper.packets();
    }

    long bytes() {
        return fromLower.bytes() + fromUpper.bytes();
    }
}
