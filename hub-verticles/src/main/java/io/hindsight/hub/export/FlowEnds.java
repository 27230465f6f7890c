package io.hindsight.hub.export;

import io.hindsight.hub.packet.PacketTuple;
import io.hindsight.hub.resolve.Resolution;
import io.hindsight.hub.resolve.Resolution.Holder;
import io.hindsight.hub.resolve.Resolution.SocketOwner;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Asks a resolution who was at the ends of a packet's flow. Allocates: for a flow, not for a packet. */
final class FlowEnds {
    private final Resolution resolution;
    private final List<String> nodes;

    /** @param nodes names, by file index */
    FlowEnds(Resolution resolution, List<String> nodes) {
        this.resolution = resolution;
        this.nodes = nodes;
    }

    /** @param timeNs the packet's, as it was recorded */
    FlowEnd source(PacketTuple packet, int file, long timeNs) {
        return end(packet.protocol(), source(packet), destination(packet), file, timeNs);
    }

    /** @param timeNs the packet's, as it was recorded */
    FlowEnd destination(PacketTuple packet, int file, long timeNs) {
        return end(packet.protocol(), destination(packet), source(packet), file, timeNs);
    }

    private static InetSocketAddress source(PacketTuple packet) {
        return new InetSocketAddress(packet.source(), packet.sourcePort());
    }

    private static InetSocketAddress destination(PacketTuple packet) {
        return new InetSocketAddress(packet.destination(), packet.destinationPort());
    }

    private FlowEnd end(int protocol, InetSocketAddress local, InetSocketAddress remote, int file, long timeNs) {
        InetAddress address = local.getAddress();
        Holder holder = resolution.holder(address, timeNs).orElse(null);
        SocketOwner owner =
                owner(nodes.get(file), protocol, local, remote, timeNs)
                        .or(() -> ownerAtHome(nodes.get(file), holder, protocol, local, remote, timeNs))
                        .orElse(null);
        return new FlowEnd(local, holder, owner);
    }

    /** On the node where the holder of the address runs: the packet may have been recorded at its other end. */
    private Optional<SocketOwner> ownerAtHome(
            String recordedOn,
            @Nullable Holder holder,
            int protocol,
            InetSocketAddress local,
            InetSocketAddress remote,
            long timeNs) {
        if (holder == null) {
            return Optional.empty();
        }
        String home = "Node".equals(holder.type()) ? holder.name() : holder.node();
        return home == null || home.equals(recordedOn)
                ? Optional.empty()
                : owner(home, protocol, local, remote, timeNs);
    }

    private Optional<SocketOwner> owner(
            String node, int protocol, InetSocketAddress local, InetSocketAddress remote, long timeNs) {
        // Of this moment: what is nearest to it counts, as an accept does that comes after the SYN.
        return resolution.owner(node, protocol, local, remote, timeNs, timeNs);
    }
}
