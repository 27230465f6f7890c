package io.hindsight.hub.snapshot;

import io.hindsight.api.Gap;
import io.hindsight.bus.ExtentPlan;
import io.hindsight.bus.HeldChunks;
import io.hindsight.bus.PlanRequest;
import io.hindsight.bus.PlannedRing;
import io.hindsight.bus.ReleaseRequest;
import io.hindsight.chunk.Chunk;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.store.FileCounts;
import io.hindsight.hub.store.FileHoldings;
import io.hindsight.hub.store.FileListener;
import io.hindsight.hub.store.NodeFile;
import io.hindsight.hub.store.NodeFileWriter;
import io.hindsight.hub.store.SessionJournal.NodePlan;
import io.hindsight.hub.store.SnapshotBuild;
import io.hindsight.time.EpochNanos;
import io.hindsight.time.TimeWindow;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node's part of a session: its plan, its file, and the streams that fill it. What goes wrong here is this node's failure; only what the disk
 * refuses is the session's.
 *
 * <p>A stream that breaks ends nothing. What has arrived is forced to disk; the node is waited for, with {@link Patience}; it is asked for a plan
 * again, since its agent may have restarted and is told what is held; and another {@link ChunkStream} goes on behind that.
 *
 * <p>Everything runs on the session's context; the file's threads hand over to it.
 */
final class NodeStream {
    private static final Logger LOG = LoggerFactory.getLogger(NodeStream.class);
    private static final long POLL_MS = 250;

    private final HubResources hub;
    private final Context context;
    private final String snapshotId;
    private final NodeId node;
    private final TimeWindow window;
    private final NodePart part;
    private final AgentClient agent;
    private final Owner owner;
    private final Patience patience;
    private final Promise<Void> ended = Promise.promise();

    private int streamNumber;
    private boolean ending;
    private boolean pinned;
    private boolean takenUp;
    private @Nullable ChunkStream stream;
    private @Nullable NodeFileWriter writer;
    private FileHoldings holdings = FileHoldings.NONE;

    /** The session that a node's part belongs to. */
    interface Owner {
        /** Something that is shown has changed. */
        void changed();

        /** The session cannot go on: the disk refuses. */
        void diskFailed(HindsightException failure);

        /** Writes down what a later Hub needs to go on; never fails. */
        Future<Void> remember();
    }

    /** {@code firstStream} numbers its streams: none of an earlier Hub's has the number or one behind it. */
    NodeStream(HubResources hub, String snapshotId, NodeId node, TimeWindow window, int firstStream, Owner owner) {
        this.hub = hub;
        this.context = hub.vertx().getOrCreateContext();
        this.snapshotId = snapshotId;
        this.node = node;
        this.window = window;
        this.part = new NodePart(node, window);
        this.agent = new AgentClient(hub.vertx(), node, hub.timeouts().request());
        this.streamNumber = firstStream;
        this.owner = owner;
        this.patience = new Patience(hub.config().nodePatience(), hub.nanoClock());
    }

    NodePart part() {
        return part;
    }

    /** Takes up what an interrupted session left; on a worker, before anything else. */
    void reopenFile(SnapshotBuild build, @Nullable NodePlan before) {
        takenUp = true;
        if (before == null) {
            build.discard(node);
            return;
        }
        NodeFileWriter reopened = build.reopenFile(node, new ContextListener());
        writer = reopened;
        holdings = reopened.heldAtStart();
        part.held(reopened.counts(), before);
        LOG.info("snapshot={} node={} goes on: held {}", snapshotId, node, held());
    }

    /** By source label, what an agent is told to leave out. */
    private Map<String, HeldChunks> held() {
        Map<String, HeldChunks> held = new HashMap<>();
        holdings.lastChunks()
                .forEach((source, last) -> {
                    PlannedRing ring = part.rings().get(source.label());
                    long createdNs = ring == null ? 0 : ring.createdNs();
                    held.put(source.label(), new HeldChunks(createdNs, last.sequence(), last.lastTimestampNs()));
                });
        return held;
    }

    /** Whether the file has all that was planned. */
    private boolean isWhole() {
        Map<String, HeldChunks> held = held();
        return !part.rings().isEmpty()
                && part.rings().entrySet().stream().allMatch(ring -> isWhole(ring.getValue(), held.get(ring.getKey())));
    }

