package io.hindsight.hub.flow;

import io.hindsight.hub.packet.IpProtocol;
import io.hindsight.hub.packet.PacketTuple;
import io.hindsight.hub.packet.TcpFlags;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Every flow of a pass, found by its key: open addressing, at most half full. Allocates for a flow and a point at which it is seen, never for a packet. Owned by
 * the pass's thread.
 */
final class FlowTable {
    private static final int MIN_CAPACITY = 1 << 10;

    private final FlowLimits limits;
    private final long seed = new SplittableRandom().nextLong();
    private final FlowKey key = new FlowKey();
    private final List<TrackedFlow> flows = new ArrayList<>();
    private final UnlistedFlows unlisted;
    private @Nullable TrackedFlow[] table = new TrackedFlow[MIN_CAPACITY];
    private int observations;
    private int handshakes;
    private long packetsAtFurtherPoints;
    private long unmeasuredHandshakes;

    FlowTable(FlowLimits limits) {
        this.limits = limits;
        this.unlisted = new UnlistedFlows(limits.maxFingerprints());
    }

    void add(PacketTuple packet, int point, int wireLength, long timeNs) {
        boolean fromLower = key.set(packet);
        long hash = key.hash(seed);
        TrackedFlow flow = find(hash, fromLower);
        if (flow == null) {
            unlisted.add(hash, wireLength);
            return;
        }
        if (packet.isTcp()) {
            flow.learnInitiator(packet, fromLower);
        }
        Observation observation = observation(flow, point, timeNs);
        if (observation == null) {
            packetsAtFurtherPoints++;
            return;
        }
        long beforeNs = observation.add(fromLower, wireLength, timeNs);
        if (packet.isTcp()) {
            segment(observation, packet, fromLower, timeNs, beforeNs);
        }
    }

    private @Nullable TrackedFlow find(long hash, boolean fromLower) {
        int place = (int) hash & (table.length - 1);
        for (TrackedFlow candidate = table[place]; candidate != null; candidate = table[place]) {
            if (candidate.hash() == hash && candidate.key().isSame(key)) {
                return candidate;
            }
            place = (place + 1) & (table.length - 1);
        }
        boolean isFull = flows.size() == limits.maxFlows() || observations == limits.maxObservations();
        return isFull ? null : put(new TrackedFlow(key.copy(), hash, fromLower), place);
    }

    private TrackedFlow put(TrackedFlow flow, int place) {
        table[place] = flow;
        flows.add(flow);
        if (flows.size() > table.length / 2) {
            grow();
        }
        return flow;
    }

    private void grow() {
        @Nullable TrackedFlow[] larger = new TrackedFlow[2 * table.length];
        for (TrackedFlow flow : flows) {
            int place = (int) flow.hash() & (larger.length - 1);
            while (larger[place] != null) {
                place = (place + 1) & (larger.length - 1);
            }
            larger[place] = flow;
        }
        table = larger;
    }

    private @Nullable Observation observation(TrackedFlow flow, int point, long timeNs) {
        Observation known = flow.at(point);
        if (known != null || observations == limits.maxObservations() || !flow.hasRoom()) {
            return known;
        }
        observations++;
        return flow.observe(point, timeNs);
    }

    private void segment(Observation observation, PacketTuple segment, boolean fromLower, long timeNs, long beforeNs) {
        TcpConnections tcp = observation.tcp();
        if (tcp == null) {
            throw new IllegalStateException("protocol=" + IpProtocol.name(segment.protocol()));
        }
        if (segment.hasFlag(TcpFlags.RST)) {
            observation.traffic(fromLower).addReset();
        }
        switch (tcp.add(segment, fromLower, timeNs, beforeNs)) {
            case RETRANSMISSION -> observation.traffic(fromLower).addRetransmission();
            case ESTABLISHED -> established(tcp, timeNs);
            case PLAIN -> {
                // Counted as a packet.
            }
        }
    }

    private void established(TcpConnections tcp, long timeNs) {
        if (handshakes == limits.maxHandshakes()) {
            unmeasuredHandshakes++;
        } else {
            handshakes++;
            tcp.measure(timeNs);
        }
    }

    /** In the order in which they were met. */
    List<TrackedFlow> flows() {
        return flows;
    }

    UnlistedFlows unlisted() {
        return unlisted;
    }

    long packetsAtFurtherPoints() {
        return packetsAtFurtherPoints;
    }

    long unmeasuredHandshakes() {
        return unmeasuredHandshakes;
    }
}
