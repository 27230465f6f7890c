package io.hindsight.hub.flow;

import io.hindsight.hub.packet.PacketTuple;
import io.hindsight.hub.packet.TcpFlags;
import org.jspecify.annotations.Nullable;

/** A flow while packets are read. */
final class TrackedFlow {
    /** Points of observation that are told of; more would be a loop in the network, or a node with a thousand bridges. */
    static final int MAX_POINTS = 64;

    private static final int FIRST_EPHEMERAL_PORT = 32_768;
    private static final int LAST_EPHEMERAL_PORT = 60_999;
    private static final int FIRST_UNPRIVILEGED_PORT = 1_024;

    private final FlowKey key;
    private final long hash;
    private final boolean firstFromLower;
    private @Nullable Observation latest;
    private int points;
    private boolean knowsInitiator;
    private boolean initiatorIsLower;

    TrackedFlow(FlowKey key, long hash, boolean firstFromLower) {
        this.key = key;
        this.hash = hash;
        this.firstFromLower = firstFromLower;
    }

    FlowKey key() {
        return key;
    }

    long hash() {
        return hash;
    }

    /** As that point sees it; absent where it did not see it yet. */
    @Nullable Observation at(int point) {
        Observation candidate = latest;
        while (candidate != null && candidate.point() != point) {
            candidate = candidate.earlier();
        }
        return candidate;
    }

    boolean hasRoom() {
        return points < MAX_POINTS;
    }

    Observation observe(int point, long timeNs) {
        Observation added = new Observation(point, key.protocol(), timeNs, latest);
        latest = added;
        points++;
        return added;
    }

    @Nullable Observation latest() {
        return latest;
    }

    /** The first SYN tells who began; where only its answer was seen, that one does. */
    void learnInitiator(PacketTuple segment, boolean fromLower) {
        if (!knowsInitiator && segment.hasFlag(TcpFlags.SYN)) {
            knowsInitiator = true;
            initiatorIsLower = fromLower != segment.hasFlag(TcpFlags.ACK);
        }
    }

    /** Whether the client is the lower end ({@link io.hindsight.api.Flow#client}). */
    boolean clientIsLower() {
        if (knowsInitiator) {
            return initiatorIsLower;
        }
        boolean lowerIsKnown = key.port(true) < FIRST_UNPRIVILEGED_PORT;
        boolean upperIsKnown = key.port(false) < FIRST_UNPRIVILEGED_PORT;
        if (key.hasPorts() && lowerIsKnown != upperIsKnown) {
            return upperIsKnown;
        }
        boolean lowerIsEphemeral = isEphemeral(key.port(true));
        boolean upperIsEphemeral = isEphemeral(key.port(false));
        return lowerIsEphemeral != upperIsEphemeral ? lowerIsEphemeral : firstFromLower;
    }

    /** By Linux's own choice of them. */
    private static boolean isEphemeral(int port) {
        return port >= FIRST_EPHEMERAL_PORT && port <= LAST_EPHEMERAL_PORT;
    }
}
