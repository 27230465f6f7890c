package io.hindsight.agent.kubernetes;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What names resolve by, and no more: the form of objects in checkpoints and in answers to the Hub, and of those that are too long to be stored whole. */
final class SlimForm {
    private static final List<String> METADATA =
            List.of(
                    "apiVersion",
                    "kind",
                    "metadata.name",
                    "metadata.namespace",
                    "metadata.uid",
                    "metadata.resourceVersion",
                    "metadata.generateName",
                    "metadata.creationTimestamp",
                    "metadata.deletionTimestamp",
                    "metadata.labels",
                    "metadata.ownerReferences");

    private static final Map<ResourceKind, FieldSelection> SELECTIONS = selections();

    private SlimForm() {}

    static Map<String, Object> of(ResourceKind kind, Map<String, Object> object) {
        return Objects.requireNonNull(SELECTIONS.get(kind)).copy(object);
    }

    private static Map<ResourceKind, FieldSelection> selections() {
        Map<ResourceKind, FieldSelection> selections = new EnumMap<>(ResourceKind.class);
        for (ResourceKind kind : ResourceKind.values()) {
            List<String> paths = new ArrayList<>(METADATA);
            paths.addAll(fieldsOf(kind));
            selections.put(kind, FieldSelection.of(paths.toArray(String[]::new)));
        }
        return selections;
    }

    private static List<String> fieldsOf(ResourceKind kind) {
        return switch (kind) {
            case POD ->
                    List.of(
                            "spec.nodeName",
                            "spec.hostNetwork",
                            "spec.containers.name",
                            "spec.containers.image",
                            "spec.containers.ports",
                            "spec.initContainers.name",
                            "spec.initContainers.ports",
                            "spec.ephemeralContainers.name",
                            "status.phase",
                            "status.podIP",
                            "status.podIPs",
                            "status.hostIP",
                            "status.hostIPs",
                            "status.startTime",
                            "status.containerStatuses.name",
                            "status.containerStatuses.containerID",
                            "status.initContainerStatuses.name",
                            "status.initContainerStatuses.containerID",
                            "status.ephemeralContainerStatuses.name",
                            "status.ephemeralContainerStatuses.containerID");
            case SERVICE ->
                    List.of(
                            "spec.type",
                            "spec.clusterIP",
                            "spec.clusterIPs",
                            "spec.externalIPs",
                            "spec.externalName",
                            "spec.loadBalancerIP",
                            "spec.ports",
                            "spec.selector",
                            "status.loadBalancer");
            case ENDPOINT_SLICE ->
                    List.of(
                            "addressType",
                            "endpoints.addresses",
                            "endpoints.conditions",
                            "endpoints.nodeName",
                            "endpoints.targetRef",
                            "ports");
            case NODE -> List.of("spec.podCIDR", "spec.podCIDRs", "spec.providerID", "status.addresses");
            case NAMESPACE -> List.of("status.phase");
            case EVENT -> List.of("type", "reason", "note", "action", "regarding", "related", "eventTime", "series");
            default -> List.of();
        };
    }
}
