package io.hindsight.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One page of a snapshot's flows, or of groups of them.
 *
 * @param flows this page; absent where groups were asked for
 * @param groups this page; absent where flows were asked for
 * @param total all that match
 * @param limit as asked, or the default
 * @param offset as asked, or 0
 * @param coverage what the flows were made of, and what is not among them
 */
public record FlowPage(
        @Nullable List<Flow> flows,
        @Nullable List<FlowGroup> groups,
        int total,
        int limit,
        int offset,
        Coverage coverage) {
    public FlowPage {
        flows = flows == null ? null : List.copyOf(flows);
        groups = groups == null ? null : List.copyOf(groups);
    }

    /**
     * What was read, whatever the rows were chosen by.
     *
     * @param packets read: of the chosen nodes, times and packet filter; each point counts
     * @param packetsWithoutAddress of these, what is no IP: ARP and the like
     * @param flows listed
     * @param unlistedFlows flows beyond the bound: they are in no row
     * @param unlistedFlowsExact whether that is their number; if not, there are more
     * @param unlistedPackets packets of these
     * @param unlistedBytes bytes of these packets on the wire
     * @param packetsAtFurtherPoints of listed flows at points beyond the bound
     * @param unmeasuredHandshakes handshakes beyond the bound: they are in no percentile
     */
    public record Coverage(
            long packets,
            long packetsWithoutAddress,
            long flows,
            long unlistedFlows,
            boolean unlistedFlowsExact,
            long unlistedPackets,
            long unlistedBytes,
            long packetsAtFurtherPoints,
            long unmeasuredHandshakes) {}
}
