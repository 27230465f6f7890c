package io.hindsight.agent.kubernetes;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Which pod a container belongs to. Thread-safe; pods that are gone are remembered a while, because their processes end after them. */
public final class KnownPods {
    /** Most pods that are gone and remembered. */
    static final int MAX_GONE = 512;

    /** Containers of a pod that are remembered: more than any pod has. */
    static final int MAX_CONTAINERS = 256;

    private static final List<String> STATUSES =
            List.of("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses");

    private final Map<String, Pod> byUid = new ConcurrentHashMap<>();
    private final Map<String, KnownPod> byContainer = new ConcurrentHashMap<>();

    // The source's thread.
    private final ArrayDeque<String> gone = new ArrayDeque<>();

    /**
     * A pod, and a container in it.
     *
     * @param namespace of the pod
     * @param pod its name
     * @param uid of the pod
     * @param container name of the container within the pod; null where the pod is known and not yet which container it is
     */
    public record KnownPod(String namespace, String pod, String uid, @Nullable String container) {}

    private record Pod(KnownPod pod, List<String> containerIds) {}

    /**
     * The pod of a container.
     *
     * @param containerId 64 hexadecimal digits
     * @param podUid as the cgroup tells it; null where it does not
     */
    public Optional<KnownPod> find(String containerId, @Nullable String podUid) {
        KnownPod exactly = byContainer.get(containerId);
        if (exactly != null || podUid == null) {
            return Optional.ofNullable(exactly);
        }
        return Optional.ofNullable(byUid.get(podUid)).map(Pod::pod);
    }

    /** A pod is so now. The source's thread. */
    void put(KubernetesObject pod) {
        KnownPod known = new KnownPod(pod.namespace(), pod.name(), pod.uid(), null);
        Map<String, String> containers = containers(pod.json());
        Pod before = byUid.put(pod.uid(), new Pod(known, List.copyOf(containers.keySet())));
        containers.forEach(
                (id, name) -> byContainer.put(id, new KnownPod(known.namespace(), known.pod(), known.uid(), name)));
        if (before != null) {
            before.containerIds().stream().filter(id -> !containers.containsKey(id)).forEach(byContainer::remove);
        }
    }

    /** A pod is gone. The source's thread. */
    void end(String uid) {
        if (!byUid.containsKey(uid)) {
            return;
        }
        gone.add(uid);
        if (gone.size() > MAX_GONE) {
            Pod oldest = byUid.remove(gone.remove());
            if (oldest != null) {
                oldest.containerIds().forEach(byContainer::remove);
            }
        }
    }

    /** Names by id: also of a container's last instance, whose processes may just have ended. */
    private static Map<String, String> containers(Map<String, Object> pod) {
        Map<String, String> containers = new LinkedHashMap<>();
        Map<String, Object> status = KubernetesObject.map(pod, "status");
        for (String statuses : STATUSES) {
            for (Map<String, Object> container : objects(status.get(statuses))) {
                String name = KubernetesObject.text(container, "name");
                putId(containers, KubernetesObject.text(container, "containerID"), name);
                Map<String, Object> last = KubernetesObject.map(container, "lastState");
                putId(containers, KubernetesObject.text(KubernetesObject.map(last, "terminated"), "containerID"), name);
            }
        }
        return containers;
    }

    /** {@code containerd://<id>}. */
    private static void putId(Map<String, String> containers, String id, String name) {
        int scheme = id.indexOf("://");
        if (scheme >= 0 && containers.size() < MAX_CONTAINERS) {
            containers.put(id.substring(scheme + "://".length()), name);
        }
    }

    @SuppressWarnings("unchecked") // JSON's objects have text as keys
    private static List<Map<String, Object>> objects(@Nullable Object list) {
        List<Map<String, Object>> objects = new ArrayList<>();
        if (list instanceof List<?> elements) {
            for (Object element : elements) {
                if (element instanceof Map<?, ?> map) {
                    objects.add((Map<String, Object>) map);
                }
            }
        }
        return objects;
    }
}
