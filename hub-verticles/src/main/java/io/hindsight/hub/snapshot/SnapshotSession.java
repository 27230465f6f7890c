package io.hindsight.hub.snapshot;

import io.hindsight.api.CustodyAction;
import io.hindsight.api.EarlyEnd;
import io.hindsight.api.Snapshot;
import io.hindsight.api.Snapshot.Problem;
import io.hindsight.api.SnapshotNode;
import io.hindsight.api.SnapshotState;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.BusFailures;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.store.Manifest;
import io.hindsight.hub.store.SessionJournal.Entry;
import io.hindsight.hub.store.SessionJournal.NodePlan;
import io.hindsight.hub.store.SnapshotBuild;
import io.hindsight.json.JsonMapping;
import io.hindsight.time.EpochNanos;
import io.hindsight.time.TimeWindow;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One snapshot, from request to seal: decides what happens next, and leaves the doing to {@link NodeStream}, {@link SnapshotBuild} and
 * {@link Sealing}.
 *
 * <pre>
 * REQUESTED → PLANNING → STREAMING → VERIFYING → SEALING → COMPLETE | PARTIAL
 *      any but SEALING → CANCELLED          any → FAILED
 * </pre>
 *
 * <p>One context: that on which it was made. A step that comes back from a worker after the session has ended finds that and does nothing.
 */
final class SnapshotSession {
    private static final Logger LOG = LoggerFactory.getLogger(SnapshotSession.class);
    private static final long TICK_MS = 1_000;
    private static final int BATCH_ITEM_PARTS = 500;
    private static final int STREAMS_PER_ATTEMPT = 1_000_000;

    private final HubResources hub;
    private final SessionWindow window;
    private final @Nullable Entry interrupted;
    private final Function<SnapshotSession, Future<Void>> remember;
    private final Consumer<SnapshotSession> whenEnded;
    private final List<NodeStream> nodes;
    private final EventThrottle events;
    private final RateMeter rate = new RateMeter();
    private final Promise<Snapshot> admitted = Promise.promise();
    private final Promise<Snapshot> closed = Promise.promise();
    private final Promise<Void> begun = Promise.promise();
    private final long tickTimer;
    private final Coalesced remembering = new Coalesced(this::rememberUnlessEnded);

    /** Its window changes once, where it is ended early. */
    private SnapshotOrder order;

    private boolean suspended;
    private SnapshotState state = SnapshotState.REQUESTED;
    private @Nullable Instant endedAt;
    private @Nullable Problem error;
    private @Nullable SnapshotBuild build;
    private @Nullable Manifest manifest;
    private boolean sealRecorded = true;

    /** What works on the files at the moment, or did last. */
    private Future<?> fileStep = Future.succeededFuture();

    /**
     * @param feeds of each node, what its first stream is a share of; null: nothing
     * @param interrupted what an earlier Hub remembered of this session; null for a new one
     * @param remember writes down what a later Hub needs to go on; completes when that is on disk, and never fails
     */
    SnapshotSession(
            HubResources hub,
            SnapshotOrder order,
            Function<NodeId, @Nullable SharedFeed> feeds,
            @Nullable Entry interrupted,
            Function<SnapshotSession, Future<Void>> remember,
            Consumer<SnapshotSession> whenEnded) {
        this.hub = hub;
        this.order = order;
        this.window = new SessionWindow(order, hub.clock().instant(), hub.nanoClock());
        this.interrupted = interrupted;
        this.remember = remember;
        this.whenEnded = whenEnded;
        this.events = new EventThrottle(hub.vertx(), hub.nanoClock(), eventParts(order), this::publish);
        this.nodes =
                order.nodes().stream()
                        .map(node ->
                                new NodeStream(
                                        hub, order, node, window, firstStream(), feeds.apply(node), new NodeOwner()))
                        .toList();
        this.tickTimer = hub.vertx().setPeriodic(TICK_MS, timer -> tick());
    }

    /** An item of a batch is told of about once a second, however few nodes it has: there may be a thousand of them. */
    private static int eventParts(SnapshotOrder order) {
        return order.batch() == null ? order.nodes().size() : Math.max(order.nodes().size(), BATCH_ITEM_PARTS);
    }

    /** Each Hub that goes on with the session numbers its streams anew, behind all that came before. */
    private int firstStream() {
        return 1 + (attempt() - 1) * STREAMS_PER_ATTEMPT;
    }

