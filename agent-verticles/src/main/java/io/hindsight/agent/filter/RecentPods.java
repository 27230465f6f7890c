package io.hindsight.agent.filter;

import io.hindsight.agent.kubernetes.NodePod;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The pods of the node, and those that have just gone: their last packets come after the news. Not thread-safe. */
final class RecentPods {
    /** How long a pod that is gone, or an address that it has no longer, is kept. */
    static final Duration KEPT = Duration.ofSeconds(5);

    /** Pods that are gone and kept, at most; the oldest are forgotten. */
    static final int MAX_KEPT = 4_096;

    private final Map<String, NodePod> live = new HashMap<>();
    private final Map<String, Gone> gone = new LinkedHashMap<>();

    private record Gone(NodePod pod, long untilNs) {}

    /** The pods are these now. */
    void update(Collection<NodePod> now, long nowNs) {
        Map<String, NodePod> running = new HashMap<>();
        now.stream().filter(pod -> !pod.ended()).forEach(pod -> running.put(pod.uid(), pod));
        for (NodePod before : live.values()) {
            NodePod after = running.get(before.uid());
            if (after == null || !after.addresses().containsAll(before.addresses())) {
                gone.put(before.uid(), new Gone(before, nowNs + KEPT.toNanos()));
            }
        }
        live.clear();
        live.putAll(running);
        Iterator<Gone> all = gone.values().iterator();
        while (all.hasNext()) {
            if (all.next().untilNs() - nowNs <= 0 || gone.size() > MAX_KEPT) {
                all.remove();
            }
        }
    }

    Collection<NodePod> live() {
        return live.values();
    }

    List<NodePod> gone() {
        return gone.values().stream().map(Gone::pod).toList();
    }
}
