package io.hindsight.hub.snapshot;

import io.hindsight.api.Gap;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.BusFailures;
import io.hindsight.bus.ExtentPlan;
import io.hindsight.bus.HeldChunks;
import io.hindsight.bus.PlanRequest;
import io.hindsight.bus.PlannedRing;
import io.hindsight.bus.ReleaseRequest;
import io.hindsight.bus.StreamEnd;
import io.hindsight.bus.StreamRequest;
import io.hindsight.chunk.Chunk;
import io.hindsight.chunk.ChunkHeader;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.store.FileCounts;
import io.hindsight.hub.store.FileListener;
import io.hindsight.hub.store.NodeFile;
import io.hindsight.hub.store.NodeFileWriter;
import io.hindsight.hub.store.SessionJournal.NodePlan;
import io.hindsight.hub.store.SnapshotBuild;
import io.hindsight.json.JsonMapping;
import io.hindsight.time.EpochNanos;
import io.hindsight.time.TimeWindow;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node's plan, stream and file. What goes wrong here is this node's failure; only what the disk refuses is the session's.
 *
 * <p>Everything runs on the session's context; the file's threads hand over to it.
 */
final class NodeStream {
    private static final Logger LOG = LoggerFactory.getLogger(NodeStream.class);

    private final HubResources hub;
    private final Context context;
    private final String snapshotId;
    private final NodeId node;
    private final TimeWindow window;
    private final NodePart part;
    private final CreditAccount credit;
    private final AgentClient agent;
    private final Runnable changed;
    private final Consumer<HindsightException> diskFailed;
    private final Promise<Void> ended = Promise.promise();

    private long chunksReceived;
    private long bytesReceived;
    private long lastHeardNs;
    private boolean ending;
    private boolean pinned;
    private @Nullable MessageConsumer<Object> consumer;
    private @Nullable NodeFileWriter writer;
    private @Nullable NodePlan planBefore;
    private Map<String, HeldChunks> held = Map.of();

    /**
     * @param changed something that is shown has changed
     * @param diskFailed the session cannot go on
     */
    NodeStream(
            HubResources hub,
            String snapshotId,
            NodeId node,
            TimeWindow window,
            Runnable changed,
            Consumer<HindsightException> diskFailed) {
        this.hub = hub;
        this.context = hub.vertx().getOrCreateContext();
        this.snapshotId = snapshotId;
        this.node = node;
        this.window = window;
        this.part = new NodePart(node, window);
        this.credit = new CreditAccount(snapshotId, hub.config().streamCredit().bytes());
        this.agent = new AgentClient(hub.vertx(), node, hub.timeouts().request());
        this.changed = changed;
        this.diskFailed = diskFailed;
    }

    NodePart part() {
        return part;
    }

    /** Takes up what an interrupted session left; on a worker, before anything else. */
    void reopenFile(SnapshotBuild build, @Nullable NodePlan before) {
        if (before == null) {
            build.discard(node);
            return;
        }
        NodeFileWriter reopened = build.reopenFile(node, new ContextListener());
        writer = reopened;
        planBefore = before;
        part.held(reopened.counts(), before);
        Map<String, HeldChunks> found = new HashMap<>();
        reopened.heldChunks().forEach((source, last) -> found.put(source.label(), held(before, source, last)));
        held = Map.copyOf(found);
        LOG.info("snapshot={} node={} goes on: held {}", snapshotId, node, held);
    }

    private static HeldChunks held(NodePlan before, ChunkSource source, ChunkHeader last) {
        PlannedRing ring = before.extent().rings().get(source.label());
        return new HeldChunks(ring == null ? 0 : ring.createdNs(), last.sequence(), last.lastTimestampNs());
    }

    /** Whether the file had all that was planned before the interruption. */
    private boolean isWholeAlready() {
        return planBefore != null
                && !planBefore.extent().rings().isEmpty()
                && planBefore.extent().rings().entrySet().stream()
                        .allMatch(ring ->
                                ring.getValue().lastSequence() == 0
                                        || (held.containsKey(ring.getKey())
                                                && held.get(ring.getKey()).sequence()
                                                        >= ring.getValue().lastSequence()));
    }

    /** What a Hub that goes on later needs to know of this node; null before it has planned. */
    @Nullable NodePlan plan() {
        return part.nodePlan(planBefore);
    }

    /** Whether there is somebody to ask, or nothing to be asked. */
    boolean isReady() {
        return isWholeAlready() || hub.nodes().isReachable(node);
    }

