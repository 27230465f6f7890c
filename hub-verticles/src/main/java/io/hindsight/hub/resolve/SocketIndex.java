package io.hindsight.hub.resolve;

import io.hindsight.event.OsEvent.ContainerInfo;
import io.hindsight.hub.resolve.Resolution.Holder;
import io.hindsight.hub.resolve.Resolution.SocketOwner;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the process that had an end of a connection, in this order:
 *
 * <ol>
 *   <li>The socket of exactly these two ends, of the time that overlaps that of the packets most. Where none overlaps: the nearest within
 *       {@value #TOLERANCE_NS} ns, since the first packet of a connection comes before it is established and accepted, and the last after it was closed.
 *   <li>A socket of this end whose other end is a service's address: the node translated it, and packets beyond that have a pod's instead.
 *   <li>A listening socket of this end, or of its port and the unspecified address, when the first packet came: an accepted connection that was not seen
 *       to be accepted.
 * </ol>
 *
 * Different network namespaces may have the same ends at the same time. Then the process counts that runs in the pod that had the local address, or, where
 * no pod had it, outside of pods with addresses of their own. Where that leaves several processes, none is named: a wrong name would be worse. Immutable.
 */
final class SocketIndex {
    /** How far a socket's time may lie from that of the packets. */
    static final long TOLERANCE_NS = 5_000_000_000L;

    private final AddressIndex addresses;
    private final Map<SocketKey, List<SocketInterval>> exact = new HashMap<>();
    private final Map<LocalEnd, List<SocketInterval>> translated = new HashMap<>();
    private final Map<LocalEnd, List<SocketInterval>> listening = new HashMap<>();

    /** @param address null: of any */
    private record LocalEnd(String node, int protocol, @Nullable InetAddress address, int port) {}

    SocketIndex(List<SocketInterval> intervals, AddressIndex addresses) {
        this.addresses = addresses;
        intervals.forEach(this::add);
        exact.values().forEach(list -> list.sort(Comparator.comparingLong(SocketInterval::fromNs)));
    }

    private void add(SocketInterval interval) {
        SocketKey key = interval.key();
        if (key.isListening()) {
            listening.computeIfAbsent(end(key, null), end -> new ArrayList<>(1)).add(interval);
            return;
        }
        exact.computeIfAbsent(key, same -> new ArrayList<>(1)).add(interval);
        boolean toService =
                addresses
                        .holder(
                                key.remote(),
                                interval.fromNs() == Long.MIN_VALUE ? interval.toNs() - 1 : interval.fromNs())
                        .filter(holder -> holder.type().equals("Service"))
                        .isPresent();
        if (toService) {
            translated.computeIfAbsent(end(key, key.local()), end -> new ArrayList<>(1)).add(interval);
        }
    }

    private static LocalEnd end(SocketKey key, @Nullable InetAddress address) {
        return new LocalEnd(key.node(), key.protocol(), address, key.localPort());
    }

    Optional<SocketOwner> owner(SocketKey key, long fromNs, long toNs) {
        SocketOwner owner = choose(nearest(exact.getOrDefault(key, List.of()), fromNs, toNs), key, fromNs);
        if (owner == null) {
            List<SocketInterval> sameEnd = translated.getOrDefault(end(key, key.local()), List.of());
            owner = choose(nearest(sameEnd, fromNs, toNs), key, fromNs);
        }
        return Optional.ofNullable(owner == null ? listener(key, fromNs) : owner);
    }

    private @Nullable SocketOwner listener(SocketKey key, long fromNs) {
        List<SocketInterval> candidates = listening.getOrDefault(end(key, null), List.of());
        List<SocketInterval> ofAddress =
                candidates.stream().filter(each -> each.key().local().equals(key.local())).toList();
        SocketOwner owner = choose(nearest(ofAddress, fromNs, fromNs), key, fromNs);
        if (owner != null) {
            return owner;
        }
        List<SocketInterval> ofAny =
                candidates.stream().filter(each -> isAny(each.key().local(), key.local())).toList();
        return choose(nearest(ofAny, fromNs, fromNs), key, fromNs);
    }

    /** A socket of the unspecified IPv6 address takes IPv4 too. */
    private static boolean isAny(InetAddress listening, InetAddress local) {
        return listening.isAnyLocalAddress() && (!(listening instanceof Inet4Address) || local instanceof Inet4Address);
    }

    /** Of each network namespace the one that overlaps most; where none at all does, those that are nearest. */
    private static List<SocketInterval> nearest(List<SocketInterval> candidates, long fromNs, long toNs) {
        Map<Optional<Long>, SocketInterval> best = new HashMap<>();
        long nearestNs = TOLERANCE_NS;
        List<SocketInterval> near = new ArrayList<>(1);
        for (SocketInterval candidate : candidates) {
            if (candidate.overlapNs(fromNs, toNs) > 0) {
                best.merge(
                        Optional.ofNullable(candidate.netns()),
                        candidate,
                        (one, other) -> one.overlapNs(fromNs, toNs) >= other.overlapNs(fromNs, toNs) ? one : other);
                continue;
            }
            long distanceNs = candidate.distanceNs(fromNs, toNs);
            if (distanceNs < nearestNs) {
                near.clear();
            }
            if (distanceNs <= nearestNs) {
                nearestNs = distanceNs;
                near.add(candidate);
            }
        }
        return best.isEmpty() ? near : List.copyOf(best.values());
    }

    private @Nullable SocketOwner choose(List<SocketInterval> candidates, SocketKey key, long timeNs) {
        List<SocketOwner> owners = candidates.stream().map(SocketInterval::owner).distinct().toList();
        if (owners.size() > 1) {
            Holder holder =
                    addresses.holder(key.local(), timeNs).filter(found -> found.type().equals("Pod")).orElse(null);
            owners = owners.stream().filter(owner -> isIn(holder, owner.container())).toList();
        }
        return owners.size() == 1 ? owners.getFirst() : null;
    }

    private boolean isIn(@Nullable Holder pod, @Nullable ContainerInfo container) {
        String podUid = container == null ? null : container.podUid();
        if (pod == null) {
            return podUid == null || !addresses.hasAddress(podUid);
        }
        if (container == null) {
            return false;
        }
        boolean byUid = podUid != null && pod.uid() != null;
        return byUid
                ? Objects.equals(podUid, pod.uid())
                : pod.name().equals(container.pod()) && Objects.equals(pod.namespace(), container.namespace());
    }

    static SocketKey key(String node, int protocol, InetSocketAddress local, InetSocketAddress remote) {
        return new SocketKey(
                node, protocol, local.getAddress(), local.getPort(), remote.getAddress(), remote.getPort());
    }
}
