package io.hindsight.hub.resolve;

import io.hindsight.hub.resolve.Resolution.Holder;
import io.hindsight.time.TimeWindow;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;

/**
 * All that a resolution knows, as {@code resolution.json} holds it. Immutable.
 *
 * @param workloads objects, a state at a time
 * @param addresses intervals of addresses; those of one address and kind of holder do not overlap
 * @param sockets intervals of sockets
 * @param omitted what was left out, by {@link Omitted.Kind#key}
 */
record ResolutionData(
        List<Holder> workloads, List<HeldAddress> addresses, List<SocketInterval> sockets, Map<String, Long> omitted) {
    /**
     * @param workload index of the holder's state in {@link #workloads}
     * @param valid when it had the address
     */
    record HeldAddress(InetAddress address, int workload, TimeWindow valid) {}

    boolean isEmpty() {
        return workloads.isEmpty() && sockets.isEmpty() && omitted.isEmpty();
    }
}
