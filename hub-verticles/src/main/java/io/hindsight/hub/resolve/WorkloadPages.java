package io.hindsight.hub.resolve;

import io.hindsight.api.AddressPage;
import io.hindsight.api.HeldAddress;
import io.hindsight.api.NodeShortfall;
import io.hindsight.api.Workload;
import io.hindsight.api.WorkloadPage;
import io.hindsight.hub.resolve.Resolution.AddressInterval;
import io.hindsight.hub.resolve.Resolution.Holder;
import io.hindsight.hub.resolve.Resolution.Owner;
import io.hindsight.time.EpochNanos;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Answers queries from a resolution. Looks at every entry: call it on a worker. Stateless. */
public final class WorkloadPages {
    private WorkloadPages() {}

    private record Page<T>(List<T> entries, int total) {
        private static <T> Page<T> of(List<T> all, Predicate<T> matches, WorkloadQuery query) {
            List<T> entries = new ArrayList<>();
            int total = 0;
            for (T each : all) {
                if (matches.test(each)) {
                    if (total >= query.offset() && entries.size() < query.limit()) {
                        entries.add(each);
                    }
                    total++;
                }
            }
            return new Page<>(entries, total);
        }
    }

    /** The page of workloads; {@code incomplete} is told as it is, where it is not empty. */
    public static WorkloadPage workloads(Resolution resolution, WorkloadQuery query, List<NodeShortfall> incomplete) {
        Page<Holder> page = Page.of(resolution.workloads(), query::matches, query);
        return new WorkloadPage(
                page.entries().stream().map(WorkloadPages::workload).toList(),
                page.total(),
                query.limit(),
                query.offset(),
                presentOrNull(incomplete),
                omitted(resolution));
    }

    /** The page of addresses. */
    public static AddressPage addresses(Resolution resolution, WorkloadQuery query, List<NodeShortfall> incomplete) {
        Page<AddressInterval> page =
                Page.of(resolution.addresses(), interval -> query.matches(interval.holder()), query);
        return new AddressPage(
                page.entries().stream().map(WorkloadPages::address).toList(),
                page.total(),
                query.limit(),
                query.offset(),
                presentOrNull(incomplete),
                omitted(resolution));
    }

    private static <T> @Nullable List<T> presentOrNull(List<T> list) {
        return list.isEmpty() ? null : list;
    }

    private static @Nullable Map<String, Long> omitted(Resolution resolution) {
        return resolution.omitted().isEmpty() ? null : resolution.omitted();
    }

    private static HeldAddress address(AddressInterval interval) {
        Workload holder = workload(interval.holder());
        return new HeldAddress(interval.address().getHostAddress(), holder.from(), holder.to(), holder);
    }

    private static Workload workload(Holder holder) {
        Owner owner = holder.owner();
        return new Workload(
                holder.type(),
                holder.namespace(),
                holder.name(),
                holder.uid(),
                holder.node(),
                holder.labels(),
                owner == null ? null : new Workload.Owner(owner.kind(), owner.name()),
                holder.addresses(),
                time(holder.valid().fromNs(), Long.MIN_VALUE),
                time(holder.valid().toNs(), Long.MAX_VALUE));
    }

    private static @Nullable Instant time(long ns, long open) {
        return ns == open ? null : EpochNanos.toInstant(ns);
    }
}
