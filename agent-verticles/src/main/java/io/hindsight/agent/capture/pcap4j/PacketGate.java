package io.hindsight.agent.capture.pcap4j;

import io.hindsight.agent.capture.UserSpaceFilter;
import io.hindsight.bpf.BpfProgram;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.stream.Stream;

/**
 * Lets packets pass as the filter of their time says. Any thread changes it, one at a time; the capture thread asks.
 */
final class PacketGate {
    /** Changes that packets from before may still be judged by; of more the oldest is forgotten. */
    private static final int PENDING = 64;

    private record Change(UserSpaceFilter filter, long fromNs) {}

    /** Newest first; at least one. */
    private volatile List<Change> changes;

    // The capture thread's.
    private final MemorySegment copy = Arena.ofAuto().allocate(BpfProgram.MAX_SNAP_LENGTH);

    PacketGate(UserSpaceFilter first) {
        this.changes = List.of(new Change(first, Long.MIN_VALUE));
    }

    /** In force for packets that are stamped from then on. */
    void replace(UserSpaceFilter next, long fromNs) {
        changes = Stream.concat(Stream.of(new Change(next, fromNs)), changes.stream()).limit(PENDING).toList();
    }

    /** Every packet from before the last change has been judged. */
    void settled() {
        changes = List.of(new Change(changes.getFirst().filter(), Long.MIN_VALUE));
    }

    boolean accepts(int linkType, long timestampNs, byte[] packet, int originalLength) {
        UserSpaceFilter filter = at(timestampNs);
        if (filter.isEverything()) {
            return true;
        }
        int length = Math.min(packet.length, BpfProgram.MAX_SNAP_LENGTH);
        MemorySegment.copy(packet, 0, copy, ValueLayout.JAVA_BYTE, 0, length);
        return filter.matches(linkType, copy, length, originalLength);
    }

    private UserSpaceFilter at(long timestampNs) {
        List<Change> all = changes;
        for (Change change : all) {
            if (timestampNs >= change.fromNs()) {
                return change.filter();
            }
        }
        return all.getLast().filter();
    }
}
