package io.hindsight.hub.flow;

import io.hindsight.api.Flow;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The numbers of a flow, or of several together. Immutable. */
final class FlowFigures {
    private static final long[] NONE = {};

    private final Flow.Direction toServer;
    private final Flow.Direction toClient;
    private final long firstNs;
    private final long lastNs;
    private final long connections;
    private final long incompleteHandshakes;

    /** Ascending. */
    private final long[] handshakesNs;

    private FlowFigures(
            Flow.Direction toServer,
            Flow.Direction toClient,
            long firstNs,
            long lastNs,
            long connections,
            long incompleteHandshakes,
            long[] handshakesNs) {
        this.toServer = toServer;
        this.toClient = toClient;
        this.firstNs = firstNs;
        this.lastNs = lastNs;
        this.connections = connections;
        this.incompleteHandshakes = incompleteHandshakes;
        this.handshakesNs = handshakesNs;
    }

    static FlowFigures of(Observation observation, boolean clientIsLower) {
        TcpConnections tcp = observation.tcp();
        return new FlowFigures(
                direction(observation.traffic(clientIsLower)),
                direction(observation.traffic(!clientIsLower)),
                observation.firstNs(),
                observation.lastNs(),
                tcp == null ? 1 : Math.max(1, tcp.connections()),
                tcp == null ? 0 : tcp.incomplete(),
                tcp == null ? NONE : tcp.handshakes().sorted());
    }

    private static Flow.Direction direction(Traffic traffic) {
        return new Flow.Direction(traffic.packets(), traffic.bytes(), traffic.retransmissions(), traffic.resets());
    }

    /** Of at least one. */
    static FlowFigures sum(List<FlowFigures> all) {
        long[] handshakes = all.stream().flatMapToLong(each -> Arrays.stream(each.handshakesNs)).sorted().toArray();
        return new FlowFigures(
                sumOfDirections(all.stream().map(FlowFigures::toServer).toList()),
                sumOfDirections(all.stream().map(FlowFigures::toClient).toList()),
                all.stream().mapToLong(FlowFigures::firstNs).min().orElseThrow(),
                all.stream().mapToLong(FlowFigures::lastNs).max().orElseThrow(),
                all.stream().mapToLong(FlowFigures::connections).sum(),
                all.stream().mapToLong(FlowFigures::incompleteHandshakes).sum(),
                handshakes);
    }

    private static Flow.Direction sumOfDirections(List<Flow.Direction> all) {
        return new Flow.Direction(
                all.stream().mapToLong(Flow.Direction::packets).sum(),
                all.stream().mapToLong(Flow.Direction::bytes).sum(),
                all.stream().mapToLong(Flow.Direction::retransmissions).sum(),
                all.stream().mapToLong(Flow.Direction::resets).sum());
    }

    Flow.Direction toServer() {
        return toServer;
    }

    Flow.Direction toClient() {
        return toClient;
    }

    long firstNs() {
        return firstNs;
    }

    long lastNs() {
        return lastNs;
    }

    long connections() {
        return connections;
    }

    long incompleteHandshakes() {
        return incompleteHandshakes;
    }

    long packets() {
        return toServer.packets() + toClient.packets();
    }

    long bytes() {
        return toServer.bytes() + toClient.bytes();
    }

    long retransmissions() {
        return toServer.retransmissions() + toClient.retransmissions();
    }

    long resets() {
        return toServer.resets() + toClient.resets();
    }

    boolean hasHandshakes() {
        return handshakesNs.length > 0;
    }

    /** The smallest time that so many of a hundred did not exceed; there has to be one. */
    long handshakeNs(int percent) {
        long rank = Math.ceilDiv((long) percent * handshakesNs.length, 100);
        return handshakesNs[Math.toIntExact(rank - 1)];
    }

    Flow.@Nullable Handshake handshake() {
        return hasHandshakes()
                ? new Flow.Handshake(handshakesNs.length, handshakeNs(50), handshakeNs(90), handshakeNs(99))
                : null;
    }
}