    private List<NodePart> parts() {
        return nodes.stream().map(NodeStream::part).toList();
    }

    SnapshotOrder order() {
        return order;
    }

    SnapshotState state() {
        return state;
    }

    /** Whether its window is still being recorded. */
    boolean isRecording() {
        return !window.isOver() && !state.ended();
    }

    /** What was sealed; null before, and where nothing was. */
    @Nullable Manifest manifest() {
        return manifest;
    }

    /** The answer to the creation: as soon as chunks are on their way, or planning has failed, or some time has passed. */
    Future<Snapshot> admitted() {
        return admitted.future();
    }

    /** Every node streams that will, or the session has ended. */
    Future<Void> begun() {
        return begun.future();
    }

    /** The last state, when everything is tidied up. */
    Future<Snapshot> closed() {
        return closed.future();
    }

    void start() {
        if (state.ended() || suspended) {
            return; // cancelled, or the Hub told to stop, before it could begin
        }
        hub.vertx().setTimer(hub.timeouts().admission().toMillis(), timer -> admitted.tryComplete(show()));
        moveTo(SnapshotState.PLANNING, "asking " + nodes.size() + " nodes, attempt " + attempt());
        takeUp().compose(ready -> whileIn(SnapshotState.PLANNING, this::plan))
                .compose(plans -> whileIn(SnapshotState.PLANNING, this::reserve))
                .compose(reserved -> whileIn(SnapshotState.PLANNING, () -> remember.apply(this)))
                .compose(reserved -> whileIn(SnapshotState.PLANNING, this::stream))
                .compose(streamed -> whileIn(SnapshotState.STREAMING, this::verify))
                .compose(sealing -> whileIn(SnapshotState.VERIFYING, () -> seal(sealing)))
                .onSuccess(this::complete)
                .onFailure(this::failUnlessEnded);
    }

    /** 1 for a new session, one more for each interruption. */
    int attempt() {
        return interrupted == null ? 1 : interrupted.attempt() + 1;
    }

    /** The journal's record of this session as it stands. */
    Entry entry() {
        Map<String, NodePlan> plans = new HashMap<>();
        for (NodeStream node : nodes) {
            NodePlan plan = node.plan();
            if (plan != null) {
                plans.put(node.part().node().name(), plan);
            }
        }
        return new Entry(show(), order.request(), order.idempotencyKey(), attempt(), plans.isEmpty() ? null : plans);
    }

    /** Of an interrupted session: takes up its files. */
    private Future<Void> takeUp() {
        Entry before = interrupted;
        if (before == null) {
            return Future.succeededFuture();
        }
        return remembered(
                hub.onReader(() -> {
                    SnapshotBuild reopened = hub.store().reopen(order.id());
                    build = reopened;
                    nodes.forEach(
                            node -> node.reopenFile(reopened, RecoveryRule.usablePlan(before, node.part().node())));
                    return null;
                }));
    }

    /** All nodes at once; one that does not answer holds up the others for no longer than its time-out. */
    private Future<Void> plan() {
        return Future.join(nodes.stream().map(NodeStream::makePlan).toList()).mapEmpty();
    }

    /** The next step, unless the session has ended meanwhile. */
    private <T> Future<T> whileIn(SnapshotState expected, Supplier<Future<T>> step) {
        return state == expected && !suspended ? step.get() : Future.failedFuture(new EndedException());
    }

    private Future<Void> reserve() {
        requireSomethingPlanned();
        requireAllPlanned();
        long needed = SpaceNeed.bytes(parts());
        return remembered(
                hub.onWriter(() -> {
                    hub.budget().reserve(order.id(), needed);
                    SnapshotBuild begun = build == null ? hub.store().begin(order.id()) : build;
                    build = begun;
                    nodes.forEach(node -> node.openFile(begun));
                    begun.forceNames();
                    return null;
                }));
    }

    private <T> Future<T> remembered(Future<T> step) {
        fileStep = step;
        return step;
    }

    private void requireSomethingPlanned() {
        if (parts().stream().anyMatch(NodePart::holdsRecords)) {
            return;
        }
        if (parts().stream().allMatch(NodePart::hasFailed)) {
            throw allFailed();
        }
        if (sumPlanned() == 0 && !window.isTakenInRounds()) {
            throw nothingThere();
        }
    }

