package io.hindsight.agent.os;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The node's pods, asked which of them a container belongs to. Thread-safe; answers at once from memory. */
@FunctionalInterface
public interface PodDirectory {
    /** Knows of no pod: where Kubernetes is not watched. */
    PodDirectory NONE = (containerId, podUid) -> Optional.empty();

    /**
     * The pod of a container.
     *
     * @param containerId 64 hexadecimal digits
     * @param podUid of the pod, where the cgroup path tells it
     */
    Optional<PodOfContainer> pod(String containerId, @Nullable String podUid);

    /**
     * A pod, and a container of it.
     *
     * @param uid of the pod
     * @param namespace of the pod
     * @param pod name
     * @param container name within the pod; absent where the container is not one that the pod names, as that which holds its network
     */
    record PodOfContainer(String uid, String namespace, String pod, @Nullable String container) {}
}
