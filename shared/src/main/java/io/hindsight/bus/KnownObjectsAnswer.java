package io.hindsight.bus;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A page of the Kubernetes objects that an agent knows, and of what was there within the last hour. Pods, services, EndpointSlices, nodes, namespaces and
 * owners of pods; never events. An object whose part that names resolve by has changed (a pod that got its address, a container that was started again)
 * stands here once for each state, over the time of that state.
 *
 * @param objects ascending by key; all pages together are one walk through what changes meanwhile: an object that is there throughout is met exactly once
 * @param next to ask for the next page with; absent: this is the last one
 * @param left how many are left out after this page, about
 * @param complete whether the agent has seen all objects since it started, and has left out none for its length or for want of memory
 * @param problem why what is told may be out of date, a whole sentence; absent while the agent hears of every change
 */
public record KnownObjectsAnswer(
        List<KnownObject> objects, @Nullable String next, long left, boolean complete, @Nullable String problem) {
    public KnownObjectsAnswer {
        objects = List.copyOf(objects);
    }

    /** Of an agent that watches no Kubernetes objects. */
    public static KnownObjectsAnswer none() {
        return new KnownObjectsAnswer(List.of(), null, 0, true, null);
    }

    /**
     * One state of one object.
     *
     * @param key tells states apart, and orders them
     * @param apiVersion for example {@code v1}, {@code apps/v1}
     * @param resource {@code Pod}, {@code Service}, {@code EndpointSlice}, {@code Node}, {@code Namespace}, {@code ReplicaSet}, …
     * @param namespace absent where the object belongs to none
     * @param name of the object
     * @param uid of the object
     * @param object what names resolve by, as {@code object} of a KNOWN {@link io.hindsight.event.KubernetesChange}
     * @param fromNs since when it was so, as far as the agent knows, since the epoch: of an object that was there before the agent looked, when it was made
     * @param toNs until when; absent: it still is
     */
    public record KnownObject(
            String key,
            String apiVersion,
            String resource,
            @Nullable String namespace,
            String name,
            String uid,
            Map<String, Object> object,
            long fromNs,
            @Nullable Long toNs) {}
}
