package io.hindsight.hub.resolve;

import io.hindsight.event.OsEvent.ContainerInfo;
import io.hindsight.time.TimeWindow;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a snapshot knows of names, valid over intervals of time: an address that two pods had one after the other resolves by the moment asked for. Immutable. */
public interface Resolution {
    /** Nothing is known. */
    Resolution NONE = new NoResolution();

    /** Whether nothing is known at all. */
    boolean isEmpty();

    /** Who had the address then; a pod before the node whose address it shares. */
    Optional<Holder> holder(InetAddress address, long timeNs);

    /**
     * Which process had this end of a connection while it lasted.
     *
     * @param node on which the packets were recorded; only its own processes are meant
     * @param protocol 6: TCP, 17: UDP
     * @param local the end asked for
     * @param remote the other end
     * @param fromNs first packet, by the node's clock
     * @param toNs last packet
     */
    Optional<SocketOwner> owner(
            String node, int protocol, InetSocketAddress local, InetSocketAddress remote, long fromNs, long toNs);

    /** Every interval in which something had an address, by address, then time. */
    List<AddressInterval> addresses();

    /** Everything that has a name, once for each interval in which it was the same. */
    List<Holder> workloads();

    /** How much was left out because a bound was reached, or could not be used, by what it was ({@code workloads}, {@code sockets}, …); empty: nothing. */
    Map<String, Long> omitted();

    /** An address and who had it in {@code holder.valid()}. */
    record AddressInterval(InetAddress address, Holder holder) {}

    /**
     * Something of Kubernetes that has a name.
     *
     * @param type kind of the object: {@code Pod}, {@code Service}, {@code Node}, {@code Deployment}, …
     * @param namespace absent where it belongs to none
     * @param name of it
     * @param uid of it
     * @param node on which it runs; absent where that makes no sense
     * @param labels at that time
     * @param owner topmost owner that is known: the Deployment of a ReplicaSet's pod
     * @param addresses it had
     * @param valid from when until when it was so, as far as the snapshot tells
     */
    record Holder(
            String type,
            @Nullable String namespace,
            String name,
            @Nullable String uid,
            @Nullable String node,
            Map<String, String> labels,
            @Nullable Owner owner,
            List<String> addresses,
            TimeWindow valid) {
        public Holder {
            labels = Map.copyOf(labels);
            addresses = List.copyOf(addresses);
        }

        /** {@code namespace/name}, or the name where there is no namespace. */
        public String qualifiedName() {
            return namespace == null ? name : namespace + "/" + name;
        }
    }

    /**
     * The controller that made something.
     *
     * @param kind {@code Deployment}, {@code StatefulSet}, …
     * @param name of it
     */
    record Owner(String kind, String name) {}

    /**
     * A process that had a socket.
     *
     * @param node on which
     * @param pid of it
     * @param command the kernel's {@code comm}
     * @param arguments where they are known
     * @param uid real user
     * @param container in which it ran; its pod is there where it is known
     */
    record SocketOwner(
            String node,
            int pid,
            String command,
            @Nullable List<String> arguments,
            int uid,
            @Nullable ContainerInfo container) {}
}
