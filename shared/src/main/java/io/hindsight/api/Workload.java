package io.hindsight.api;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something of Kubernetes that has a name, over an interval in which its labels, node and owner were the same; {@code GET /snapshots/{id}/workloads} and {@code /workloads}.
 *
 * @param type kind of the object: {@code Pod}, {@code Service}, {@code Node}, {@code Deployment}, …
 * @param namespace absent where it belongs to none
 * @param name of it
 * @param uid of it
 * @param node on which it runs; absent where that makes no sense
 * @param labels then
 * @param owner topmost that is known
 * @param addresses that it had in the interval; of a pod of its node's network none
 * @param from since when; absent: since before anything is known
 * @param to until when; absent: it still is, as far as is known
 */
public record Workload(
        String type,
        @Nullable String namespace,
        String name,
        @Nullable String uid,
        @Nullable String node,
        Map<String, String> labels,
        @Nullable Owner owner,
        List<String> addresses,
        @Nullable Instant from,
        @Nullable Instant to) {
    public Workload {
        labels = Map.copyOf(labels);
        addresses = List.copyOf(addresses);
    }

    /**
     * The controller that made something.
     *
     * @param kind {@code Deployment}, {@code StatefulSet}, …
     * @param name of it
     */
    public record Owner(String kind, String name) {}
}
