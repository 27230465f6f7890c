package io.hindsight.hub.testing;

import io.hindsight.event.CheckpointPart;
import io.hindsight.event.KubernetesChange;
import io.hindsight.event.KubernetesChange.Kind;
import io.hindsight.time.EpochNanos;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Changes of Kubernetes objects as recorders tell of them, for tests. Times are seconds since the epoch; the uid of an object is {@code uid-<name>}. */
public final class KubernetesChanges {
    private static final long SECOND_NS = 1_000_000_000L;

    private KubernetesChanges() {}

    /** A running pod in the namespace {@code shop}, as the API server has it. */
    public static Map<String, Object> pod(String name, String address, long startedS) {
        return pod(name, address, startedS, Map.of("app", name));
    }

    /** The same with labels. */
    public static Map<String, Object> pod(String name, String address, long startedS, Map<String, String> labels) {
        return Map.of(
                "metadata",
                Map.of("name", name, "creationTimestamp", time(startedS), "labels", labels),
                "spec",
                Map.of("nodeName", "n1"),
                "status",
                Map.of(
                        "phase",
                        "Running",
                        "startTime",
                        time(startedS),
                        "podIP",
                        address,
                        "podIPs",
                        List.of(Map.of("ip", address))));
    }

    /** An owner, or a pod without address, that an owner made. */
    public static Map<String, Object> owned(String ownerKind, String ownerName) {
        return Map.of(
                "metadata",
                Map.of(
                        "ownerReferences",
                        List.of(
                                Map.of(
                                        "kind",
                                        ownerKind,
                                        "name",
                                        ownerName,
                                        "uid",
                                        "uid-" + ownerName,
                                        "controller",
                                        true))));
    }

    /** A change of which the whole object is told. */
    public static KubernetesChange whole(
            Kind kind, String resource, String name, long heardS, @Nullable Map<String, Object> object) {
        return change(kind, resource, name, heardS, object, null, kind == Kind.KNOWN ? CheckpointPart.ENTRY : null);
    }

    /** A change of which the difference is told. */
    public static KubernetesChange patched(String resource, String name, long heardS, Map<String, Object> patch) {
        return change(Kind.MODIFIED, resource, name, heardS, null, patch, null);
    }

    /** A pod was deleted. */
    public static KubernetesChange deleted(String resource, String name, long heardS) {
        return change(Kind.DELETED, resource, name, heardS, null, null, null);
    }

    /** The same with the API server's time. */
    public static KubernetesChange at(long serverS, KubernetesChange change) {
        return new KubernetesChange(
                change.kind(),
                change.receivedNs(),
                EpochNanos.toInstant(serverS * SECOND_NS),
                change.apiVersion(),
                change.resource(),
                change.namespace(),
                change.name(),
                change.uid(),
                change.resourceVersion(),
                change.object(),
                change.patch(),
                change.checkpoint(),
                change.count());
    }

    /** The first or last record of a checkpoint. */
    public static KubernetesChange checkpoint(CheckpointPart part, String resource, long heardS, long entries) {
        return new KubernetesChange(
                Kind.CHECKPOINT,
                heardS * SECOND_NS,
                null,
                null,
                resource,
                null,
                null,
                null,
                null,
                null,
                null,
                part,
                entries);
    }

    private static KubernetesChange change(
            Kind kind,
            String resource,
            String name,
            long heardS,
            @Nullable Map<String, Object> object,
            @Nullable Map<String, Object> patch,
            @Nullable CheckpointPart checkpoint) {
        boolean isOfCluster = resource.equals("Node") || resource.equals("Namespace");
        return new KubernetesChange(
                kind,
                heardS * SECOND_NS,
                null,
                "v1",
                resource,
                isOfCluster ? null : "shop",
                name,
                "uid-" + name,
                "1",
                object,
                patch,
                checkpoint,
                null);
    }

    private static String time(long seconds) {
        return EpochNanos.format(seconds * SECOND_NS);
    }
}
