package io.hindsight.hub.export;

import io.hindsight.hub.packet.PacketTuple;
import io.hindsight.hub.packet.TcpFlags;
import io.hindsight.hub.resolve.Resolution;
import java.time.Duration;
import java.util.List;

/**
 * Chooses packets by names. An end's holder is asked for each packet, from a table of addresses; so are fragments and packets without ports. Whose a flow
 * was is asked when it begins and every ten seconds again, from the resolution; only the first fragment of a packet has ports, others
 * have no flow and are nobody's. Owned by the export's thread.
 */
final class PacketSelection {
    /** After which it is asked again whose a flow is. */
    private static final long RECHECK_NS = Duration.ofSeconds(10).toNanos();

    private static final int OURS = 1;
    private static final int NOT_OURS = 2;

    private final Selection selection;
    private final FlowEnds ends;
    private final PacketReader packets;
    private final FlowTable flows = new FlowTable();
    private final FlowKey key = new FlowKey();

    /** @param nodes names, by file index */
    PacketSelection(Selection selection, Resolution resolution, List<String> nodes, PacketReader packets) {
        this.selection = selection;
        this.ends = new FlowEnds(resolution, nodes);
        this.packets = packets;
    }

    /** Whether the packet at which the chunk stands is chosen. */
    boolean accepts(OpenChunk chunk) {
        PacketTuple packet = packets.at(chunk);
        if (packet == null) {
            return false;
        }
        long timeNs = chunk.timestampNs() - chunk.shiftNs();
        return (!selection.filter().choosesHolders() || isHeld(packet, timeNs))
                && (!selection.filter().choosesProcesses() || isOwned(packet, chunk.entry().file(), timeNs));
    }

    private boolean isHeld(PacketTuple packet, long timeNs) {
        AddressIntervals addresses = selection.addresses();
        return addresses.contains(packet.sourceHigh(), packet.sourceLow(), timeNs)
                || addresses.contains(packet.destinationHigh(), packet.destinationLow(), timeNs);
    }

    private boolean isOwned(PacketTuple packet, int file, long timeNs) {
        if (!key.set(packet, file)) {
            return false;
        }
        int slot = flows.find(key);
        if (slot == FlowTable.NONE) {
            slot = flows.add(key);
        } else if (timeNs < flows.validUntilNs(slot) && !isNew(packet, slot)) {
            return flows.mark(slot) == OURS;
        }
        boolean isOurs =
                isChosen(ends.source(packet, file, timeNs)) || isChosen(ends.destination(packet, file, timeNs));
        // Beyond the table's bound each packet is asked about: slower, not wrong.
        if (slot != FlowTable.NONE) {
            flows.set(slot, timeNs + RECHECK_NS, packet.sequence(), isOurs ? OURS : NOT_OURS);
        }
        return isOurs;
    }

    private boolean isNew(PacketTuple packet, int slot) {
        return packet.hasFlag(TcpFlags.SYN)
                && !packet.hasFlag(TcpFlags.ACK)
                && packet.sequence() != flows.sequence(slot);
    }

    private boolean isChosen(FlowEnd end) {
        return end.owner() != null && selection.isChosen(end.owner());
    }
}
