package io.hindsight.hub.resolve;

import io.hindsight.event.KubernetesChange;
import io.hindsight.event.OsEvent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes a {@link Resolution} of what recorders told: sources in any order, one after the other or mixed, each in the order in which it recorded. Keeps what names
 * resolve by, not the records. Bounded by {@link ResolutionLimits}; what is beyond is counted in {@link Resolution#omitted}. Not thread-safe.
 *
 * <p>The rules:
 *
 * <ul>
 *   <li><b>When an address begins.</b> Packets flow before the API server tells. So a pod has its first address from its start on ({@code status.startTime},
 *       else its creation), not from when that was heard; but not before the one that had the address until then has ended. A pod that gets another
 *       address has it since it was last heard to have none or another.
 *   <li><b>When it ends.</b> With deletion, with phase {@code Succeeded} or {@code Failed}, with another {@code podIP}; and once it is heard that another pod has it,
 *       because a deletion may be heard late or never ({@link AddressTimeline}).
 *   <li><b>Who has it.</b> A pod of the host's network has no address of its own: the node has it. Pods, nodes and services ({@code clusterIPs}, {@code externalIPs}, the load balancer's)
 *       do not displace one another; where several have an address at once, a pod comes before a node before a service. EndpointSlices say nothing new of that.
 *   <li><b>States.</b> An object is listed once for each interval in which labels, node and owner were the same. The owner is the topmost that is known
 *       ({@link Owners}): a pod's ReplicaSet until the ReplicaSet itself was told of, then its Deployment.
 *   <li><b>Changes.</b> An object comes whole, or as a merge patch on what was known; a patch of something unknown is passed over until it comes whole.
 *   <li><b>Checkpoints.</b> What a whole checkpoint does not name has ended by its time; of kinds of objects that it is not about it says nothing. One without its end, or
 *       whose entries are not as many as it says, ends nothing.
 *   <li><b>Sockets</b>: {@link SocketHistory}, {@link ProcessTable}; how one is found: {@link SocketIndex}.
 * </ul>
 */
public final class ResolutionBuilder {
    private final ResolutionLimits limits;
    private final Omitted omitted = new Omitted();
    private final AddressTexts addresses = new AddressTexts();
    private final HistoryBudget objectBudget;
    private final SocketBudget socketBudget;
    private final Map<String, KubernetesHistory> kubernetes = new LinkedHashMap<>();
    private final Map<String, SocketHistory> sockets = new LinkedHashMap<>();

    /** With the bounds of {@link ResolutionLimits#DEFAULT}. */
    public ResolutionBuilder() {
        this(ResolutionLimits.DEFAULT);
    }

    ResolutionBuilder(ResolutionLimits limits) {
        this.limits = limits;
        this.objectBudget = new HistoryBudget(limits, omitted);
        this.socketBudget = new SocketBudget(limits, omitted);
    }

    /** Takes an event that the node's agent recorded. */
    public void osEvent(String node, OsEvent event) {
        sockets.computeIfAbsent(node, this::socketsOf).take(event);
    }

    private SocketHistory socketsOf(String node) {
        ProcessTable processes = new ProcessTable(limits.processes(), omitted);
        return new SocketHistory(node, addresses, socketBudget, processes, omitted);
    }

    /** Takes a change that the recorder of this name, an agent or the cluster's recorder, recorded. */
    public void kubernetesChange(String recorder, KubernetesChange change) {
        kubernetes
                .computeIfAbsent(recorder, name -> new KubernetesHistory(objectBudget, omitted, addresses))
                .take(change);
    }

    /** A record that should have held an event holds none. */
    void unusable() {
        omitted.add(Omitted.Kind.RECORDS, 1);
    }

    /** What is known of all that was taken. */
    public Resolution build() {
        ResolutionData data = data();
        return data.isEmpty() ? Resolution.NONE : new ResolutionIndex(data);
    }

    ResolutionData data() {
        Omitted all = omitted.copy();
        Workloads workloads = new Workloads(kubernetes.values(), limits, all);
        List<SocketInterval> intervals = new ArrayList<>();
        sockets.values().forEach(history -> history.forEach(intervals::add));
        return new ResolutionData(
                List.copyOf(workloads.holders()),
                List.copyOf(workloads.addresses()),
                SocketOrder.disjoint(intervals),
                all.counts());
    }
}
