package io.hindsight.hub.snapshot;

import io.hindsight.api.ClockOffset;
import io.hindsight.api.Gap;
import io.hindsight.api.Snapshot.Problem;
import io.hindsight.api.SnapshotNode;
import io.hindsight.bus.ExtentPlan;
import io.hindsight.bus.PlannedRing;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.store.FileCounts;
import io.hindsight.hub.store.FileHoldings;
import io.hindsight.hub.store.NodeFile;
import io.hindsight.hub.store.SessionJournal.NodePlan;
import io.hindsight.time.EpochNanos;
import io.hindsight.time.TimeWindow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What is known of one node's part of a snapshot: {@link NodeStream} writes it, the others read it. The session's context only. */
final class NodePart {
    private final NodeId node;
    private TimeWindow window;
    private boolean isShortened;
    private long shiftNs;
    private SnapshotNode.State state = SnapshotNode.State.PENDING;
    private @Nullable String agentVersion;
    private @Nullable ExtentPlan plan;
    private Map<String, PlannedRing> rings = Map.of();
    private RecordedCaptures captures = RecordedCaptures.NONE;

    /** What the newest plan leaves out, because it is here. */
    private long bytesBeforePlan;

    /** Of the first plan; null before there is one. What the ring lost since then, it had promised. */
    private @Nullable List<Gap> firstGaps;

    /** Of former plans and streams: what is here was sent with these. */
    private List<Gap> heldGaps = List.of();

    private List<Gap> gaps = List.of();

    /** Passed over in rounds that were whole: the agent has said why, where there was anything to say. */
    private final Set<MissingChunks.Sequences> settledHoles = new HashSet<>();

    /** Whether the plan is of what had been recorded by then, and more comes. */
    private boolean soFar;

    /** Whether the next plan is another round's. */
    private boolean betweenRounds;

    private @Nullable Remembered remembered;
    private @Nullable Problem error;
    private @Nullable ClockOffset clock;
    private FileCounts counts = FileCounts.NONE;
    private long bytesDurable;
    private @Nullable NodeFile file;

    NodePart(NodeId node, TimeWindow window) {
        this.node = node;
        this.window = window;
    }

    /** What of a plan the next Hub must know, and does not see in the file. */
    private record Remembered(Set<Gap> gaps, Map<String, Long> ringsCreatedNs, boolean soFar) {}

    NodeId node() {
        return node;
    }

