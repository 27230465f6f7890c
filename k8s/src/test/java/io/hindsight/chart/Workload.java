package io.hindsight.chart;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.List;
import java.util.Optional;

/**
 * What makes pods, whichever of the three kinds it is of.
 *
 * @param object itself
 * @param selector of its pods
 * @param template of its pods
 * @param claims of volumes that it makes
 */
record Workload(
        HasMetadata object, LabelSelector selector, PodTemplateSpec template, List<PersistentVolumeClaim> claims) {
    static Optional<Workload> of(HasMetadata object) {
        return switch (object) {
            case DaemonSet set ->
                    Optional.of(new Workload(set, set.getSpec().getSelector(), set.getSpec().getTemplate(), List.of()));
            case Deployment deployment ->
                    Optional.of(
                            new Workload(
                                    deployment,
                                    deployment.getSpec().getSelector(),
                                    deployment.getSpec().getTemplate(),
                                    List.of()));
            case StatefulSet set ->
                    Optional.of(
                            new Workload(
                                    set,
                                    set.getSpec().getSelector(),
                                    set.getSpec().getTemplate(),
                                    set.getSpec().getVolumeClaimTemplates()));
            default -> Optional.empty();
        };
    }

    String name() {
        return object.getMetadata().getName();
    }

    /** {@code hub}, {@code agent} or {@code recorder}. */
    String component() {
        return template.getMetadata().getLabels().getOrDefault("app.kubernetes.io/component", "(none)");
    }

    PodSpec pod() {
        return template.getSpec();
    }

    /** The only one. */
    Container container() {
        List<Container> containers = pod().getContainers();
        if (containers.size() != 1 || !pod().getInitContainers().isEmpty()) {
            throw new AssertionError(name() + " has not exactly one container");
        }
        return containers.getFirst();
    }
}
