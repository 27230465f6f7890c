package io.hindsight.hub.snapshot;

import io.hindsight.api.Gap;
import io.hindsight.api.Snapshot.Problem;
import io.hindsight.api.SnapshotNode;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.BusFailures;
import io.hindsight.bus.CreditGrant;
import io.hindsight.bus.ExtentPlan;
import io.hindsight.bus.PlanRequest;
import io.hindsight.bus.ReleaseRequest;
import io.hindsight.bus.StreamEnd;
import io.hindsight.bus.StreamRequest;
import io.hindsight.chunk.Chunk;
import io.hindsight.chunk.ChunkHeaderCodec;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.store.FileCounts;
import io.hindsight.hub.store.FileListener;
import io.hindsight.hub.store.NodeFile;
import io.hindsight.hub.store.NodeFileWriter;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node's part of a session: its plan, its stream, its credit, its file. What goes wrong here is this node's failure; only what
 * the disk refuses is the session's.
 *
 * <p>Everything runs on the session's context; the file's threads hand over to it.
 */
final class NodeStream {
    private static final Logger LOG = LoggerFactory.getLogger(NodeStream.class);

    /** Credit is given back in portions, not for every chunk. */
    private static final int GRANTS_PER_CREDIT = 8;

    private final HubResources hub;
    private final Context context;
    private final String snapshotId;
    private final NodeId node;
    private final TimeWindow window;
    private final AgentClient agent;
    private final Runnable changed;
    private final Consumer<HindsightException> diskFailed;
    private final Promise<Void> ended = Promise.promise();