    private static boolean isWhole(PlannedRing ring, @Nullable HeldChunks held) {
        return ring.lastSequence() == 0 || (held != null && held.sequence() >= ring.lastSequence());
    }

    /** What a Hub that goes on later needs to know of this node; null before it has planned. */
    @Nullable NodePlan plan() {
        return part.nodePlan();
    }

    /** Lets the agent find and pin the window. Never fails: the node does. */
    Future<Void> makePlan() {
        if (takenUp && isWhole()) {
            part.wholeAlready(holdings);
            return Future.succeededFuture();
        }
        if (part.nodePlan() == null) {
            part.shift(NodeTime.shiftNs(hub.nodes().clock(node).orElse(null)));
            noteClock();
        }
        return askForPlan(takenUp ? patienceAfterRestart() : new Patience(Duration.ZERO, hub.nanoClock()))
                .<Void>map(extent -> {
                    accept(extent);
                    return null;
                })
                .recover(refusal -> {
                    fail(troubleOf(refusal));
                    return Future.succeededFuture();
                });
    }

    /** A Hub that has just started knows nobody: its nodes may have to find it first. */
    private Patience patienceAfterRestart() {
        Duration resume = hub.timeouts().resume();
        return new Patience(patience.limit().compareTo(resume) > 0 ? patience.limit() : resume, hub.nanoClock());
    }

    /** Asks until there is a plan, or the trouble is one that does not pass, or patience is at its end. */
    private Future<ExtentPlan> askForPlan(Patience waiting) {
        return requestPlan()
                .recover(failure -> {
                    NodeTrouble trouble = troubleOf(failure);
                    if (ending || !trouble.passing() || waiting.isOver()) {
                        return Future.failedFuture(new TroubleException(trouble));
                    }
                    part.waiting(trouble.reason(), waiting.limit());
                    owner.changed();
                    return hub.vertx().timer(POLL_MS, TimeUnit.MILLISECONDS).compose(later -> askForPlan(waiting));
                });
    }

    private Future<ExtentPlan> requestPlan() {
        if (!hub.nodes().isReachable(node)) {
            return Future.failedFuture(new TroubleException(NodeTrouble.unreachable(hub.nodes().absence(node))));
        }
        pinned = true;
        TimeWindow asked = part.window();
        PlanRequest request = new PlanRequest(snapshotId, asked.fromNs(), asked.toNs(), hub.lease().toMillis(), held());
        return agent.plan(request, planTimeout()).map(this::checked);
    }

    private ExtentPlan checked(ExtentPlan extent) {
        if (extent.chunks() < 0 || extent.bytes() < 0) {
            throw new TroubleException(NodeTrouble.ofAgent(node, "made a plan of negative sizes"));
        }
        return extent;
    }

    private NodeTrouble troubleOf(Throwable failure) {
        return failure instanceof TroubleException known ? known.trouble : NodeTrouble.ofRequest(node, failure);
    }

    /** A window ends a few seconds from now at most; a wall clock that was set back must not make hours of that. */
    private Duration planTimeout() {
        Duration untilEnd = Duration.between(hub.clock().instant(), EpochNanos.toInstant(window.toNs()));
        Duration wait = untilEnd.isNegative() ? Duration.ZERO : untilEnd;
        return hub.timeouts().plan().plus(wait.compareTo(RequestRules.MAX_AHEAD) > 0 ? RequestRules.MAX_AHEAD : wait);
    }

    private void accept(ExtentPlan extent) {
        part.planned(extent, hub.nodes().version(node).orElse(null), holdings);
        noteClock();
        owner.changed();
    }

    /**
     * The estimate by which the window was moved, where there was one: what is frozen was recorded before, so a clock that is set right meanwhile says nothing
     * of it. A node that had none by then may have one later.
     */
    private void noteClock() {
        hub.nodes().clock(node).ifPresent(part::clock);
    }

    /** Creates the file, on a worker; nothing to do for a node that failed or has nothing. */
    void openFile(SnapshotBuild build) {
        if (writer == null && part.holdsChunks()) {
            writer = build.openFile(node, new ContextListener());
        }
    }

    /** Streams to the end; completes when the file is whole and on disk, or the node has failed. Never fails. */
    Future<Void> stream() {
        if (writer == null) {
            endWithoutFile();
        } else if (part.hasFailed() || (takenUp && isWhole())) {
            keepHeld();
        } else {
            begin();
        }
        return ended.future();
    }

