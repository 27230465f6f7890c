package io.hindsight.agent.capture;

import io.hindsight.bpf.BpfProgram;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A {@link CaptureFilter}'s run-time part, its override and its addresses, for packets in memory: for a source that cannot have the kernel run it. Its setting is not looked at. One thread at a
 * time.
 */
public final class UserSpaceFilter {
    private final CaptureFilter filter;
    private final int snapLength;
    private final Map<Integer, List<BpfProgram>> programs = new HashMap<>();

    public UserSpaceFilter(CaptureFilter filter, int snapLength) {
        this.filter = filter;
        this.snapLength = snapLength;
    }

    /** Prepares for packets of a link type; HindsightException INVALID_FILTER where the override cannot be compiled for them. */
    public void compile(int linkType) {
        List<BpfProgram> compiled = new ArrayList<>();
        if (filter.hasAddresses()) {
            compiled.add(BpfProgram.ofInstructions("addresses", linkType, AddressGate.ofLinkType(filter, linkType)));
        }
        if (!filter.override().isBlank()) {
            compiled.add(BpfProgram.compile(filter.override(), linkType, snapLength));
        }
        programs.put(linkType, compiled);
    }

    /** Whether it lets everything pass. */
    public boolean isEverything() {
        return filter.override().isBlank() && !filter.hasAddresses();
    }

    /** Whether a packet is accepted; {@code packet} is off-heap. Of a link type that was not compiled: no. */
    public boolean matches(int linkType, MemorySegment packet, int capturedLength, int originalLength) {
        List<BpfProgram> all = programs.get(linkType);
        if (all == null) {
            return false;
        }
        for (BpfProgram program : all) {
            if (!program.matches(packet, 0, capturedLength, originalLength)) {
                return false;
            }
        }
        return true;
    }
}