    private void requireAllPlanned() {
        if (order.requiresAll()) {
            Shortfall.firstFailed(parts())
                    .ifPresent(problem -> {
                        throw new HindsightException(
                                ErrorCode.valueOf(problem.code()), "Every node is required. " + problem.detail());
                    });
        }
    }

    /** Ends the session as soon as it is known that it will lack something, where it must not. */
    private void requireDelivered(NodePart node) {
        if (order.requiresAll()) {
            Shortfall.of(List.of(node)).ifPresent(problem -> fail(incomplete(problem)));
        }
    }

    private static HindsightException incomplete(Problem problem) {
        return new HindsightException(
                ErrorCode.INCOMPLETE, "Every node is required. " + problem.code() + ": " + problem.detail());
    }

    private long sumPlanned() {
        return parts().stream().map(NodePart::plan).filter(Objects::nonNull).mapToLong(plan -> plan.chunks()).sum();
    }

    private HindsightException allFailed() {
        Problem first = parts().stream().map(NodePart::error).filter(Objects::nonNull).findFirst().orElseThrow();
        return new HindsightException(
                ErrorCode.valueOf(first.code()), "All " + nodes.size() + " nodes failed; the first: " + first.detail());
    }

    private HindsightException nothingThere() {
        return new HindsightException(
                ErrorCode.EMPTY_WINDOW,
                "No node holds a record between from=" + order.from() + " and to=" + order.to() + ".");
    }

    private Future<Void> stream() {
        moveTo(SnapshotState.STREAMING, "room for " + SpaceNeed.bytes(parts()) + " bytes is reserved");
        admitted.tryComplete(show());
        List<Future<Void>> streams = nodes.stream().map(this::streamed).toList();
        begun.tryComplete();
        return Future.join(streams).mapEmpty();
    }

    private Future<Void> streamed(NodeStream node) {
        return node.stream().onComplete(ended -> requireDelivered(node.part()));
    }

    private Future<Sealing> verify() {
        if (parts().stream().noneMatch(part -> part.counts().hasRecords())) {
            throw parts().stream().allMatch(NodePart::hasFailed) ? allFailed() : nothingThere();
        }
        coverAllRecords();
        moveTo(SnapshotState.VERIFYING, "reading " + bytesWritten() + " bytes back");
        Sealing sealing = new Sealing(hub, order, parts(), Objects.requireNonNull(build));
        return remembered(hub.onReader(sealing::readBack));
    }

    /** A node whose clock is a little fast had given times behind the early end to records that were on their way by then. */
    private void coverAllRecords() {
        EarlyEnd end = order.earlyEnd();
        if (end == null) {
            return;
        }
        long lastNs =
                parts().stream()
                        .filter(part -> part.counts().hasRecords())
                        .mapToLong(part -> part.counts().lastTimestampNs() - part.shiftNs())
                        .max()
                        .orElse(Long.MIN_VALUE);
        long toNs = Math.min(lastNs + 1, EpochNanos.of(end.askedTo()));
        if (lastNs >= order.window().toNs() && toNs > order.window().toNs()) {
            order = order.ended(end, new TimeWindow(order.window().fromNs(), toNs));
        }
    }

    private Future<Manifest> seal(Sealing sealing) {
        moveTo(SnapshotState.SEALING, "every byte read back is right");
        return hub.onWriter(() -> sealed(sealing)).compose(this::recorded);
    }

    /** A manifest, and what the custody log says of it. */
    private record Sealed(Manifest manifest, Map<String, String> details) {}

    /** On a worker. */
    private Sealed sealed(Sealing sealing) {
        Manifest written = sealing.seal();
        long bytes = hub.store().sizeBytes(order.id());
        hub.budget().keep(order.id(), bytes);
        return new Sealed(written, Sealing.record(written, bytes));
    }

    /** What is sealed stays sealed, also where the log does not take the line: the next Hub finds the session's record, and writes it. */
    private Future<Manifest> recorded(Sealed sealed) {
        return hub.custody()
                .append(requester().done(CustodyAction.SEAL, sealed.manifest().toSnapshot(), sealed.details()))
                .map(recorded -> sealed.manifest())
                .recover(failure -> {
                    sealRecorded = false;
                    LOG.error(
                            "snapshot={} is sealed, and the custody log does not say so until the Hub starts again: {}",
                            order.id(),
                            failure.getMessage());
                    return Future.succeededFuture(sealed.manifest());
                });
    }

