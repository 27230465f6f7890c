package io.hindsight.hub.flow;

import io.hindsight.api.Flow;
import io.hindsight.api.FlowGroup;
import io.hindsight.hub.packet.IpAddress;
import io.hindsight.hub.packet.IpProtocol;
import io.hindsight.time.EpochNanos;
import java.net.InetAddress;
import java.util.List;

/**
 * A flow, told from its client's side. Immutable.
 *
 * @param key of both directions
 * @param clientIsLower whether the key's lower end is the client
 * @param client who that was
 * @param server who the other was
 * @param figures of the point that saw most
 * @param seenAt every point, the one that saw most first
 */
record FlowRow(
        FlowKey key,
        boolean clientIsLower,
        FlowParty client,
        FlowParty server,
        FlowFigures figures,
        List<Seen> seenAt) {
    /**
     * At one point.
     *
     * @param point number
     * @param packets both ways
     * @param bytes of them
     */
    record Seen(int point, long packets, long bytes) {}

    InetAddress address(boolean ofClient) {
        boolean isLower = ofClient == clientIsLower;
        return IpAddress.of(key.high(isLower), key.low(isLower));
    }

    int port(boolean ofClient) {
        return key.port(ofClient == clientIsLower);
    }

    boolean hasPort(int port) {
        return key.hasPorts() && (key.port(true) == port || key.port(false) == port);
    }

    int protocol() {
        return key.protocol();
    }

    FlowGroup.Party workload(boolean ofClient) {
        return (ofClient ? client : server).asWorkload(address(ofClient).getHostAddress());
    }

    FlowGroup.Party namespace(boolean ofClient) {
        return (ofClient ? client : server).asNamespace();
    }

    Flow toFlow(List<ObservationPoint> points) {
        return new Flow(
                IpProtocol.name(protocol()),
                end(true, client),
                end(false, server),
                figures.packets(),
                figures.bytes(),
                EpochNanos.toInstant(figures.firstNs()),
                EpochNanos.toInstant(figures.lastNs()),
                figures.connections(),
                figures.incompleteHandshakes(),
                figures.retransmissions(),
                figures.resets(),
                figures.handshake(),
                figures.toServer(),
                figures.toClient(),
                seenAt.stream().map(seen -> seenAt(seen, points)).toList());
    }

    private Flow.End end(boolean ofClient, FlowParty party) {
        return new Flow.End(
                address(ofClient).getHostAddress(),
                key.hasPorts() ? port(ofClient) : null,
                party.workload(),
                party.process());
    }

    private static Flow.SeenAt seenAt(Seen seen, List<ObservationPoint> points) {
        ObservationPoint point = points.get(seen.point());
        return new Flow.SeenAt(point.node(), point.interfaceName(), seen.packets(), seen.bytes());
    }
}
