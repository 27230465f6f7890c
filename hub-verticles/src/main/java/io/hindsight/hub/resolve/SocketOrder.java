package io.hindsight.hub.resolve;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A socket that a checkpoint named was open since some time after the one with the same ends before it was closed. */
final class SocketOrder {
    private SocketOrder() {}

    private record Ends(SocketKey key, @Nullable Long netns) {}

    /** In the order of their ends in time, those of the same ends and network namespace without overlap. */
    static List<SocketInterval> disjoint(List<SocketInterval> intervals) {
        List<SocketInterval> sorted = new ArrayList<>(intervals);
        sorted.sort(Comparator.comparingLong(SocketInterval::toNs));
        Map<Ends, Long> endedNs = HashMap.newHashMap(sorted.size());
        List<SocketInterval> disjoint = new ArrayList<>(sorted.size());
        for (SocketInterval each : sorted) {
            Long before = endedNs.put(new Ends(each.key(), each.netns()), each.toNs());
            long fromNs = before == null ? each.fromNs() : Math.max(before, each.fromNs());
            if (fromNs < each.toNs()) {
                disjoint.add(
                        fromNs == each.fromNs()
                                ? each
                                : new SocketInterval(each.key(), each.netns(), fromNs, each.toNs(), each.owner()));
            }
        }
        return List.copyOf(disjoint);
    }
}
