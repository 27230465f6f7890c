package io.hindsight.hub.snapshot;

import io.hindsight.api.Gap;
import io.hindsight.bus.BusFailures;
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
import io.hindsight.time.TimeWindow;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
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
 * <p>A window that is still being recorded is taken in {@link WindowRounds}: each is a plan of what came since the last one, and a stream of it.
 *
 * <p>Everything runs on the session's context; the file's threads hand over to it.
 */
final class NodeStream {
    private static final Logger LOG = LoggerFactory.getLogger(NodeStream.class);
    private static final long POLL_MS = 250;
    private static final long NO_TIMER = -1;

    private final HubResources hub;
    private final Context context;
    private final String snapshotId;
    private final NodeId node;
    private final SessionWindow window;
    private final @Nullable List<String> sources;
    private final WindowRounds rounds;
    private final RoundRoom room;
    private final NodePart part;
    private final AgentClient agent;
    private final Owner owner;
    private final Patience patience;
    private final Promise<Void> ended = Promise.promise();

    private int streamNumber;
    private boolean ending;
    private boolean pinned;
    private boolean takenUp;
    private boolean awaitsPlan;
    private long restTimer = NO_TIMER;
    private @Nullable SharedFeed feed;
    private @Nullable ChunkSupply stream;
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

    /**
     * @param window of the order, as it stands
     * @param firstStream numbers its streams: none of an earlier Hub's has the number or one behind it
     * @param feed what its first stream is a share of; null: nothing
     */
    NodeStream(
            HubResources hub,
            SnapshotOrder order,
            NodeId node,
            SessionWindow window,
            int firstStream,
            @Nullable SharedFeed feed,
            Owner owner) {
        this.hub = hub;
        this.context = hub.vertx().getOrCreateContext();
        this.snapshotId = order.id();
        this.node = node;
        this.window = window;
        this.sources = order.sources();
        this.rounds = new WindowRounds(hub.nodes(), node, window, hub.nanoClock(), firstStream);
        this.room = new RoundRoom(hub, snapshotId);
        this.feed = feed;
        this.part = new NodePart(node, window.window());
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
        return !part.isSoFar()
                && !part.rings().isEmpty()
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
        moveToNodeTime();
        rounds.next();
        Patience first = takenUp ? patienceAfterRestart() : new Patience(Duration.ZERO, hub.nanoClock());
        return askForPlan(first, first::isOver)
                .<Void>map(extent -> {
                    accept(extent);
                    return null;
                })
                .recover(refusal -> {
                    notPlanned(troubleOf(refusal));
                    return Future.succeededFuture();
                });
    }

    private void moveToNodeTime() {
        if (part.nodePlan() == null) {
            part.shift(NodeTime.shiftNs(hub.nodes().clock(node).orElse(null)));
            noteClock();
        }
    }

    /** While the window is being recorded, a node may come back with all of it in its ring. */
    private void notPlanned(NodeTrouble trouble) {
        if (trouble.passing() && !window.isOver()) {
            awaitsPlan = true;
            waiting(trouble, patience);
        } else {
            fail(trouble);
        }
    }

    private void waiting(NodeTrouble trouble, Patience waiting) {
        String patient = waiting.limit().toSeconds() + " s at most";
        part.waiting(trouble.reason(), window.isOver() ? patient : "until the window is over or " + patient);
        owner.changed();
    }

    /** A Hub that has just started knows nobody: its nodes may have to find it first. */
    private Patience patienceAfterRestart() {
        Duration resume = hub.timeouts().resume();
        return new Patience(patience.limit().compareTo(resume) > 0 ? patience.limit() : resume, hub.nanoClock());
    }

    /** Asks until there is a plan, or the trouble is one that does not pass, or patience is at its end. */
    private Future<ExtentPlan> askForPlan(Patience waiting, BooleanSupplier isOver) {
        Promise<ExtentPlan> answered = Promise.promise();
        askForPlan(waiting, isOver, answered);
        return answered.future();
    }

    private void askForPlan(Patience waiting, BooleanSupplier isOver, Promise<ExtentPlan> answered) {
        requestPlan()
                .onSuccess(answered::complete)
                .onFailure(failure -> {
                    NodeTrouble trouble = troubleOf(failure);
                    if (ending || !trouble.passing() || isOver.getAsBoolean()) {
                        answered.fail(new TroubleException(trouble));
                    } else {
                        waiting(trouble, waiting);
                        hub.vertx().setTimer(POLL_MS, later -> askForPlan(waiting, isOver, answered));
                    }
                });
    }

    /** Whether the node is waited for no longer: it is until its window is over, at least. */
    private boolean isWaitOver() {
        return patience.isOver() && window.isOver();
    }