    private void endWithoutFile() {
        if (part.hasFailed()) {
            ended.tryComplete();
        } else {
            complete();
        }
    }

    /** Nothing more comes for a file that was taken up: it ends as it is. */
    private void keepHeld() {
        ending = true;
        Future.fromCompletionStage(requireFile().finish(), context)
                .onSuccess(finished -> {
                    part.finished(finished);
                    if (part.hasFailed()) {
                        ended.tryComplete();
                    } else {
                        complete();
                    }
                })
                .onFailure(diskFailure -> ended.tryComplete()); // said to diskFailed before
    }

    private NodeFileWriter requireFile() {
        if (writer == null) {
            throw new IllegalStateException("A stream has a file.");
        }
        return writer;
    }

    private void begin() {
        part.streaming();
        owner.changed();
        Map<String, Long> after = new HashMap<>();
        holdings.lastChunks().forEach((source, last) -> after.put(source.label(), last.sequence()));
        ChunkStream next = new ChunkStream(hub, snapshotId, node, streamNumber++, agent, new StreamListener());
        stream = next;
        next.begin(after);
    }

    private void troubled(NodeTrouble trouble) {
        if (ending) {
            return;
        }
        closeStream();
        if (trouble.passing()) {
            interrupt(trouble);
        } else {
            finishFile(trouble);
        }
    }

    /** While it is interrupted, the file tells it when it has settled. */
    private void refusedByFile(NodeTrouble trouble) {
        if (stream != null) {
            troubled(trouble);
        }
    }

    private void interrupt(NodeTrouble trouble) {
        LOG.warn("snapshot={} node={} is interrupted: {}", snapshotId, node, trouble.reason().getMessage());
        part.waiting(trouble.reason(), patience.limit());
        owner.changed();
        Future.fromCompletionStage(requireFile().settle(), context)
                .onSuccess(settled -> settled(settled, trouble))
                .onFailure(diskFailure -> ended.tryComplete()); // said to diskFailed before
    }

    /** Nothing of the old stream is under way any more, and all that came is on disk. */
    private void settled(FileHoldings now, NodeTrouble trouble) {
        if (ending) {
            return;
        }
        boolean broughtSomething = !now.lastChunks().equals(holdings.lastChunks());
        holdings = now;
        part.interrupted();
        patience.interrupted(broughtSomething);
        if (now.refusal() != null) {
            finishFile(NodeTrouble.corrupt(now.refusal()));
        } else if (patience.isExhausted()) {
            String often = "node=" + node + " broke off " + Patience.MAX_FRUITLESS + " times without sending anything.";
            giveUp(trouble.givenUp(ErrorCode.AGENT_FAILED, often));
        } else if (patience.isOver()) {
            giveUp(cameNotBack(trouble));
        } else {
            planAgain();
        }
    }

    private NodeTrouble cameNotBack(NodeTrouble trouble) {
        Duration limit = patience.limit();
        return limit.isZero()
                ? trouble
                : trouble.givenUp(
                        ErrorCode.AGENT_UNREACHABLE,
                        "node=" + node + " did not come back within " + limit.toSeconds() + " s.");
    }

    private void planAgain() {
        askForPlan(patience)
                .onSuccess(this::planned)
                .onFailure(failure -> {
                    NodeTrouble trouble = troubleOf(failure);
                    giveUp(trouble.passing() ? cameNotBack(trouble) : trouble);
                });
    }

    /** What came up since the first plan is remembered before a chunk is written behind it. */
    private void planned(ExtentPlan extent) {
        if (ending) {
            return;
        }
        accept(extent);
        owner.remember().onComplete(remembered -> goOn());
    }

    private void goOn() {
        if (!ending) {
            LOG.info(
                    "snapshot={} node={} goes on after {} ms: held {}",
                    snapshotId,
                    node,
                    patience.waited().toMillis(),
                    held());
            begin();
        }
    }

    /** A file that has all that was planned lacks nothing but the agent's last word. */
    private void giveUp(NodeTrouble trouble) {
        if (ending) {
            return;
        }
        part.unexplained(holdings);
        if (isWhole()) {
            LOG.info("snapshot={} node={} had sent all that was planned.", snapshotId, node);
            finishFile(null);
        } else {
            finishFile(trouble);
        }
    }

    private void finishFile(@Nullable NodeTrouble trouble) {
        ending = true;
        closeStream();
        Future.fromCompletionStage(requireFile().finish(), context)
                .onSuccess(finished -> fileFinished(finished, trouble))
                .onFailure(diskFailure -> ended.tryComplete()); // said to diskFailed before
    }

