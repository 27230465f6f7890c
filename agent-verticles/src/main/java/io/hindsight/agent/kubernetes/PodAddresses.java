package io.hindsight.agent.kubernetes;

import io.hindsight.agent.kubernetes.NodePods.Knowledge;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The pods that are there now and their addresses. One thread, the source's, changes it; any thread may ask. */
public final class PodAddresses {
    /** Pods that are known, at most: many times what a kubelet runs. Those beyond are counted. */
    static final int MAX_PODS = 4_096;

    /** An API server that does not answer is told after this time: a watch that ends and is opened again is nothing. */
    private static final long STALE_AFTER_NS = Duration.ofSeconds(10).toNanos();

    private final Map<String, NodePod> byUid = new ConcurrentHashMap<>();

    // Written by the source's thread, read by all.
    private final AtomicLong changes = new AtomicLong();
    private final AtomicLong leftOut = new AtomicLong();
    private volatile boolean listed;
    private volatile @Nullable Long troubledSinceNs;

    /** A pod is so now. */
    void put(KubernetesObject pod) {
        NodePod now = NodePod.of(pod);
        if (byUid.size() >= MAX_PODS && !byUid.containsKey(now.uid())) {
            leftOut.incrementAndGet();
            changes.incrementAndGet();
        } else if (!now.equals(byUid.put(now.uid(), now))) {
            changes.incrementAndGet();
        }
    }

    /** A pod is gone. */
    void end(String uid) {
        if (byUid.remove(uid) != null) {
            changes.incrementAndGet();
        }
    }

    /** How the source is: whether pods were listed, and whether the API server answers. */
    void tell(boolean allListed, boolean answered) {
        if (listed != allListed) {
            listed = allListed;
            changes.incrementAndGet();
        }
        if (answered) {
            troubledSinceNs = null;
        } else if (troubledSinceNs == null) {
            troubledSinceNs = System.nanoTime();
        }
    }

    /** Another number whenever something has changed. */
    public long changes() {
        return changes.get();
    }

    /** What is known now. */
    public NodePods now() {
        if (!listed) {
            return new NodePods(Knowledge.UNLISTED, List.of(), 0);
        }
        Long sinceNs = troubledSinceNs;
        boolean stale = sinceNs != null && System.nanoTime() - sinceNs >= STALE_AFTER_NS;
        return new NodePods(stale ? Knowledge.STALE : Knowledge.CURRENT, List.copyOf(byUid.values()), leftOut.get());
    }
}
