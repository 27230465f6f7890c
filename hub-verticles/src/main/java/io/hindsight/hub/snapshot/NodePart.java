package io.hindsight.hub.snapshot;

import io.hindsight.api.ClockOffset;
import io.hindsight.api.Gap;
import io.hindsight.api.Snapshot.Problem;
import io.hindsight.api.SnapshotNode;
import io.hindsight.bus.ExtentPlan;
import io.hindsight.bus.PlannedRing;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.store.FileCounts;
import io.hindsight.hub.store.NodeFile;
import io.hindsight.hub.store.SessionJournal.NodePlan;
import io.hindsight.time.EpochNanos;
import io.hindsight.time.TimeWindow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What is known of one node's part of a snapshot: {@link NodeStream} writes it, the others read it. The session's context only. */
final class NodePart {
    private final NodeId node;
    private final TimeWindow window;
    private SnapshotNode.State state = SnapshotNode.State.PENDING;
    private @Nullable String agentVersion;
    private @Nullable ExtentPlan plan;
    private FileCounts held = FileCounts.NONE;
    private List<Gap> heldGaps = List.of();
    private List<Gap> gaps = List.of();
    private @Nullable Problem error;
    private @Nullable ClockOffset clock;
    private FileCounts counts = FileCounts.NONE;
    private long bytesDurable;
    private @Nullable NodeFile file;

    NodePart(NodeId node, TimeWindow window) {
        this.node = node;
        this.window = window;
    }

    NodeId node() {
        return node;
    }

    boolean hasFailed() {
        return state == SnapshotNode.State.FAILED;
    }

    boolean isStreaming() {
        return state == SnapshotNode.State.STREAMING;
    }

    /** The plan, once there is one. */
    @Nullable ExtentPlan plan() {
        return plan;
    }

    /** Whether the plan promises anything. */
    boolean holdsChunks() {
        return plan != null && !hasFailed() && plan.chunks() > 0;
    }

    @Nullable String agentVersion() {
        return agentVersion;
    }

    @Nullable Problem error() {
        return error;
    }

    List<Gap> gaps() {
        return gaps;
    }

    FileCounts counts() {
        return counts;
    }

    /** The finished file; null where the node delivered nothing. */
    @Nullable NodeFile file() {
        return file;
    }

    /** Gaps that came up after planning: the ring lost what it had promised. */
    List<Gap> gapsSincePlan() {
        List<Gap> before = beforeStreaming();
        return gaps.stream().filter(gap -> !before.contains(gap)).toList();
    }

    /** Takes up what an interrupted session had of it: its chunks, and what was known to be missing. */
    void held(FileCounts inFile, NodePlan before) {
        held = inFile;
        counts = inFile;
        heldGaps = before.extent().gaps();
        gaps = heldGaps;
        agentVersion = before.agentVersion();
        clock = before.clock();
    }

    boolean holdsRecords() {
        return held.hasRecords();
    }

    void planned(ExtentPlan extent, @Nullable String version) {
        plan = extent;
        gaps(extent.gaps());
        agentVersion = version == null ? agentVersion : version;
        state = SnapshotNode.State.PLANNED;
    }

    /** How far the node's clock is from the Hub's, by its newest heartbeat. */
    void clock(ClockOffset estimate) {
        clock = estimate;
    }

    /** The file was whole before the interruption: nobody needs to be asked. */
    void wholeAlready() {
        state = SnapshotNode.State.PLANNED;
    }

    /** As it is remembered over an interruption; null before there is a plan. */
    @Nullable NodePlan nodePlan(@Nullable NodePlan before) {
        if (plan == null) {
            return before;
        }
        ExtentPlan remembered =
                new ExtentPlan(
                        node.name(),
                        plan.chunks(),
                        plan.bytes(),
                        plan.records(),
                        plan.firstNs(),
                        plan.lastNs(),
                        gaps,
                        rings(plan, before));
        return new NodePlan(agentVersion, remembered, clock);
    }

    /** A plan of the rest may be empty: then the last sequence is that of the plan before. */
    private static Map<String, PlannedRing> rings(ExtentPlan plan, @Nullable NodePlan before) {
        Map<String, PlannedRing> rings = new HashMap<>(plan.rings());
        if (before != null) {
            before.extent()
                    .rings()
                    .forEach((source, was) ->
                            rings.merge(
                                    source,
                                    was,
                                    (now, earlier) ->
                                            new PlannedRing(
                                                    earlier.createdNs(),
                                                    Math.max(now.lastSequence(), earlier.lastSequence()))));
        }
        return rings;
    }

    /** Of a session that goes on, the first plan's alone: what the ring lost since then, it had promised. */
    private List<Gap> beforeStreaming() {
        if (held.chunks() > 0) {
            return heldGaps;
        }
        return plan == null ? List.of() : plan.gaps();
    }

    void streaming() {
        state = SnapshotNode.State.STREAMING;
    }

    void complete() {
        state = SnapshotNode.State.COMPLETE;
    }

    /** Whether there is more than before. */
    boolean written(FileCounts now) {
        boolean more = now.bytes() > counts.bytes();
        counts = more ? now : counts;
        return more;
    }

    void durable(long bytes) {
        bytesDurable = bytes;
    }

    void finished(NodeFile whole) {
        file = whole;
        counts = whole.counts();
        bytesDurable = counts.bytes();
    }

    /** Takes the agent's word for what is missing, that of the plan included. */
    void gaps(List<Gap> all) {
        gaps = Stream.concat(heldGaps.stream(), all.stream()).distinct().toList();
    }

    /** Notes the failure, and that the rest of the window is missing. */
    void failed(HindsightException failure, Gap.Cause cause) {
        state = SnapshotNode.State.FAILED;
        error = new Problem(failure.code().name(), String.valueOf(failure.getMessage()));
        List<Gap> extended = new ArrayList<>(gaps);
        extended.add(missing(cause, String.valueOf(failure.getMessage())));
        gaps = extended;
    }

    /** Chunks come in the order of their sequence, nearly that of time: what is after the last record written is missing. */
    private Gap missing(Gap.Cause cause, String why) {
        long fromNs =
                counts.hasRecords()
                        ? Math.clamp(counts.lastTimestampNs() + 1, window.fromNs(), window.toNs() - 1)
                        : window.fromNs();
        return new Gap(EpochNanos.toInstant(fromNs), EpochNanos.toInstant(window.toNs()), cause, why, null);
    }

    /** As the API shows it. */
    SnapshotNode show() {
        return new SnapshotNode(
                node.name(),
                state,
                held.bytes() + (plan == null ? 0 : plan.bytes()),
                counts.bytes(),
                bytesDurable,
                counts.packets(),
                counts.records(),
                counts.chunks(),
                counts.hasRecords() ? EpochNanos.toInstant(counts.firstTimestampNs()) : null,
                counts.hasRecords() ? EpochNanos.toInstant(counts.lastTimestampNs()) : null,
                counts.drops(),
                gaps,
                error,
                clock);
    }
}