    /** Lets the agent find and pin the window. Never fails: the node does. */
    Future<Void> makePlan() {
        if (isWholeAlready()) {
            part.wholeAlready();
            return Future.succeededFuture();
        }
        if (!hub.nodes().isReachable(node)) {
            fail(
                    new HindsightException(
                            ErrorCode.AGENT_UNREACHABLE, "No heartbeat of node=" + node + " for 5 s or more."),
                    Gap.Cause.NODE_UNREACHABLE);
            return Future.succeededFuture();
        }
        pinned = true;
        PlanRequest request =
                new PlanRequest(snapshotId, window.fromNs(), window.toNs(), hub.timeouts().lease().toMillis(), held);
        return agent.plan(request, planTimeout()).map(this::accept).otherwise(this::refuse);
    }

    /** A window ends a few seconds from now at most; a wall clock that was set back must not make hours of that. */
    private Duration planTimeout() {
        Duration untilEnd = Duration.between(hub.clock().instant(), EpochNanos.toInstant(window.toNs()));
        Duration wait = untilEnd.isNegative() ? Duration.ZERO : untilEnd;
        return hub.timeouts().plan().plus(wait.compareTo(RequestRules.MAX_AHEAD) > 0 ? RequestRules.MAX_AHEAD : wait);
    }

    private @Nullable Void accept(ExtentPlan extent) {
        if (extent.chunks() < 0 || extent.bytes() < 0) {
            throw agentFailed("made a plan of negative sizes");
        }
        part.planned(extent, hub.nodes().version(node).orElse(null));
        noteClock();
        changed.run();
        return null;
    }

    /** The estimate that is nearest in time to the records: it is taken at the plan, and again at the end. */
    private void noteClock() {
        hub.nodes().clock(node).ifPresent(part::clock);
    }

    private @Nullable Void refuse(Throwable failure) {
        fail(ofAgent(failure), Gap.Cause.NODE_UNREACHABLE);
        return null;
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
        } else if (part.hasFailed() || isWholeAlready()) {
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
        lastHeardNs = System.nanoTime();
        String address = Addresses.chunks(snapshotId, node, 1);
        consumer = hub.vertx().eventBus().localConsumer(address, this::received);
        Map<String, Long> after = new HashMap<>();
        held.forEach((source, chunks) -> after.put(source, chunks.sequence()));
        StreamRequest request = new StreamRequest(snapshotId, address, credit.creditBytes(), after, null);
        agent.stream(request).onFailure(failure -> breakOff(ofAgent(failure), Gap.Cause.NODE_UNREACHABLE));
    }

    private void received(Message<Object> message) {
        lastHeardNs = System.nanoTime();
        switch (message.body()) {
            case Chunk chunk -> take(chunk);
            case JsonObject end -> streamEnded(end);
            default ->
                    breakOff(
                            agentFailed("sent something that is neither a chunk nor an end"),
                            Gap.Cause.NODE_UNREACHABLE);
        }
    }

    private void take(Chunk chunk) {
        if (ending || writer == null) {
            chunk.release();
            return;
        }
        if (!credit.isKept()) {
            chunk.release();
            breakOff(
                    agentFailed("sent more than its credit of " + credit.creditBytes() + " bytes"),
                    Gap.Cause.NODE_UNREACHABLE);
            return;
        }
        chunksReceived++;
        bytesReceived += chunk.lengthBytes();
        credit.arrived(chunk.lengthBytes());
        writer.append(chunk);
    }

    private void streamEnded(JsonObject message) {
        if (ending) {
            return;
        }
        try {
            streamEnded(JsonMapping.fromJson(message, StreamEnd.class));
        } catch (HindsightException broken) {
            breakOff(
                    agentFailed("ended its stream with something that cannot be read: " + broken.getMessage()),
                    Gap.Cause.NODE_UNREACHABLE);
        }
    }

    private void streamEnded(StreamEnd end) {
        part.gaps(end.gaps());
        if (end.failure() != null) {
            breakOff(agentFailed("broke off: " + end.failure()), Gap.Cause.NODE_UNREACHABLE);
        } else if (end.chunks() != chunksReceived || end.bytes() != bytesReceived) {
            String difference =
                    "sent %d chunks of %d bytes, but %d of %d arrived"
                            .formatted(end.chunks(), end.bytes(), chunksReceived, bytesReceived);
            breakOff(agentFailed(difference), Gap.Cause.CORRUPT);
        } else {
            finishFile(null, Gap.Cause.CORRUPT);
        }
    }

