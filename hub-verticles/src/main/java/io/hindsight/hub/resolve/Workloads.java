package io.hindsight.hub.resolve;

import io.hindsight.hub.resolve.ObjectHistory.Version;
import io.hindsight.hub.resolve.Resolution.Holder;
import io.hindsight.hub.resolve.ResolutionData.HeldAddress;
import io.hindsight.time.TimeWindow;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Puts the histories of objects together: whose address it was when, and what each object was like then. */
final class Workloads {
    /** The same for the same records, in whatever order recorders were heard. */
    private static final Comparator<ObjectHistory> ORDER =
            Comparator.comparing((ObjectHistory object) -> Objects.requireNonNullElse(object.namespace, ""))
                    .thenComparing(object -> object.name)
                    .thenComparing(object -> object.resource)
                    .thenComparing(object -> Objects.requireNonNullElse(object.uid, ""));

    private final ResolutionLimits limits;
    private final Omitted omitted;
    private final Owners owners = new Owners();
    private final Map<AddressKey, List<AddressClaim>> claims = new HashMap<>();
    private final Map<ObjectHistory, List<Held>> heldBy = new HashMap<>();
    private final List<Holder> holders = new ArrayList<>();
    private final List<HeldAddress> addresses = new ArrayList<>();

    /** Pods, services and nodes do not displace one another. */
    private record AddressKey(InetAddress address, String resource) {}

    private record Held(InetAddress address, AddressTimeline.Span span) {}

    /** All at once: what another recorder told may end what this one did. */
    Workloads(Collection<KubernetesHistory> histories, ResolutionLimits limits, Omitted omitted) {
        this.limits = limits;
        this.omitted = omitted;
        for (KubernetesHistory history : histories) {
            owners.learn(history.objects());
            history.objects().forEach(this::collectClaims);
        }
        claims.forEach((key, ofOneAddress) -> {
            for (AddressTimeline.Span span : AddressTimeline.of(ofOneAddress)) {
                heldBy.computeIfAbsent(span.object, object -> new ArrayList<>(1)).add(new Held(key.address(), span));
            }
        });
        histories.stream().flatMap(history -> history.objects().stream()).sorted(ORDER).forEach(this::add);
    }

    List<Holder> holders() {
        return holders;
    }

    List<HeldAddress> addresses() {
        return addresses;
    }

    private void collectClaims(ObjectHistory object) {
        for (AddressClaim claim : object.claims()) {
            AddressKey key = new AddressKey(claim.address, object.resource);
            claims.computeIfAbsent(key, address -> new ArrayList<>(1)).add(claim);
        }
    }

    private void add(ObjectHistory object) {
        List<Held> held = heldBy.getOrDefault(object, List.of());
        List<Version> versions = object.versions().stream().filter(version -> version.toNs > version.fromNs).toList();
        for (int i = 0; i < versions.size(); i++) {
            Version version = versions.get(i);
            // An address that was held a little longer, as another recorder knows, belongs to the state next to it.
            long fromNs = i == 0 ? Long.MIN_VALUE : version.fromNs;
            long toNs = i == versions.size() - 1 ? Long.MAX_VALUE : versions.get(i + 1).fromNs;
            List<String> texts = new ArrayList<>(1);
            for (Held each : held) {
                long heldFromNs = Math.max(fromNs, each.span().fromNs);
                long heldToNs = Math.min(toNs, each.span().toNs);
                if (heldToNs > heldFromNs) {
                    texts.add(each.address().getHostAddress());
                    addAddress(each.address(), new TimeWindow(heldFromNs, heldToNs));
                }
            }
            holders.add(holder(object, version, texts));
        }
    }

    /** An interval counts once for each state that its holder had in it. */
    private void addAddress(InetAddress address, TimeWindow valid) {
        if (addresses.size() < limits.addresses()) {
            addresses.add(new HeldAddress(address, holders.size(), valid));
        } else {
            omitted.add(Omitted.Kind.ADDRESSES, 1);
        }
    }

    private Holder holder(ObjectHistory object, Version version, List<String> texts) {
        return new Holder(
                object.resource,
                object.namespace,
                object.name,
                object.uid,
                version.state.node(),
                version.state.labels(),
                owners.topmost(version.state.controller()),
                texts.stream().distinct().limit(ResolutionLimits.MAX_ADDRESSES_OF_ONE).sorted().toList(),
                new TimeWindow(version.fromNs, version.toNs));
    }
}
