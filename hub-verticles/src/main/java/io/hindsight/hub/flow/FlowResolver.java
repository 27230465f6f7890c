package io.hindsight.hub.flow;

import io.hindsight.hub.packet.IpAddress;
import io.hindsight.hub.packet.IpProtocol;
import io.hindsight.hub.resolve.Resolution;
import io.hindsight.hub.resolve.Resolution.SocketOwner;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds who the ends of flows were. Owned by the computation's thread. */
final class FlowResolver {
    private final Resolution resolution;
    private final List<ObservationPoint> points;

    FlowResolver(Resolution resolution, List<ObservationPoint> points) {
        this.resolution = resolution;
        this.points = points;
    }

    /**
     * Who one end was when the flow began; its process on one of the nodes that saw the flow.
     *
     * @param ofLower which end of the key
     */
    FlowParty party(FlowKey key, boolean ofLower, FlowFigures figures, List<FlowRow.Seen> seenAt) {
        if (resolution.isEmpty()) {
            return FlowParty.UNKNOWN;
        }
        InetAddress address = IpAddress.of(key.high(ofLower), key.low(ofLower));
        return new FlowParty(
                resolution.holder(address, figures.firstNs()).orElse(null), owner(key, ofLower, figures, seenAt));
    }

    private @Nullable SocketOwner owner(FlowKey key, boolean ofLower, FlowFigures figures, List<FlowRow.Seen> seenAt) {
        boolean hasSockets = key.protocol() == IpProtocol.TCP || key.protocol() == IpProtocol.UDP;
        if (!hasSockets || !key.hasPorts()) {
            return null;
        }
        InetSocketAddress local = socket(key, ofLower);
        InetSocketAddress remote = socket(key, !ofLower);
        return seenAt.stream()
                .map(seen -> points.get(seen.point()).node())
                .distinct()
                .flatMap(node ->
                        resolution
                                .owner(node, key.protocol(), local, remote, figures.firstNs(), figures.lastNs())
                                .stream())
                .findFirst()
                .orElse(null);
    }

    private static InetSocketAddress socket(FlowKey key, boolean ofLower) {
        return new InetSocketAddress(IpAddress.of(key.high(ofLower), key.low(ofLower)), key.port(ofLower));
    }
}
