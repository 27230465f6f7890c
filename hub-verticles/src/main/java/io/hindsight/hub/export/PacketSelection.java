package io.hindsight.hub.export;

import io.hindsight.event.OsEvent.ContainerInfo;
import io.hindsight.hub.packet.PacketTuple;
import io.hindsight.hub.packet.TcpFlags;
import io.hindsight.hub.resolve.Resolution;
import io.hindsight.hub.resolve.Resolution.SocketOwner;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Chooses packets by names. An end's holder is asked for each packet, from a table of addresses; so are fragments and packets without ports. Whose a flow
 * was is asked when it begins and every ten seconds again, from the resolution: a pod may be known by its process alone, over loopback or in its node's
 * network. Only the first fragment of a packet has ports; others have no flow and are nobody's. Owned by the export's thread.
 */
final class PacketSelection {
    /** After which it is asked again whose a flow is. */
    private static final long RECHECK_NS = Duration.ofSeconds(10).toNanos();

    /** What is known of a flow: the process at one of its ends is chosen; the pod in which one runs is. */
    private static final int OF_PROCESS = 1;

    private static final int IN_POD = 2;

    private final Selection selection;
    private final FlowEnds ends;
    private final PacketReader packets;
    private final KnownFlows flows = new KnownFlows();
    private final FlowTuple key = new FlowTuple();

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
        boolean isHeld = !selection.filter().choosesHolders() || isHeld(packet, timeNs);
        boolean isOwned = !selection.filter().choosesProcesses();
        if (isHeld && isOwned) {
            return true;
        }
        int flow = ofFlow(packet, chunk.entry().file(), timeNs);
        return (isHeld || (flow & IN_POD) != 0) && (isOwned || (flow & OF_PROCESS) != 0);
    }

    private boolean isHeld(PacketTuple packet, long timeNs) {
        AddressIntervals addresses = selection.addresses();
        return addresses.contains(packet.sourceHigh(), packet.sourceLow(), timeNs)
                || addresses.contains(packet.destinationHigh(), packet.destinationLow(), timeNs);
    }

    private int ofFlow(PacketTuple packet, int file, long timeNs) {
        if (!key.set(packet, file)) {
            return 0;
        }
        int slot = flows.find(key);
        if (slot == KnownFlows.NONE) {
            slot = flows.add(key);
        } else if (timeNs < flows.validUntilNs(slot) && !isNew(packet, slot)) {
            return flows.mark(slot);
        }
        int found = of(ends.source(packet, file, timeNs)) | of(ends.destination(packet, file, timeNs));
        // Beyond the table's bound each packet is asked about: slower, not wrong.
        if (slot != KnownFlows.NONE) {
            flows.set(slot, timeNs + RECHECK_NS, packet.sequence(), found);
        }
        return found;
    }

    private boolean isNew(PacketTuple packet, int slot) {
        return packet.hasFlag(TcpFlags.SYN)
                && !packet.hasFlag(TcpFlags.ACK)
                && packet.sequence() != flows.sequence(slot);
    }

    private int of(FlowEnd end) {
        SocketOwner owner = end.owner();
        if (owner == null) {
            return 0;
        }
        return (selection.isChosen(owner) ? OF_PROCESS : 0) | (isInPod(owner.container()) ? IN_POD : 0);
    }

    private boolean isInPod(@Nullable ContainerInfo container) {
        return container != null && selection.isChosen(container);
    }
}
