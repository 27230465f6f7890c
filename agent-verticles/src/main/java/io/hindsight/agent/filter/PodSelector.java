package io.hindsight.agent.filter;

import io.hindsight.agent.capture.IpAddress;
import io.hindsight.agent.kubernetes.NodePod;
import io.hindsight.api.CapturePolicy;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds the pods that a policy means, and their addresses. Immutable. */
final class PodSelector {
    private final CapturePolicy policy;
    private final @Nullable PodNamePattern pattern;

    /** Compiles the policy's expression; INVALID_REQUEST where it cannot be used. */
    PodSelector(CapturePolicy policy) {
        this.policy = policy;
        this.pattern = policy.regex() == null ? null : PodNamePattern.of(policy.regex());
    }

    /**
     * The addresses.
     *
     * @param live pods that are there
     * @param gone pods that were there a moment ago, whose last packets may still come: an address that another pod has now is that one's
     */
    PodSets select(Collection<NodePod> live, Collection<NodePod> gone) {
        if (!policy.concernsPods()) {
            return PodSets.NONE;
        }
        Set<IpAddress> only = new HashSet<>();
        Set<IpAddress> except = new HashSet<>();
        Set<IpAddress> taken = new HashSet<>();
        int pods = 0;
        int onHostNetwork = 0;
        for (NodePod pod : live) {
            if (pod.hostNetwork()) {
                onHostNetwork += isMeant(pod) ? 1 : 0;
            } else {
                taken.addAll(pod.addresses());
                pods += isMeant(pod) && !pod.addresses().isEmpty() ? 1 : 0;
                add(pod, only, except);
            }
        }
        for (NodePod pod : gone) {
            if (!pod.hostNetwork() && pod.addresses().stream().noneMatch(taken::contains)) {
                add(pod, only, except);
            }
        }
        return new PodSets(hasTargets() ? only : null, except, pods, onHostNetwork);
    }

    private void add(NodePod pod, Set<IpAddress> only, Set<IpAddress> except) {
        if (isExcluded(pod)) {
            except.addAll(pod.addresses());
        } else if (isTarget(pod)) {
            only.addAll(pod.addresses());
        }
    }

    private boolean hasTargets() {
        return pattern != null || !policy.namespaces().isEmpty();
    }

    private boolean isMeant(NodePod pod) {
        return isExcluded(pod) || isTarget(pod);
    }

    private boolean isExcluded(NodePod pod) {
        return policy.excludedNamespaces().contains(pod.namespace());
    }

    private boolean isTarget(NodePod pod) {
        return hasTargets()
                && !isExcluded(pod)
                && (policy.namespaces().isEmpty() || policy.namespaces().contains(pod.namespace()))
                && (pattern == null || pattern.isIn(pod.name()));
    }
}
