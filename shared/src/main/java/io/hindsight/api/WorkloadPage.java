package io.hindsight.api;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One page of a list, by namespace, name, type, then time.
 *
 * @param workloads this page
 * @param total all that match
 * @param limit as asked, or the default
 * @param offset as asked, or 0
 * @param incomplete nodes that record Kubernetes and of which something is missing; absent: none, or a snapshot is meant
 * @param omitted how much is not known because a bound was reached, by what it was; absent: nothing
 */
public record WorkloadPage(
        List<Workload> workloads,
        int total,
        int limit,
        int offset,
        @Nullable List<NodeShortfall> incomplete,
        @Nullable Map<String, Long> omitted) {
    public WorkloadPage {
        workloads = List.copyOf(workloads);
    }
}