    private Future<ExtentPlan> requestPlan() {
        if (!hub.nodes().isReachable(node)) {
            return Future.failedFuture(new TroubleException(NodeTrouble.unreachable(hub.nodes().absence(node))));
        }
        pinned = true;
        TimeWindow asked = part.window();
        long leaseMs = hub.lease().toMillis();
        PlanRequest request =
                new PlanRequest(snapshotId, asked.fromNs(), asked.toNs(), leaseMs, held(), rounds.present(), sources);
        return agent.plan(request, planTimeout()).map(extent -> checked(extent).only(request::wants));
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

    /** An agent waits for the end of a window, or of the last round, for a moment at most. */
    private Duration planTimeout() {
        return hub.timeouts().plan().plus(SessionWindow.SOON);
    }

    private void accept(ExtentPlan extent) {
        awaitsPlan = false;
        part.planIsSoFar(rounds.isAnotherToCome());
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
        if (writer == null && (part.holdsChunks() || (window.isTakenInRounds() && !part.hasFailed()))) {
            writer = build.openFile(node, new ContextListener());
        }
    }

    /** Streams to the end; completes when the file is whole and on disk, or the node has failed. Never fails. */
    Future<Void> stream() {
        if (writer == null) {
            endWithoutFile();
        } else if (part.hasFailed() || (takenUp && isWhole())) {
            keepHeld();
        } else if (awaitsPlan) {
            planAgain();
        } else {
            room.reserved(part.bytesToCome());
            beginOrEndRound();
        }
        return ended.future();
    }

    /** A round in which nothing came needs no stream. */
    private void beginOrEndRound() {
        if (rounds.present() == null || part.holdsChunks()) {
            begin();
        } else {
            part.streaming();
            owner.changed();
            roundEnded(holdings);
        }
    }

    /** All that the round planned has been sent. */
    private void roundSent() {
        stream = null;
        if (rounds.isAnotherToCome()) {
            Future.fromCompletionStage(requireFile().settle(), context)
                    .onSuccess(this::roundEnded)
                    .onFailure(diskFailure -> ended.tryComplete()); // said to diskFailed before
        } else {
            finishFile(null);
        }
    }

    /** All that the round sent is on disk. */
    private void roundEnded(FileHoldings now) {
        if (ending) {
            return;
        }
        holdings = now;
        if (now.refusal() != null) {
            finishFile(NodeTrouble.corrupt(now.refusal()));
        } else if (rounds.isAnotherToCome()) {
            part.roundEnded(now);
            rounds.rest();
            rest();
        } else {
            finishFile(null);
        }
    }

    private void rest() {
        restTimer = NO_TIMER;
        if (ending) {
            return;
        }
        if (rounds.isRested()) {
            rounds.next();
            patience.startAnew();
            planAgain();
        } else {
            restTimer = hub.vertx().setTimer(rounds.untilLook().toMillis(), timer -> rest());
        }
    }

    /** The window has been ended before its time. */
    void windowEnded() {
        part.windowEnded(window.window());
        if (restTimer != NO_TIMER && hub.vertx().cancelTimer(restTimer)) {
            rest();
        }
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
        StreamListener listener = new StreamListener();
        SharedFeed sharing = feed;
        feed = null; // what breaks off goes on alone
        ChunkSupply next =
                sharing == null
                        ? ownStream(listener)
                        : sharing.join(snapshotId, part, listener, () -> ownStream(listener));
        stream = next;
        next.begin(after);
    }

    private ChunkStream ownStream(StreamListener listener) {
        return new ChunkStream(hub, snapshotId, node, streamNumber++, agent, listener);
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
        waiting(trouble, patience);
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
        } else if (isWaitOver()) {
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
        moveToNodeTime();
        askForPlan(patience, this::isWaitOver)
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
        if (rounds.present() == null) {
            owner.remember().onComplete(remembered -> goOn());
        } else {
            room.claim(extent)
                    .compose(claimed -> part.hasNewsToRemember() ? owner.remember() : Future.succeededFuture())
                    .onSuccess(remembered -> goOn())
                    .onFailure(this::noRoom);
        }
    }

    /** What came is kept. */
    private void noRoom(Throwable failure) {
        if (!ending) {
            HindsightException why = BusFailures.asHindsight(failure);
            String words = "The window was not recorded to its end: " + why.getMessage();
            finishFile(
                    new NodeTrouble(new HindsightException(why.code(), words, why), Gap.Cause.NOT_YET_CAPTURED, false));
        }
    }

    private void goOn() {
        if (ending) {
            return;
        }
        if (rounds.present() == null) {
            LOG.info(
                    "snapshot={} node={} goes on after {} ms: held {}",
                    snapshotId,
                    node,
                    patience.waited().toMillis(),
                    held());
        }
        beginOrEndRound();
    }

    /** A file that has all that was planned lacks nothing but the agent's last word. */
    private void giveUp(NodeTrouble trouble) {
        if (ending) {
            return;
        }
        if (isWhole()) {
            part.unexplained(holdings);
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
            room.written(newBytes);
            owner.changed();
        }
        if (stream != null) {
            stream.released(lengthBytes);
        }
    }

    /** An older agent knows nothing of sources, and sends all. */
    private void passOver(Chunk chunk) {
        chunk.release();
        if (stream != null) {
            stream.released(chunk.lengthBytes());
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
        ChunkSupply open = stream;
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
            if (sources != null && !sources.contains(chunk.header().source().label())) {
                passOver(chunk);
            } else {
                requireFile().append(chunk);
            }
        }

        @Override
        public void gaps(List<Gap> gaps) {
            part.gaps(gaps);
        }

        @Override
        public void whole() {
            roundSent();
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