    boolean hasFailed() {
        return state == SnapshotNode.State.FAILED;
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

    /** The window in the node's own time: that of its records and gaps. */
    TimeWindow window() {
        return NodeTime.shifted(window, shiftNs);
    }

    /** The window has been ended before its time; what is missing of it behind that is not missing. */
    void windowEnded(TimeWindow shorter) {
        window = shorter;
        isShortened = true;
        firstGaps = firstGaps == null ? null : cut(firstGaps);
        heldGaps = cut(heldGaps);
        gaps = cut(gaps);
    }

    private List<Gap> cut(List<Gap> all) {
        if (!isShortened) {
            return all;
        }
        Instant end = EpochNanos.toInstant(window().toNs());
        return all.stream()
                .filter(gap -> gap.from().isBefore(end))
                .map(gap ->
                        gap.to().isAfter(end) ? new Gap(gap.from(), end, gap.cause(), gap.detail(), gap.lost()) : gap)
                .toList();
    }

    /** Before the first plan alone: all plans of a session are about one window. */
    void shift(long byNs) {
        shiftNs = byNs;
    }

    /** Added to the snapshot's window to get this one's. */
    long shiftNs() {
        return shiftNs;
    }

    /** By source label, which rings what is here comes from, and the last chunk that was promised. */
    Map<String, PlannedRing> rings() {
        return rings;
    }

    /** What was recorded when, as far as plans told it. */
    RecordedCaptures captures() {
        return captures;
    }

    /** Gaps that came up after the first plan: the ring lost what it had promised. */
    List<Gap> gapsSincePlan() {
        Set<Gap> first = new HashSet<>(firstGaps == null ? gaps : firstGaps);
        return gaps.stream().filter(gap -> !first.contains(gap)).toList();
    }

    /** Takes up what an interrupted session had of it: its chunks, and what was known to be missing. */
    void held(FileCounts inFile, NodePlan before) {
        counts = inFile;
        plan = before.extent();
        rings = before.extent().rings();
        captures = RecordedCaptures.of(before.extent().captures());
        firstGaps = before.extent().gaps();
        heldGaps = union(firstGaps, before.gapsSince() == null ? List.of() : before.gapsSince());
        gaps = heldGaps;
        shiftNs = before.shiftNs() == null ? 0 : before.shiftNs();
        agentVersion = before.agentVersion();
        clock = before.clock();
        soFar = Boolean.TRUE.equals(before.soFar());
    }

    private static List<Gap> union(List<Gap> some, List<Gap> others) {
        return Stream.concat(some.stream(), others.stream()).distinct().toList();
    }

    boolean holdsRecords() {
        return counts.hasRecords();
    }

    /**
     * Takes an agent's plan.
     *
     * @param holdings what is here already
     */
    void planned(ExtentPlan extent, @Nullable String version, FileHoldings holdings) {
        ExtentPlan before = plan;
        boolean anew = before == null || betweenRounds || !isSame(before, extent);
        if (anew && before != null && !betweenRounds) {
            unexplained(holdings);
        }
        betweenRounds = false;
        if (anew) {
            bytesBeforePlan = counts.bytes();
        }
        plan = extent;
        firstGaps = firstGaps == null ? extent.gaps() : firstGaps;
        rings = rings(extent, holdings);
        captures = captures.with(extent.captures());
        gaps(extent.gaps());
        agentVersion = version == null ? agentVersion : version;
        state = SnapshotNode.State.PLANNED;
        error = null;
    }

    /** An agent that has kept the session answers as before. One that plans anew leaves out what is here, and so says something else. */
    private static boolean isSame(ExtentPlan one, ExtentPlan other) {
        return one.chunks() == other.chunks()
                && one.bytes() == other.bytes()
                && one.records() == other.records()
                && one.firstNs() == other.firstNs()
                && one.lastNs() == other.lastNs();
    }

    /** Chunks that were passed over, where the agent that knew why no longer does. */
    void unexplained(FileHoldings holdings) {
        heldGaps = union(heldGaps, gaps);
        List<Gap> untold = missing(holdings).untold(heldGaps, firstGaps == null ? List.of() : firstGaps, settledHoles);
        heldGaps = union(heldGaps, untold);
        gaps = union(gaps, untold);
    }

    private MissingChunks missing(FileHoldings holdings) {
        return new MissingChunks(rings, window(), holdings);
    }

    /** A source of which something is here stays with the ring that it is from; a plan of its rest may be empty, then the last sequence is that of before. */
    private Map<String, PlannedRing> rings(ExtentPlan extent, FileHoldings holdings) {
        Map<String, PlannedRing> now = new HashMap<>(extent.rings());
        for (ChunkSource source : holdings.lastChunks().keySet()) {
            PlannedRing before = rings.get(source.label());
            if (before != null) {
                now.merge(
                        source.label(),
                        before,
                        (newer, older) ->
                                new PlannedRing(
                                        older.createdNs(),
                                        older.firstSequence(),
                                        older.firstNs(),
                                        Math.max(newer.lastSequence(), older.lastSequence()),
                                        older.fromNs(),
                                        writers(older, newer)));
            }
        }
        return Map.copyOf(now);
    }

    private static @Nullable Integer writers(PlannedRing older, PlannedRing newer) {
        int most = Math.max(older.writerCount(), newer.writerCount());
        return most > 1 ? most : null;
    }

    /** How far the node's clock is from the Hub's; the first word counts. */
    void clock(ClockOffset estimate) {
        clock = clock == null ? estimate : clock;
    }

    /** The file was whole before the interruption: nobody needs to be asked. What the agent told at the end of its stream died with the Hub that heard it. */
    void wholeAlready(FileHoldings holdings) {
        unexplained(holdings);
        state = SnapshotNode.State.PLANNED;
    }

    /** As it is remembered over an interruption; null before there is a plan. */
    @Nullable NodePlan nodePlan() {
        if (plan == null || firstGaps == null) {
            return null;
        }
        ExtentPlan told =
                new ExtentPlan(
                        node.name(),
                        plan.chunks(),
                        plan.bytes(),
                        plan.records(),
                        plan.firstNs(),
                        plan.lastNs(),
                        firstGaps,
                        rings,
                        captures.changes());
        List<Gap> since = gapsSincePlan();
        return new NodePlan(
                agentVersion,
                told,
                since.isEmpty() ? null : since,
                shiftNs == 0 ? null : shiftNs,
                clock,
                soFar ? true : null);
    }

    /** Whether the newest plan says something that has to be written down before a chunk of it is; true once for each. */
    boolean hasNewsToRemember() {
        Map<String, Long> created = new HashMap<>();
        rings.forEach((label, ring) -> created.put(label, ring.createdNs()));
        Remembered now = new Remembered(Set.copyOf(gaps), Map.copyOf(created), soFar);
        boolean isNews = !now.equals(remembered);
        remembered = now;
        return isNews;
    }

    /** The stream broke off, and what is known to be missing by now stays known, unless nothing is here yet: then the next plan is the first. */
    void interrupted() {
        heldGaps = counts.chunks() == 0 ? List.of() : gaps;
    }

    /** Whether the newest plan is of what had been recorded by then. */
    boolean isSoFar() {
        return soFar;
    }

    /** Of the plan that comes next. */
    void planIsSoFar(boolean so) {
        soFar = so;
    }

    /** All chunks of a round are here, and the agent has said what is missing; the window goes on. */
    void roundEnded(FileHoldings holdings) {
        betweenRounds = true;
        heldGaps = gaps;
        settledHoles.addAll(missing(holdings).sequences());
    }

    /** The node cannot be asked at the moment; {@code howLong} it is waited for. */
    void waiting(HindsightException why, String howLong) {
        state = SnapshotNode.State.WAITING;
        error = new Problem(why.code().name(), why.getMessage() + " It is waited for, " + howLong + ".");
    }

    void streaming() {
        state = SnapshotNode.State.STREAMING;
        error = null;
    }

    void complete() {
        state = SnapshotNode.State.COMPLETE;
        error = null;
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
        gaps = cut(union(heldGaps, all));
    }

    /** Notes the failure, that the rest of the window is missing, and what was passed over before. */
    void failed(HindsightException failure, Gap.Cause cause, FileHoldings holdings) {
        unexplained(holdings);
        state = SnapshotNode.State.FAILED;
        error = new Problem(failure.code().name(), String.valueOf(failure.getMessage()));
        List<Gap> extended = new ArrayList<>(gaps);
        extended.addAll(missing(holdings).rest(counts, cause, String.valueOf(failure.getMessage())));
        gaps = extended;
    }

    /** At most: what is promised and not here yet. */
    long bytesToCome() {
        return bytesExpected() - counts.bytes();
    }

    /** At most. */
    long bytesExpected() {
        return Math.max(counts.bytes(), bytesBeforePlan + (plan == null ? 0 : plan.bytes()));
    }

    /** As the API shows it. */
    SnapshotNode show() {
        return new SnapshotNode(
                node.name(),
                state,
                bytesExpected(),
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
