package io.hindsight.agent.capture.pcap4j;

import io.hindsight.agent.capture.UserSpaceFilter;
import io.hindsight.bpf.BpfProgram;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Lets packets pass as the filter of their time says. Any thread changes it, one at a time; the capture thread asks.
 */
final class PacketGate {
    /** Packets that were stamped before {@code fromNs} are judged by the filter before. */
    private record Change(UserSpaceFilter now, long fromNs, UserSpaceFilter before) {}

    private volatile Change change;

    // The capture thread's.
    private final MemorySegment copy = Arena.ofAuto().allocate(BpfProgram.MAX_SNAP_LENGTH);

    PacketGate(UserSpaceFilter first) {
        this.change = new Change(first, 0, first);
    }

    void replace(UserSpaceFilter next, long fromNs) {
        change = new Change(next, fromNs, change.now());
    }

    boolean accepts(int linkType, long timestampNs, byte[] packet, int originalLength) {
        Change last = change;
        UserSpaceFilter filter = timestampNs < last.fromNs() ? last.before() : last.now();
        if (filter.isEverything()) {
            return true;
        }
        int length = Math.min(packet.length, BpfProgram.MAX_SNAP_LENGTH);
        MemorySegment.copy(packet, 0, copy, ValueLayout.JAVA_BYTE, 0, length);
        return filter.matches(linkType, copy, length, originalLength);
    }
}
