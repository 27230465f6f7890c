package io.hindsight.agent.extract;

import io.hindsight.agent.ring.SlotInfo;
import io.hindsight.api.CaptureChange;
import io.hindsight.api.Gap;
import io.hindsight.bus.CreditGrant;
import io.hindsight.bus.ExtentPlan;
import io.hindsight.bus.StreamEnd;
import io.hindsight.bus.StreamRequest;
import io.hindsight.chunk.Chunk;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.ErrorCode;
import io.hindsight.time.EpochNanos;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends one snapshot's chunks: prepares the next one on a worker while the Hub writes, sends as far as the credit reaches, unpins what is
 * durable. A stream may be started again at any time, with another channel: it goes on after what is durable.
 *
 * <p>Event-loop-confined: every method and field belongs to the agent verticle's context.
 */
final class ExtractSession {
    private static final Logger LOG = LoggerFactory.getLogger(ExtractSession.class);

    private final String id;
    private final NodeId node;
    private final List<ExtractSource> sources;
    private final ExtractPlan plan;
    private final List<CaptureChange> captures;
    private final WorkerExecutor workers;
    private final Context loop;
    private final RateLimit.Place rate;
    private final Gaps corrupt;

    /** Acknowledged and unpinned, and then asked for again: the Hub has lost what it had. */
    private final Set<PlannedChunk> unpinnedBefore = new LinkedHashSet<>();

    // The present stream; channel == null: there is none.
    private @Nullable ChunkChannel channel;
    private final Deque<PlannedChunk> pending = new ArrayDeque<>();
    private @Nullable Chunk ready;
    private int stream;
    private boolean busy;
    private long creditBytes;
    private long underWayBytes;
    private long sentChunks;
    private long sentBytes;

    ExtractSession(
            String id,
            NodeId node,
            List<ExtractSource> sources,
            ExtractPlan plan,
            List<CaptureChange> captures,
            WorkerExecutor workers,
            Context loop,
            RateLimit rate) {
        this.id = id;
        this.node = node;
        this.sources = sources;
        this.plan = plan;
        this.captures = List.copyOf(captures);
        this.workers = workers;
        this.loop = loop;
        this.rate = rate.place();
        this.corrupt = new Gaps(plan.window());
    }

    ExtentPlan extent() {
        List<PlannedChunk> chunks = plan.chunks();
        return new ExtentPlan(
                node.name(),
                chunks.size(),
                chunks.stream().mapToLong(PlannedChunk::maxLengthBytes).sum(),
                chunks.stream().mapToLong(chunk -> chunk.slot().recordCount()).sum(),
                chunks.stream().mapToLong(chunk -> chunk.slot().firstTimestampNs()).min().orElse(0),
                chunks.stream().mapToLong(chunk -> chunk.slot().lastTimestampNs()).max().orElse(0),
                plan.gaps(),
                plan.rings(),
                captures);
    }

    void stream(StreamRequest request, ChunkChannel newChannel) {
        stop();
        channel = newChannel;
        unpinDurable(request.after());
        for (PlannedChunk chunk : plan.chunks()) {
            if (chunk.sequence() > request.after().getOrDefault(chunk.source().label(), 0L)) {
                pending.add(chunk);
            }
        }
        creditBytes = request.creditBytes();
        int started = stream;
        newChannel.onBreak(cause -> {
            if (started == stream) {
                broken(cause);
            }
        });
        pump();
    }

    void credit(CreditGrant grant) {
        unpinDurable(grant.durable());
        creditBytes += grant.creditBytes();
        underWayBytes = Math.max(0, underWayBytes - grant.creditBytes());
        pump();
    }

    /** Whether its next chunk waits for its turn under the agent's ceiling. */
    boolean isHeldBack() {
        return rate.isWaiting();
    }

    private void unpinDurable(Map<String, Long> durable) {
        for (ExtractSource source : sources) {
            Long through = durable.get(source.label());
            if (through != null) {
                source.ring().unpinThrough(id, through);
            }
        }
    }

    private void pump() {
        if (busy || channel == null) {
            return;
        }
        if (ready != null) {
            if (creditAllows(ready)) {
                sendInTurn(channel, ready);
            }
        } else if (pending.isEmpty()) {
            end(null, null);
        } else {
            prepare(pending.remove());
        }
    }

    /** One chunk may always be under way: else a credit smaller than a chunk would stop the stream for good. */
    private boolean creditAllows(Chunk chunk) {
        return chunk.lengthBytes() <= creditBytes || underWayBytes == 0;
    }

    /** A worker may be done before anybody listens, and then the listener runs here and now: a turn of the loop lets other sessions have theirs. */
    private void prepare(PlannedChunk planned) {
        busy = true;
        int startedIn = stream;
        workers.executeBlocking(() -> ChunkPreparer.prepare(planned), false)
                .onComplete(done -> loop.runOnContext(turn -> prepared(planned, done, startedIn)));
    }

    private void prepared(PlannedChunk planned, AsyncResult<Optional<Chunk>> done, int startedIn) {
        if (startedIn != stream) {
            done.otherwise(Optional.empty()).result().ifPresent(Chunk::release);
            return;
        }
        busy = false;
        if (done.failed()) {
            cannotPrepare(planned, done.cause());
        } else if (done.result().isEmpty()) {
            planned.source().ring().unpin(id, planned.sequence());
        } else {
            keepIfStillPinned(planned, done.result().get());
        }
        pump();
    }