    private Requester requester() {
        return new Requester(order.createdBy(), null);
    }

    /** Whether the custody log says that it was sealed. */
    boolean sealRecorded() {
        return sealRecorded;
    }

    /** Ends a session that must not begin. */
    void refuse(Throwable why) {
        fail(BusFailures.asHindsight(why));
    }

    private void complete(Manifest sealed) {
        manifest = sealed;
        error = sealed.error();
        end(sealed.state(), error == null ? "sealed" : error.detail());
        nodes.forEach(node -> node.release("completed"));
        hub.budget().release(order.id());
        close();
    }

    private void failUnlessEnded(Throwable failure) {
        if (!(failure instanceof EndedException)) {
            fail(BusFailures.asHindsight(failure));
        }
    }

    private void fail(HindsightException failure) {
        if (state.ended() || suspended) {
            return;
        }
        if (failure.code() == ErrorCode.INTERNAL) {
            LOG.error("snapshot={} failed", order.id(), failure);
        }
        error = new Problem(failure.code().name(), String.valueOf(failure.getMessage()));
        end(SnapshotState.FAILED, error.detail());
        abandon("failed: " + error.detail());
        admitted.tryFail(failure);
    }

    /** Ends it as its owner asks; the future is that of the last state. */
    Future<Snapshot> cancel() {
        if (state == SnapshotState.SEALING) {
            return Future.failedFuture(
                    new HindsightException(
                            ErrorCode.WRONG_STATE,
                            "The snapshot id=" + order.id() + " is being sealed and can no longer be cancelled."));
        }
        if (!state.ended()) {
            end(SnapshotState.CANCELLED, "cancelled by its owner");
            abandon("cancelled");
            admitted.tryComplete(show());
        }
        return closed();
    }

    /** Ends its window now, where it is still being recorded; completes when the next Hub would know. What came is sealed as of any window. */
    Future<Snapshot> endWindow(String by) {
        Instant now = hub.clock().instant();
        if (!isRecording() || suspended) {
            return Future.succeededFuture(show());
        }
        if (!order.from().isBefore(now)) {
            throw new HindsightException(
                    ErrorCode.WRONG_STATE,
                    "The window of the snapshot id="
                            + order.id()
                            + " begins only at from="
                            + order.from()
                            + ": there is nothing to keep. Cancel it.");
        }
        window.end(new EarlyEnd(by, now, order.to()));
        order = order.ended(Objects.requireNonNull(window.earlyEnd()), window.window());
        LOG.info("snapshot={} its window was ended early by={}", order.id(), by);
        nodes.forEach(NodeStream::windowEnded);
        changed();
        return remembering.run().map(remembered -> show());
    }

    private Future<Void> rememberUnlessEnded() {
        return state.ended() ? Future.succeededFuture() : remember.apply(this);
    }

    /** Leaves it to the next Hub, because this one ends: closes its files where they stand. What is being sealed is sealed. */
    Future<Void> suspend() {
        if (state == SnapshotState.SEALING || state.ended()) {
            return closed().mapEmpty();
        }
        LOG.info("snapshot={} is left {} for the next Hub.", order.id(), state);
        suspended = true;
        begun.tryComplete();
        hub.vertx().cancelTimer(tickTimer);
        admitted.tryFail(
                new HindsightException(
                        ErrorCode.NOT_READY,
                        "The Hub is stopping; it goes on with snapshot id=" + order.id() + " when it starts again."));
        return fileStep.transform(step -> Future.join(nodes.stream().map(NodeStream::suspend).toList())).mapEmpty();
    }

    /** Waits for what works on the files and closes them first: then nobody touches the folder that is removed. */
    private void abandon(String reason) {
        fileStep.transform(step -> Future.join(nodes.stream().map(node -> node.abandon(reason)).toList()))
                .compose(files ->
                        hub.onWriter(() -> {
                            removeFiles();
                            return null;
                        }))
                .onFailure(failure ->
                        LOG.error(
                                "snapshot={}: its leftovers stay until the next start: {}",
                                order.id(),
                                failure.getMessage()))
                .onComplete(tidied -> {
                    hub.budget().release(order.id());
                    close();
                });
    }

