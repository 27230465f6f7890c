package io.hindsight.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Which events an agent records beside packets. Immutable.
 *
 * @param os from where operating-system events come
 * @param kubernetes whether changes of Kubernetes objects are recorded
 * @param kubeconfig how to reach the API server, in kubectl's format; absent: as a pod does, by its service account
 * @param clusterRecorder whether this agent records what belongs to no node, and nothing else: no packets, no operating-system events
 */
public record EventsConfig(
        OsEvents os, KubernetesEvents kubernetes, @Nullable Path kubeconfig, boolean clusterRecorder) {
    /** No events at all. */
    public static final EventsConfig NONE = new EventsConfig(OsEvents.OFF, KubernetesEvents.OFF, null, false);

    /** From where operating-system events come. */
    public enum OsEvents {
        /** eBPF where the kernel allows it, else netlink, else none; status and log say which. */
        AUTO,
        /** eBPF, or the agent does not start. */
        EBPF,
        /** The netlink process connector, or the agent does not start. */
        NETLINK,
        OFF
    }

    /** Whether changes of Kubernetes objects are recorded. */
    public enum KubernetesEvents {
        /** Where the agent runs in a pod, or a kubeconfig is named. */
        AUTO,
        /** Yes, or the agent does not start. */
        ON,
        OFF
    }

    public EventsConfig {
        new ConfigProblems("agent")
                .check(
                        !clusterRecorder || kubernetes != KubernetesEvents.OFF,
                        "cluster-recorder",
                        "records changes of Kubernetes objects; kubernetes=off leaves nothing to record")
                .throwIfAny();
    }
}
