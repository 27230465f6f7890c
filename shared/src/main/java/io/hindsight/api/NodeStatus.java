package io.hindsight.api;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A node as its agent sees itself: sent with every heartbeat, shown by {@code GET /nodes}.
 *
 * @param node name
 * @param instance differs at every start of the agent
 * @param version the agent's program version
 * @param time when this was put together
 * @param startedAt when the agent started
 * @param sources one entry per source that records
 * @param clock how far the node's clock is from the Hub's; absent until it is known
 * @param capture what is recorded of the packets; absent of a recorder without packets
 * @param transfers by source label, what was read and sent for snapshots; absent of an older agent
 */
public record NodeStatus(
        String node,
        String instance,
        String version,
        Instant time,
        Instant startedAt,
        List<SourceStatus> sources,
        @Nullable ClockOffset clock,
        @Nullable NodeCapture capture,
        @Nullable Map<String, Transfer> transfers) {
    public NodeStatus {
        sources = List.copyOf(sources);
        transfers = transfers == null ? null : Map.copyOf(transfers);
    }

    /** Of an agent that does not say what it has sent. */
    public NodeStatus(
            String node,
            String instance,
            String version,
            Instant time,
            Instant startedAt,
            List<SourceStatus> sources,
            @Nullable ClockOffset clock,
            @Nullable NodeCapture capture) {
        this(node, instance, version, time, startedAt, sources, clock, capture, null);
    }

    /** With another word on its clock. */
    public NodeStatus with(@Nullable ClockOffset known) {
        return new NodeStatus(node, instance, version, time, startedAt, sources, known, capture, transfers);
    }

    /** With what it has sent. */
    public NodeStatus withTransfers(Map<String, Transfer> moved) {
        return new NodeStatus(node, instance, version, time, startedAt, sources, clock, capture, moved);
    }

    /**
     * One source and its ring.
     *
     * @param source {@link io.hindsight.chunk.ChunkSource} label
     * @param implementation what records: {@code af_packet}, {@code pcap4j}, {@code replay}, …
     * @param healthy whether data flows as it should
     * @param reason why not, whole sentence
     * @param records recorded since start
     * @param bytes captured bytes since start, without framing
     * @param recordsPerSecond over the last seconds
     * @param bytesPerSecond ring bytes over the last seconds
     * @param drops since start, by {@link io.hindsight.chunk.DropCause} label
     * @param oldest smallest time in the ring
     * @param newest greatest time in the ring
     * @param ringBytes capacity
     * @param ringUsedBytes filled
     * @param ringPinnedBytes held for snapshots
     * @param projectedRetentionSeconds capacity divided by the present rate; absent while nothing flows
     * @param interfaces what is recorded from
     * @param restarts how often the agent has restarted the source because it had stopped or stood still
     * @param lastRestart when it did so last
     * @param lastRestartReason why, whole sentence
     * @param programs what the source has put into the kernel, or could not; empty where it puts nothing there
     */
    public record SourceStatus(
            String source,
            String implementation,
            boolean healthy,
            @Nullable String reason,
            long records,
            long bytes,
            double recordsPerSecond,
            double bytesPerSecond,
            Map<String, Long> drops,
            @Nullable Instant oldest,
            @Nullable Instant newest,
            long ringBytes,
            long ringUsedBytes,
            long ringPinnedBytes,
            @Nullable Long projectedRetentionSeconds,
            List<InterfaceStatus> interfaces,
            long restarts,
            @Nullable Instant lastRestart,
            @Nullable String lastRestartReason,
            List<ProgramStatus> programs) {
        public SourceStatus {
            drops = Map.copyOf(drops);
            interfaces = List.copyOf(interfaces);
            programs = List.copyOf(programs);
        }
    }

    /**
     * A network interface.
     *
     * @param name as the kernel has it
     * @param linkType LINKTYPE_ value
     * @param present whether it exists now
     */
    public record InterfaceStatus(String name, int linkType, boolean present) {}

    /**
     * A program in the kernel that a source wants there.
     *
     * @param name of it
     * @param attached whether it runs
     * @param reason why not, whole sentence
     */
    public record ProgramStatus(String name, boolean attached, @Nullable String reason) {}
}