    /** The stream's end may have overtaken the word that a chunk was refused. */
    private void fileFinished(NodeFile finished, @Nullable NodeTrouble trouble) {
        part.finished(finished);
        holdings = finished.holdings();
        HindsightException refusal = finished.holdings().refusal();
        if (trouble != null || refusal != null) {
            part.unexplained(finished.holdings());
        }
        if (trouble != null) {
            endFailed(trouble);
        } else if (refusal != null) {
            endFailed(NodeTrouble.corrupt(refusal));
        } else {
            complete();
            release("completed");
        }
    }

    private void endFailed(NodeTrouble trouble) {
        fail(trouble);
        ended.tryComplete();
        release("failed: " + trouble.reason().getMessage());
    }

    private void complete() {
        part.complete();
        noteClock();
        owner.changed();
        ended.tryComplete();
    }

    private void fail(NodeTrouble trouble) {
        if (ended.future().isComplete()) {
            return; // cancelled, or left to the next Hub
        }
        LOG.warn("snapshot={} node={} failed: {}", snapshotId, node, trouble.reason().getMessage());
        part.failed(trouble.reason(), trouble.cause(), holdings);
        noteClock();
        owner.changed();
    }

    /** Once a second: credit and lease, time-outs, and what is due to be forced. */
    void tick() {
        if (stream != null) {
            requireFile().tick();
            stream.tick();
        }
    }

    private void released(long lengthBytes, FileCounts now) {
        long newBytes = now.bytes() - part.counts().bytes();
        if (part.written(now)) {
            hub.budget().written(snapshotId, newBytes);
            owner.changed();
        }
        if (stream != null) {
            stream.released(lengthBytes);
        }
    }

    private void forced(Map<String, Long> sequences, long bytes) {
        part.durable(bytes);
        owner.changed();
        if (stream != null) {
            stream.durable(sequences);
        }
    }

    /** Stops at once and closes the file; completes when nothing touches it any more. */
    Future<Void> abandon(String reason) {
        release(reason);
        return suspend();
    }

    /** Stops at once and closes the file; what the agent pinned stays pinned for its lease. */
    Future<Void> suspend() {
        ending = true;
        closeStream();
        ended.tryComplete();
        return writer == null ? Future.succeededFuture() : Future.fromCompletionStage(writer.abandon(), context);
    }

    /** Lets the agent unpin. Once. */
    void release(String reason) {
        if (pinned) {
            pinned = false;
            agent.release(new ReleaseRequest(snapshotId, reason))
                    .onFailure(failure ->
                            LOG.info(
                                    "snapshot={} node={} was not told to release; its lease runs out: {}",
                                    snapshotId,
                                    node,
                                    failure.getMessage()));
        }
    }

    private void closeStream() {
        ChunkStream open = stream;
        stream = null;
        if (open != null) {
            open.close();
        }
    }

    /** A trouble as the failure of a future. */
    private static final class TroubleException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient NodeTrouble trouble;

        TroubleException(NodeTrouble trouble) {
            super(trouble.reason().getMessage(), trouble.reason(), false, false);
            this.trouble = trouble;
        }
    }

    private final class StreamListener implements ChunkStream.Listener {
        @Override
        public void arrived(Chunk chunk) {
            requireFile().append(chunk);
        }

        @Override
        public void gaps(List<Gap> gaps) {
            part.gaps(gaps);
        }

        @Override
        public void whole() {
            finishFile(null);
        }

        @Override
        public void broken(NodeTrouble trouble) {
            troubled(trouble);
        }
    }

    /** Brings what the file's threads report onto the session's context. */
    private final class ContextListener implements FileListener {
        @Override
        public void released(long lengthBytes, FileCounts now) {
            context.runOnContext(nothing -> NodeStream.this.released(lengthBytes, now));
        }

        @Override
        public void durable(Map<String, Long> sequences, long bytes) {
            context.runOnContext(nothing -> forced(sequences, bytes));
        }

        @Override
        public void refused(HindsightException reason) {
            context.runOnContext(nothing -> refusedByFile(NodeTrouble.corrupt(reason)));
        }

        @Override
        public void failed(HindsightException failure) {
            context.runOnContext(nothing -> owner.diskFailed(failure));
        }
    }
}
