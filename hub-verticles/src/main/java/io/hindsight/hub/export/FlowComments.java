package io.hindsight.hub.export;

import io.hindsight.hub.packet.IpAddress;
import io.hindsight.hub.packet.PacketTuple;
import io.hindsight.hub.packet.TcpFlags;
import io.hindsight.hub.resolve.Resolution;
import io.hindsight.hub.resolve.Resolution.AddressInterval;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who speaks to whom, told on the first packet of each flow: {@code shop/checkout-7f8b/app pid 4711 nginx → payments/ledger:8080}, client first. A connection
 * that uses the ports of an earlier one again is another flow, and one whose address changes hands is told again. Nothing is said where nothing is
 * known. For all other packets it costs a look into a table. Owned by the export's thread.
 */
final class FlowComments {
    /** Characters of a comment; what is longer is cut. */
    static final int MAX_LENGTH = 1_000;

    private static final int FIRST_UNPRIVILEGED_PORT = 1_024;
    private static final int FIRST_EPHEMERAL_PORT = 32_768;
    private static final int LAST_EPHEMERAL_PORT = 60_999;
    private static final int MASK_CONTROL = '?';
    private static final long[] NEVER = {};

    private final PacketReader packets;
    private final FlowEnds ends;
    private final KnownFlows flows;
    private final FlowTuple key = new FlowTuple();

    /** When an address came into other hands, ascending. */
    private final Map<Address, long[]> changesNs;

    private long written;

    /** An address as a key. */
    private record Address(long high, long low) {}

    FlowComments(Resolution resolution, List<String> nodes, PacketReader packets, KnownFlows flows) {
        this.packets = packets;
        this.ends = new FlowEnds(resolution, nodes);
        this.flows = flows;
        this.changesNs = changes(resolution.addresses());
    }

    private static Map<Address, long[]> changes(List<AddressInterval> intervals) {
        Map<Address, long[]> changes = new HashMap<>();
        for (AddressInterval each : intervals) {
            Address address = new Address(IpAddress.high(each.address()), IpAddress.low(each.address()));
            long[] times = changes.getOrDefault(address, NEVER);
            long[] more = Arrays.copyOf(times, times.length + 2);
            more[times.length] = each.holder().valid().fromNs();
            more[times.length + 1] = each.holder().valid().toNs();
            changes.put(address, more);
        }
        changes.values().forEach(Arrays::sort);
        return changes;
    }

    /** What is to be said on the packet at which the chunk stands; null: nothing. */
    @Nullable String of(OpenChunk chunk) {
        PacketTuple packet = packets.at(chunk);
        if (packet == null || !key.set(packet, chunk.entry().file())) {
            return null;
        }
        long timeNs = chunk.timestampNs() - chunk.shiftNs();
        int slot = flows.find(key);
        if (slot == KnownFlows.NONE) {
            slot = flows.add(key);
            return slot == KnownFlows.NONE ? null : comment(packet, chunk, timeNs, slot, true);
        }
        boolean isNew = opens(packet) && packet.sequence() != flows.sequence(slot);
        return isNew || timeNs >= flows.validUntilNs(slot) ? comment(packet, chunk, timeNs, slot, isNew) : null;
    }

    private static boolean opens(PacketTuple packet) {
        return packet.hasFlag(TcpFlags.SYN) && !packet.hasFlag(TcpFlags.ACK);
    }

    private @Nullable String comment(PacketTuple packet, OpenChunk chunk, long timeNs, int slot, boolean isNew) {
        FlowEnd source = ends.source(packet, chunk.entry().file(), timeNs);
        FlowEnd destination = ends.destination(packet, chunk.entry().file(), timeNs);
        int holders = holder(source) + holder(destination);
        boolean isOther = isNew || holders != flows.mark(slot);
        int sequence = opens(packet) ? packet.sequence() : flows.sequence(slot);
        flows.set(slot, nextChangeNs(packet, timeNs), sequence, holders);
        if (!isOther || (!source.isKnown() && !destination.isKnown())) {
            return null;
        }
        written++;
        return isFromClient(packet) ? text(source, destination) : text(destination, source);
    }

    /** By name: an object whose labels changed is the same one. A sum of both is the same in both directions. */
    private static int holder(FlowEnd end) {
        return end.holder() == null ? 0 : end.holder().qualifiedName().hashCode();
    }

    private long nextChangeNs(PacketTuple packet, long timeNs) {
        return Math.min(
                nextChangeNs(packet.sourceHigh(), packet.sourceLow(), timeNs),
                nextChangeNs(packet.destinationHigh(), packet.destinationLow(), timeNs));
    }

    private long nextChangeNs(long high, long low, long timeNs) {
        for (long changeNs : changesNs.getOrDefault(new Address(high, low), NEVER)) {
            if (changeNs > timeNs) {
                return changeNs;
            }
        }
        return Long.MAX_VALUE;
    }

    /** A handshake says so; without one the ports do, as they are given out; else whoever speaks first is taken for the client. */
    private static boolean isFromClient(PacketTuple packet) {
        if (packet.hasFlag(TcpFlags.SYN)) {
            return !packet.hasFlag(TcpFlags.ACK);
        }
        boolean sourceIsKnown = packet.sourcePort() < FIRST_UNPRIVILEGED_PORT;
        boolean destinationIsKnown = packet.destinationPort() < FIRST_UNPRIVILEGED_PORT;
        if (sourceIsKnown != destinationIsKnown) {
            return destinationIsKnown;
        }
        return isEphemeral(packet.sourcePort()) || !isEphemeral(packet.destinationPort());
    }

    private static boolean isEphemeral(int port) {
        return port >= FIRST_EPHEMERAL_PORT && port <= LAST_EPHEMERAL_PORT;
    }

    private static String text(FlowEnd client, FlowEnd server) {
        String text = client.client() + " → " + server.server();
        String cut = text.length() <= MAX_LENGTH ? text : text.substring(0, MAX_LENGTH) + " …";
        return cut.codePoints()
                .map(c -> Character.isISOControl(c) ? MASK_CONTROL : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    /** Comments so far. */
    long written() {
        return written;
    }

    /** Flows without one because there are too many; at least so many. */
    long beyondBound() {
        return flows.beyondBound();
    }
}
