package io.hindsight.agent.kubernetes;

import io.hindsight.agent.capture.IpAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A pod of this node and what its packets can be told by. Immutable.
 *
 * @param uid of the pod
 * @param namespace it is in
 * @param name within the namespace
 * @param hostNetwork whether it has the node's addresses, with which it cannot be told from the node
 * @param ended whether all its containers have ended for good: its addresses may be another pod's
 * @param addresses as far as they are known yet
 */
public record NodePod(
        String uid, String namespace, String name, boolean hostNetwork, boolean ended, List<IpAddress> addresses) {
    /** Addresses of a pod, at most: Kubernetes gives it two. */
    static final int MAX_ADDRESSES = 16;

    private static final Set<String> ENDED = Set.of("Succeeded", "Failed");

    public NodePod {
        addresses = List.copyOf(addresses);
    }

    static NodePod of(KubernetesObject pod) {
        Map<String, Object> status = KubernetesObject.map(pod.json(), "status");
        boolean hostNetwork = Boolean.TRUE.equals(KubernetesObject.map(pod.json(), "spec").get("hostNetwork"));
        return new NodePod(
                pod.uid(),
                pod.namespace(),
                pod.name(),
                hostNetwork,
                ENDED.contains(KubernetesObject.text(status, "phase")),
                addresses(status));
    }

    private static List<IpAddress> addresses(Map<String, Object> status) {
        Set<IpAddress> addresses = new LinkedHashSet<>();
        IpAddress.parse(KubernetesObject.text(status, "podIP")).ifPresent(addresses::add);
        if (status.get("podIPs") instanceof List<?> all) {
            for (Object one : all) {
                if (addresses.size() < MAX_ADDRESSES
                        && one instanceof Map<?, ?> entry
                        && entry.get("ip") instanceof String ip) {
                    IpAddress.parse(ip).ifPresent(addresses::add);
                }
            }
        }
        return new ArrayList<>(addresses);
    }
}
