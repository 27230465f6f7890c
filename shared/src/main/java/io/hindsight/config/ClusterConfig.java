package io.hindsight.config;

import io.hindsight.api.CapturePolicy;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A Hub's cluster: what its nodes record, and where to learn which nodes there should be. Immutable; checked by {@link HubConfig}.
 *
 * @param capture what the nodes record, until it is changed at run time
 * @param kubeconfig how to reach the API server, in kubectl's format; null: as a pod does, by its service account
 * @param agentDaemonSet {@code NAMESPACE/NAME} of the agents' DaemonSet; null: nodes are known by their agents alone
 */
public record ClusterConfig(CapturePolicy capture, @Nullable Path kubeconfig, @Nullable String agentDaemonSet) {
    /** The node's name that a cluster recorder goes by in Kubernetes. */
    public static final String RECORDER_NODE = "cluster-recorder";

    /** Everything is recorded, and no API server is asked. */
    public static final ClusterConfig NONE = new ClusterConfig(CapturePolicy.EVERYTHING, null, null);

    /** Notes what cannot be meant. */
    void check(ConfigProblems problems) {
        problems.check(
                agentDaemonSet == null || agentDaemonSet.matches("[^/]+/[^/]+"),
                "agent-daemonset",
                "is NAMESPACE/NAME, got " + agentDaemonSet);
    }
}