    private SnapshotNode.State state = SnapshotNode.State.PENDING;
    private @Nullable ExtentPlan plan;
    private List<Gap> gaps = List.of();
    private @Nullable Problem error;
    private FileCounts counts = FileCounts.NONE;
    private long bytesDurable;
    private Map<String, Long> durable = Map.of();
    private long chunksReceived;
    private long bytesReceived;
    private long bytesUnderWay;
    private long creditToGrant;
    private long lastHeardNs;
    private long lastGrantNs;
    private boolean ending;
    private boolean planned;
    private @Nullable String agentVersion;
    private @Nullable MessageConsumer<Object> consumer;
    private @Nullable NodeFileWriter writer;
    private @Nullable NodeFile file;

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
        this.agent = new AgentClient(hub.vertx(), node, hub.timeouts().request());
        this.changed = changed;
        this.diskFailed = diskFailed;
    }

    NodeId node() {
        return node;
    }

    boolean hasFailed() {
        return state == SnapshotNode.State.FAILED;
    }

    /** The plan, once there is one. */
    @Nullable ExtentPlan extent() {
        return plan;
    }

    @Nullable Problem error() {
        return error;
    }

    List<Gap> gaps() {
        return gaps;
    }

    @Nullable String agentVersion() {
        return agentVersion;
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
        List<Gap> before = plan == null ? List.of() : plan.gaps();
        return gaps.stream().filter(gap -> !before.contains(gap)).toList();
    }

    /** Lets the agent find and pin the window. Never fails: the node does. */
    Future<Void> makePlan() {
        if (!hub.nodes().isReachable(node)) {
            fail(
                    new HindsightException(
                            ErrorCode.AGENT_UNREACHABLE, "No heartbeat of node=" + node + " for 5 s or more."));
            return Future.succeededFuture();
        }
        planned = true;
        agentVersion = hub.nodes().version(node).orElse(null);
        PlanRequest request =
                new PlanRequest(snapshotId, window.fromNs(), window.toNs(), hub.timeouts().lease().toMillis());
        return agent.plan(request, planTimeout()).map(this::accept).otherwise(this::refuse);
    }

    private Duration planTimeout() {
        Duration untilEnd = Duration.between(hub.clock().instant(), EpochNanos.toInstant(window.toNs()));
        return untilEnd.isNegative() ? hub.timeouts().plan() : hub.timeouts().plan().plus(untilEnd);
    }

    private @Nullable Void accept(ExtentPlan extent) {
        if (extent.chunks() < 0 || extent.bytes() < 0) {
            throw new HindsightException(ErrorCode.AGENT_FAILED, "The plan of node=" + node + " has negative sizes.");
        }
        plan = extent;
        gaps = extent.gaps();
        state = SnapshotNode.State.PLANNED;
        changed.run();
        return null;
    }

    private @Nullable Void refuse(Throwable failure) {
        fail(ofAgent(failure));
        return null;
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

    /** Creates the file, on a worker; nothing to do for a node that failed or has nothing. */
    void openFile(SnapshotBuild build) {
        if (plan != null && !hasFailed() && plan.chunks() > 0) {
            writer = build.openFile(node, new ContextListener());
        }
    }

    /** Streams to the end; completes when the file is whole and on disk, or the node has failed. Never fails. */
    Future<Void> stream() {
        if (hasFailed()) {
            ended.tryComplete();
        } else if (writer == null) {
            complete();
        } else {
            begin();
        }
        return ended.future();
    }

    private void begin() {
        state = SnapshotNode.State.STREAMING;
        lastHeardNs = System.nanoTime();
        lastGrantNs = lastHeardNs;
        String address = Addresses.chunks(snapshotId, node);
        consumer = hub.vertx().eventBus().localConsumer(address, this::received);
        StreamRequest request = new StreamRequest(snapshotId, address, credit(), Map.of());
        agent.stream(request).onFailure(failure -> breakOff(ofAgent(failure), Gap.Cause.NODE_UNREACHABLE));
    }

    private long credit() {
        return hub.config().streamCredit().bytes();
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
        if (bytesUnderWay > credit() + ChunkHeaderCodec.MAX_CHUNK_LENGTH) {
            chunk.release();
            breakOff(agentFailed("sent more than its credit of " + credit() + " bytes"), Gap.Cause.NODE_UNREACHABLE);
            return;
        }
        chunksReceived++;
        bytesReceived += chunk.lengthBytes();
        bytesUnderWay += chunk.lengthBytes();
        writer.append(chunk);
    }

    private HindsightException agentFailed(String what) {
        return new HindsightException(ErrorCode.AGENT_FAILED, "The agent of node=" + node + " " + what + ".");
    }

    private void streamEnded(JsonObject message) {
        StreamEnd end;
        try {
            end = JsonMapping.fromJson(message, StreamEnd.class);
        } catch (HindsightException broken) {
            breakOff(agentFailed("ended its stream with something that cannot be read"), Gap.Cause.NODE_UNREACHABLE);
            return;
        }
        if (ending) {
            return;
        }
        gaps = end.gaps();
        if (end.failure() != null) {
            breakOff(agentFailed("broke off: " + end.failure()), Gap.Cause.NODE_UNREACHABLE);
        } else if (end.chunks() != chunksReceived || end.bytes() != bytesReceived) {
            breakOff(
                    agentFailed(
                            "sent "
                                    + end.chunks()
                                    + " chunks of "
                                    + end.bytes()
                                    + " bytes, but "
                                    + chunksReceived
                                    + " of "
                                    + bytesReceived
                                    + " arrived"),
                    Gap.Cause.CORRUPT);
        } else {
            finishFile(null);
        }
    }

    /** Ends the stream as failed; what has arrived is kept, what has not is a gap. */
    private void breakOff(HindsightException reason, Gap.Cause cause) {
        if (ending) {
            return;
        }
        addGap(cause, reason);
        finishFile(reason);
    }

    private void addGap(Gap.Cause cause, HindsightException reason) {
        List<Gap> extended = new ArrayList<>(gaps);
        extended.add(missing(cause, String.valueOf(reason.getMessage())));
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

    private void finishFile(@Nullable HindsightException failure) {
        ending = true;
        closeConsumer();
        if (writer == null) {
            throw new IllegalStateException("A stream has a file.");
        }
        Future.fromCompletionStage(writer.finish(), context)
                .onSuccess(finished -> fileFinished(finished, failure))
                .onFailure(diskFailure -> ended.tryComplete()); // said to diskFailed before
    }

    private void fileFinished(NodeFile finished, @Nullable HindsightException failure) {
        counts = finished.counts();
        bytesDurable = counts.bytes();
        file = finished;
        HindsightException reason = failure;
        if (reason == null && finished.refusal() != null) {
            // The stream's end overtook the word of the refusal.
            reason = finished.refusal();
            addGap(Gap.Cause.CORRUPT, reason);
        }
        if (reason == null) {
            complete();
        } else {
            fail(reason);
            ended.tryComplete();
        }
        release(reason == null ? "completed" : "failed: " + reason.getMessage());
    }

    private void complete() {
        state = SnapshotNode.State.COMPLETE;
        changed.run();
        ended.tryComplete();
    }

    private void fail(HindsightException failure) {
        LOG.warn("snapshot={} node={} failed: {}", snapshotId, node, failure.getMessage());
        state = SnapshotNode.State.FAILED;
        error = new Problem(failure.code().name(), String.valueOf(failure.getMessage()));
        if (gaps.stream().noneMatch(gap -> gap.to().equals(EpochNanos.toInstant(window.toNs())))) {
            addGap(Gap.Cause.NODE_UNREACHABLE, failure);
        }
        changed.run();
    }

    /** Once a second: credit and lease, time-outs, and what is due to be forced. */
    void tick() {
        if (ending || writer == null || state != SnapshotNode.State.STREAMING) {
            return;
        }
        writer.tick();
        long nowNs = System.nanoTime();
        if (nowNs - lastGrantNs > hub.timeouts().lease().toNanos() / 4) {
            grant();
        }
        // While all its credit is used up the agent waits for this Hub's disk, not the Hub for it.
        boolean agentsTurn = bytesUnderWay < credit() / 2;
        if (!agentsTurn) {
            lastHeardNs = nowNs;
        } else if (nowNs - lastHeardNs > hub.timeouts().streamIdle().toNanos()) {
            breakOff(
                    new HindsightException(
                            ErrorCode.AGENT_UNREACHABLE,
                            "node=" + node + " sent nothing for " + hub.timeouts().streamIdle().toSeconds() + " s."),
                    Gap.Cause.NODE_UNREACHABLE);
        }
    }

    private void released(long lengthBytes, FileCounts now) {
        bytesUnderWay -= lengthBytes;
        creditToGrant += lengthBytes;
        if (now.bytes() > counts.bytes()) {
            hub.budget().written(snapshotId, now.bytes() - counts.bytes());
            counts = now;
            changed.run();
        }
        if (creditToGrant >= credit() / GRANTS_PER_CREDIT || bytesUnderWay == 0) {
            grant();
        }
    }

    private void forced(Map<String, Long> sequences, long bytes) {
        durable = sequences;
        bytesDurable = bytes;
        changed.run();
        grant();
    }

    private void grant() {
        if (ending) {
            return;
        }
        CreditGrant grant = new CreditGrant(snapshotId, creditToGrant, durable);
        creditToGrant = 0;
        lastGrantNs = System.nanoTime();
        agent.credit(grant).onFailure(this::grantFailed);
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
        ending = true;
        closeConsumer();
        ended.tryComplete();
        release(reason);
        return writer == null ? Future.succeededFuture() : Future.fromCompletionStage(writer.abandon(), context);
    }

    /** Lets the agent unpin. Once. */
    private void release(String reason) {
        if (planned) {
            planned = false;
            agent.release(new ReleaseRequest(snapshotId, reason))
                    .onFailure(failure ->
                            LOG.info(
                                    "snapshot={} node={} was not told to release; its lease runs out: {}",
                                    snapshotId,
                                    node,
                                    failure.getMessage()));
        }
    }

    /** Lets the agent unpin what it pinned, if it has not been told. */
    void releaseIfHeld() {
        release("completed");
    }

    private void closeConsumer() {
        if (consumer != null) {
            consumer.unregister()
                    .onFailure(failure -> LOG.warn("snapshot={} node={}: {}", snapshotId, node, failure.getMessage()));
        }
    }

    /** As the API shows it. */
    SnapshotNode show() {
        return new SnapshotNode(
                node.name(),
                state,
                plan == null ? 0 : plan.bytes(),
                counts.bytes(),
                bytesDurable,
                counts.packets(),
                counts.records(),
                counts.chunks(),
                counts.hasRecords() ? EpochNanos.toInstant(counts.firstTimestampNs()) : null,
                counts.hasRecords() ? EpochNanos.toInstant(counts.lastTimestampNs()) : null,
                counts.drops(),
                gaps,
                error);
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