    /** The pin held while the bytes were read, so they are right; from here on it is given up only after all others. */
    private void keepIfStillPinned(PlannedChunk planned, Chunk chunk) {
        if (planned.source().ring().markUnderWay(id, planned.sequence())) {
            ready = chunk;
        } else {
            chunk.release();
            passedOver(planned);
        }
    }

    private void cannotPrepare(PlannedChunk planned, Throwable cause) {
        SlotInfo slot = planned.slot();
        if (planned.source().ring().holds(id, slot.sequence())) {
            LOG.error(
                    "snapshot={} chunk sequence={} of {} is broken.",
                    id,
                    slot.sequence(),
                    planned.source().label(),
                    cause);
            corrupt.add(
                    slot.firstTimestampNs(),
                    slot.lastTimestampNs() + 1,
                    Gap.Cause.CORRUPT,
                    "The chunk sequence="
                            + slot.sequence()
                            + " of "
                            + planned.source().label()
                            + " is broken in the ring: "
                            + cause.getMessage(),
                    (long) slot.recordCount());
            planned.source().ring().unpin(id, slot.sequence());
        } else {
            passedOver(planned);
        }
    }

    /** Without a pin nobody knows what its slot holds. What the ring took away, it tells itself. */
    private void passedOver(PlannedChunk planned) {
        boolean isTold =
                planned.source().ring().lost(id).stream().anyMatch(slot -> slot.sequence() == planned.sequence());
        if (!isTold) {
            unpinnedBefore.add(planned);
        }
    }

    /** Until its turn comes the chunk stays the session's; a stream that stops meanwhile gives the turn up. */
    private void sendInTurn(ChunkChannel to, Chunk chunk) {
        busy = true;
        rate.take(chunk.lengthBytes(), () -> send(to, chunk));
    }

    private void send(ChunkChannel to, Chunk chunk) {
        ready = null;
        int startedIn = stream;
        creditBytes -= chunk.lengthBytes();
        underWayBytes += chunk.lengthBytes();
        sentChunks++;
        sentBytes += chunk.lengthBytes();
        handOver(to, chunk)
                .onComplete(sent -> {
                    if (startedIn == stream) {
                        busy = false;
                        if (sent.failed()) {
                            broken(sent.cause());
                        }
                        pump();
                    }
                });
    }

    /** A channel that throws has not taken the chunk; the session must not wait for it for ever. */
    private static Future<Void> handOver(ChunkChannel to, Chunk chunk) {
        try {
            return to.send(chunk);
        } catch (RuntimeException e) {
            chunk.release();
            return Future.failedFuture(e);
        }
    }

    private void broken(Throwable cause) {
        LOG.warn("snapshot={} the stream to the Hub broke off; it can be resumed until the lease ends.", id, cause);
        stop();
    }

    private void end(@Nullable String failure, @Nullable ErrorCode code) {
        ChunkChannel to = channel;
        if (to == null) {
            return;
        }
        StreamEnd end =
                new StreamEnd(
                        node.name(), sentChunks, sentBytes, allGaps(), failure, code == null ? null : code.name());
        LOG.info("snapshot={} sent chunks={} bytes={} gaps={}.", id, sentChunks, sentBytes, end.gaps().size());
        channel = null;
        stop();
        to.end(end)
                .onFailure(cause -> LOG.warn("snapshot={} the Hub did not take the stream's end.", id, cause))
                .onComplete(ended -> to.close());
    }

    private List<Gap> allGaps() {
        List<Gap> all = new ArrayList<>(plan.gaps());
        all.addAll(corrupt.sorted());
        Gaps lost = new Gaps(plan.window());
        for (ExtractSource source : sources) {
            for (SlotInfo slot : source.ring().lost(id)) {
                addLost(lost, source, slot);
            }
        }
        unpinnedBefore.forEach(chunk -> addLost(lost, chunk.source(), chunk.slot()));
        all.addAll(lost.sorted());
        return Gaps.sorted(all);
    }

    private void addLost(Gaps lost, ExtractSource source, SlotInfo slot) {
        boolean whollyInside = plan.window().containsAll(slot.firstTimestampNs(), slot.lastTimestampNs());
        lost.add(
                slot.firstTimestampNs(),
                slot.lastTimestampNs() + 1,
                Gap.Cause.RECYCLED,
                "The chunk sequence="
                        + slot.sequence()
                        + " of "
                        + source.label()
                        + " was recycled before the Hub had it (from "
                        + EpochNanos.format(slot.firstTimestampNs())
                        + "): pins reached their bound, or their lease ended.",
                whollyInside ? (long) slot.recordCount() : null);
    }

    /** Ends the stream with a failure that the Hub is told. */
    void fail(ErrorCode code, String reason) {
        end(reason, code);
    }

    /** Ends the stream without a word; pins stay. */
    void stop() {
        stream++;
        if (channel != null) {
            channel.close();
            channel = null;
        }
        rate.giveUp();
        busy = false;
        pending.clear();
        if (ready != null) {
            ready.release();
            ready = null;
        }
        creditBytes = 0;
        underWayBytes = 0;
        sentChunks = 0;
        sentBytes = 0;
    }

    /** Ends the session at the rings. */
    void release() {
        stop();
        sources.forEach(source -> source.ring().release(id));
    }

    /** Starts the leases of all pins anew. */
    void renew() {
        sources.forEach(source -> source.ring().renew(id));
    }
}
