package io.hindsight.hub.resolve;

import io.hindsight.hub.resolve.Resolution.AddressInterval;
import io.hindsight.hub.resolve.Resolution.Holder;
import io.hindsight.hub.resolve.ResolutionData.HeldAddress;
import io.hindsight.time.TimeWindow;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds who had an address. Immutable. */
final class AddressIndex {
    /** A load balancer may lend a service the address of a node: what is neither a pod's nor a node's is a service's. */
    private static final List<String> PRECEDENCE = List.of("Pod", "Node", "Service");

    private final List<AddressInterval> intervals;
    private final Map<InetAddress, List<List<AddressInterval>>> byAddress;
    private final Set<String> podsWithAddress = new HashSet<>();

    AddressIndex(ResolutionData data) {
        List<AddressInterval> all = new ArrayList<>(data.addresses().size());
        for (HeldAddress held : data.addresses()) {
            Holder holder = during(data.workloads().get(held.workload()), held.valid());
            all.add(new AddressInterval(held.address(), holder));
            String uid = holder.uid();
            if (uid != null && holder.type().equals("Pod")) {
                podsWithAddress.add(uid);
            }
        }
        all.sort(
                Comparator.comparing(AddressInterval::address, AddressTexts.ORDER)
                        .thenComparingLong(interval -> interval.holder().valid().fromNs())
                        .thenComparingInt(interval -> rank(interval.holder())));
        intervals = List.copyOf(all);
        byAddress = grouped(all);
    }

    private static Holder during(Holder holder, TimeWindow valid) {
        return holder.valid().equals(valid)
                ? holder
                : new Holder(
                        holder.type(),
                        holder.namespace(),
                        holder.name(),
                        holder.uid(),
                        holder.node(),
                        holder.labels(),
                        holder.owner(),
                        holder.addresses(),
                        valid);
    }

    private static int rank(Holder holder) {
        int rank = PRECEDENCE.indexOf(holder.type());
        return rank < 0 ? PRECEDENCE.size() : rank;
    }

    /** By address, then by rank; ascending in time. */
    private static Map<InetAddress, List<List<AddressInterval>>> grouped(List<AddressInterval> sorted) {
        Map<InetAddress, List<List<AddressInterval>>> groups = new HashMap<>();
        for (AddressInterval interval : sorted) {
            List<List<AddressInterval>> ranks =
                    groups.computeIfAbsent(interval.address(), address -> new ArrayList<>(1));
            int rank = rank(interval.holder());
            ranks.stream()
                    .filter(group -> rank(group.getFirst().holder()) == rank)
                    .findFirst()
                    .orElseGet(() -> newGroup(ranks))
                    .add(interval);
        }
        groups.values().forEach(ranks -> ranks.sort(Comparator.comparingInt(group -> rank(group.getFirst().holder()))));
        return groups;
    }

    private static List<AddressInterval> newGroup(List<List<AddressInterval>> ranks) {
        List<AddressInterval> group = new ArrayList<>(1);
        ranks.add(group);
        return group;
    }

    List<AddressInterval> intervals() {
        return intervals;
    }

    Optional<Holder> holder(InetAddress address, long timeNs) {
        for (List<AddressInterval> group : byAddress.getOrDefault(address, List.of())) {
            Holder holder = at(group, timeNs);
            if (holder != null) {
                return Optional.of(holder);
            }
        }
        return Optional.empty();
    }

    private static @Nullable Holder at(List<AddressInterval> group, long timeNs) {
        int low = 0;
        int high = group.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            TimeWindow valid = group.get(middle).holder().valid();
            if (timeNs < valid.fromNs()) {
                high = middle - 1;
            } else if (timeNs >= valid.toNs()) {
                low = middle + 1;
            } else {
                return group.get(middle).holder();
            }
        }
        return null;
    }

    /** Whether the pod ever had an address: one that never had is in its node's network. */
    boolean hasAddress(String podUid) {
        return podsWithAddress.contains(podUid);
    }
}