    /** On a worker. An interrupted session has files even before it has taken them up. */
    private void removeFiles() {
        SnapshotBuild begun = build == null && interrupted != null ? hub.store().reopen(order.id()) : build;
        if (begun != null) {
            begun.abandon();
        }
    }

    private void end(SnapshotState last, String reason) {
        endedAt = hub.clock().instant();
        hub.vertx().cancelTimer(tickTimer);
        moveTo(last, reason);
        begun.tryComplete();
    }

    private void close() {
        whenEnded.accept(this);
        closed.tryComplete(show());
    }

    private void moveTo(SnapshotState next, String reason) {
        if (!SessionTransitions.allows(state, next)) {
            throw new IllegalStateException(
                    "snapshot=" + order.id() + " cannot go from " + state + " to " + next + ".");
        }
        LOG.info("snapshot={} {} -> {}: {}", order.id(), state, next, reason);
        state = next;
        changed();
    }

    private void tick() {
        nodes.forEach(NodeStream::tick);
        if (state == SnapshotState.STREAMING) {
            changed();
        }
    }

    private void changed() {
        long nowNs = hub.nanoClock().getAsLong();
        if (rate.isDue(nowNs)) {
            rate.sample(nowNs, bytesWritten());
        }
        events.changed();
    }

    /** Why it failed or is partial. */
    @Nullable Problem error() {
        return error;
    }

    /** Written so far. */
    long bytesWritten() {
        return nodes.stream().mapToLong(node -> node.part().counts().bytes()).sum();
    }

    /** Upper bound of what will be written, as far as it is planned. */
    long bytesExpected() {
        return nodes.stream().mapToLong(node -> node.part().bytesExpected()).sum();
    }

    private void publish() {
        JsonObject event = new JsonObject().put("type", "snapshot").put("snapshot", JsonMapping.toJson(show()));
        hub.vertx().eventBus().publish(Addresses.EVENTS, event);
    }

    private static long sum(List<SnapshotNode> nodes, ToLongFunction<SnapshotNode> value) {
        return nodes.stream().mapToLong(value).sum();
    }

    /** As the API shows it. */
    Snapshot show() {
        if (manifest != null && state.sealed()) {
            return manifest.toSnapshot();
        }
        List<SnapshotNode> shown = parts().stream().map(NodePart::show).toList();
        return new Snapshot(
                        order.id(),
                        order.name(),
                        state,
                        order.createdAt(),
                        order.createdBy(),
                        endedAt,
                        order.from(),
                        order.to(),
                        sum(shown, SnapshotNode::bytes),
                        sum(shown, SnapshotNode::packets),
                        sum(shown, SnapshotNode::records),
                        sum(shown, SnapshotNode::chunks),
                        state.ended() ? null : progress(shown),
                        shown,
                        null,
                        error)
                .lockedUntil(order.request().lockUntil())
                .endedEarly(order.earlyEnd())
                .inBatch(order.batch());
    }

    private Snapshot.Progress progress(List<SnapshotNode> shown) {
        long done = sum(shown, SnapshotNode::bytes);
        long expected = sum(shown, SnapshotNode::bytesExpected);
        double bytesPerSecond = rate.bytesPerSecond(hub.nanoClock().getAsLong(), done);
        Long etaMs =
                bytesPerSecond > 0 && expected > 0
                        ? (long) (Math.max(0, expected - done) * 1_000 / bytesPerSecond)
                        : null;
        Instant recordingUntil = window.recordingUntil();
        return new Snapshot.Progress(
                expected,
                done,
                sum(shown, SnapshotNode::bytesDurable),
                bytesPerSecond,
                recordingUntil == null ? etaMs : Long.valueOf(window.left().toMillis()),
                recordingUntil);
    }

    /** What its nodes tell it. */
    private final class NodeOwner implements NodeStream.Owner {
        @Override
        public void changed() {
            SnapshotSession.this.changed();
        }

        @Override
        public void diskFailed(HindsightException failure) {
            fail(failure);
        }

        @Override
        public Future<Void> remember() {
            return remembering.run();
        }
    }

    /** The session ended while a step was under way. */
    private static final class EndedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        EndedException() {
            super("The session has ended.", null, false, false);
        }
    }
}