    /** Ends the stream as failed; what has arrived is kept, what has not is a gap. */
    private void breakOff(HindsightException reason, Gap.Cause cause) {
        if (!ending) {
            finishFile(reason, cause);
        }
    }

    private void finishFile(@Nullable HindsightException failure, Gap.Cause cause) {
        ending = true;
        closeConsumer();
        Future.fromCompletionStage(requireFile().finish(), context)
                .onSuccess(finished -> fileFinished(finished, failure, cause))
                .onFailure(diskFailure -> ended.tryComplete()); // said to diskFailed before
    }

    /** The stream's end may have overtaken the word that a chunk was refused. */
    private void fileFinished(NodeFile finished, @Nullable HindsightException failure, Gap.Cause cause) {
        part.finished(finished);
        HindsightException reason = failure == null ? finished.refusal() : failure;
        if (reason == null) {
            complete();
            release("completed");
        } else {
            fail(reason, cause);
            ended.tryComplete();
            release("failed: " + reason.getMessage());
        }
    }

    private void complete() {
        part.complete();
        noteClock();
        changed.run();
        ended.tryComplete();
    }

    private void fail(HindsightException failure, Gap.Cause cause) {
        LOG.warn("snapshot={} node={} failed: {}", snapshotId, node, failure.getMessage());
        part.failed(failure, cause);
        noteClock();
        changed.run();
    }

    /** Once a second: credit and lease, time-outs, and what is due to be forced. */
    void tick() {
        if (ending || writer == null || !part.isStreaming()) {
            return;
        }
        writer.tick();
        if (credit.isLeaseDue(hub.timeouts().lease())) {
            grant();
        }
        Duration idle = hub.timeouts().streamIdle();
        if (!credit.isAgentsTurn()) {
            lastHeardNs = System.nanoTime();
        } else if (System.nanoTime() - lastHeardNs > idle.toNanos()) {
            String silence = "node=" + node + " sent nothing for " + idle.toSeconds() + " s.";
            breakOff(new HindsightException(ErrorCode.AGENT_UNREACHABLE, silence), Gap.Cause.NODE_UNREACHABLE);
        }
    }

    private void released(long lengthBytes, FileCounts now) {
        long newBytes = now.bytes() - part.counts().bytes();
        if (part.written(now)) {
            hub.budget().written(snapshotId, newBytes);
            changed.run();
        }
        if (credit.released(lengthBytes)) {
            grant();
        }
    }

    private void forced(Map<String, Long> sequences, long bytes) {
        part.durable(bytes);
        credit.durable(sequences);
        changed.run();
        grant();
    }

    private void grant() {
        if (!ending) {
            agent.credit(credit.grant()).onFailure(this::grantFailed);
        }
    }

    /** A late answer alone ends nothing: an agent that is gone also sends nothing. */
    private void grantFailed(Throwable failure) {
        if (BusFailures.asHindsight(failure).code() == ErrorCode.TIMED_OUT) {
            LOG.warn("snapshot={} node={} did not answer to credit: {}", snapshotId, node, failure.getMessage());
        } else {
            breakOff(ofAgent(failure), Gap.Cause.NODE_UNREACHABLE);
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
        closeConsumer();
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

    private void closeConsumer() {
        if (consumer != null) {
            consumer.unregister()
                    .onFailure(failure -> LOG.warn("snapshot={} node={}: {}", snapshotId, node, failure.getMessage()));
        }
    }

    private HindsightException agentFailed(String what) {
        return new HindsightException(ErrorCode.AGENT_FAILED, "The agent of node=" + node + " " + what + ".");
    }

    /** An answer that is no answer, or a time-out, says that the agent cannot be reached or has failed. */
    private HindsightException ofAgent(Throwable failure) {
        HindsightException known = BusFailures.asHindsight(failure);
        ErrorCode code =
                switch (known.code()) {
                    case TIMED_OUT, AGENT_UNREACHABLE -> ErrorCode.AGENT_UNREACHABLE;
                    case INTERNAL, INVALID_REQUEST -> ErrorCode.AGENT_FAILED;
                    default -> known.code();
                };
        return new HindsightException(code, "node=" + node + ": " + known.getMessage(), known);
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
            context.runOnContext(nothing -> breakOff(reason, Gap.Cause.CORRUPT));
        }

        @Override
        public void failed(HindsightException failure) {
            context.runOnContext(nothing -> diskFailed.accept(failure));
        }
    }
}
