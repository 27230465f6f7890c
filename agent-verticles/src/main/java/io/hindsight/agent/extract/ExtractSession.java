package io.hindsight.agent.extract;

import io.hindsight.agent.ring.SlotInfo;
import io.hindsight.api.CaptureChange;
import io.hindsight.api.Gap;
import io.hindsight.bus.CreditGrant;
import io.hindsight.bus.ExtentPlan;
import io.hindsight.bus.StreamEnd;
import io.hindsight.bus.StreamRequest;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.ErrorCode;
import io.hindsight.time.EpochNanos;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one snapshot has pinned, and what became of it. Its chunks go over a stream of its own, by source and sequence, or over a {@link SharedExtract}. A
 * stream may be started again at any time, with another channel: it goes on after what is durable.
 *
 * <p>Event-loop-confined: every method and field belongs to the agent verticle's context.
 */
final class ExtractSession implements ChunkPump.Feed {
    /** A copy of an order comes soon, or not at all. */
    private static final int MAX_ORDERED = 64;

    private static final Logger LOG = LoggerFactory.getLogger(ExtractSession.class);

    private final String id;
    private final NodeId node;
    private final ExtractPlan plan;
    private final List<CaptureChange> captures;
    private final Gaps corrupt;

    /** Acknowledged and unpinned, and then asked for again: the Hub has lost what it had. */
    private final Set<PlannedChunk> unpinnedBefore = new LinkedHashSet<>();

    /** Addresses of the last streams that were ordered. */
    private final Set<String> ordered = new LinkedHashSet<>();

    // The stream of its own.
    private final ChunkPump pump;
    private List<SourceCursor> unsent = List.of();
    private boolean isEnded;

    /** Makes the pump of a feed, with what all of an agent share. */
    @FunctionalInterface
    interface Pumps extends Function<ChunkPump.Feed, ChunkPump> {}

    ExtractSession(String id, NodeId node, ExtractPlan plan, List<CaptureChange> captures, Pumps pumps) {
        this.id = id;
        this.node = node;
        this.plan = plan;
        this.captures = List.copyOf(captures);
        this.corrupt = new Gaps(plan.window());
        this.pump = pumps.apply(this);
    }

    String id() {
        return id;
    }

    ExtractPlan plan() {
        return plan;
    }

    ExtentPlan extent() {
        return new ExtentPlan(
                node.name(),
                plan.chunkCount(),
                plan.chunks().mapToLong(PlannedChunk::maxLengthBytes).sum(),
                plan.chunks().mapToLong(chunk -> chunk.slot().recordCount()).sum(),
                plan.chunks().mapToLong(chunk -> chunk.slot().firstTimestampNs()).min().orElse(0),
                plan.chunks().mapToLong(chunk -> chunk.slot().lastTimestampNs()).max().orElse(0),
                allGaps(),
                plan.rings(),
                captures);
    }

    /** Whether this is not the copy of an order that came before; the Hub never uses an address twice. True once for each. */
    boolean isFirstOrder(String address) {
        boolean first = ordered.add(address);
        if (ordered.size() > MAX_ORDERED) {
            ordered.remove(ordered.iterator().next());
        }
        return first;
    }

    void stream(StreamRequest request, ChunkChannel channel) {
        stop();
        unpinDurable(request.after());
        unsent = plan.cursors(request.after());
        isEnded = false;
        pump.start(channel, request.creditBytes());
    }

    void credit(CreditGrant grant) {
        unpinDurable(grant.durable());
        pump.credit(grant.creditBytes());
    }

    /** See {@link ChunkPump#isHeldBack}. */
    boolean isHeldBack() {
        return pump.isHeldBack();
    }

    void unpinDurable(Map<String, Long> durable) {
        for (PlannedSource planned : plan.sources()) {
            Long through = durable.get(planned.source().label());
            if (through != null) {
                planned.source().ring().unpinThrough(id, through);
            }
        }
    }

    @Override
    public List<StreamEnd> due() {
        if (isEnded || !unsent.stream().allMatch(SourceCursor::isAtEnd)) {
            return List.of();
        }
        isEnded = true;
        return List.of(end(null, null));
    }

    @Override
    public @Nullable PlannedChunk next() {
        return unsent.stream().filter(source -> !source.isAtEnd()).findFirst().map(SourceCursor::take).orElse(null);
    }

    @Override
    public boolean mayBeSent(PlannedChunk planned) {
        if (markUnderWay(planned)) {
            return true;
        }
        passedOver(planned);
        return false;
    }

    /** From here on the pin is given up only after all others; false where it did not hold. */
    boolean markUnderWay(PlannedChunk planned) {
        return planned.source().ring().markUnderWay(id, planned.sequence());
    }

    @Override
    public void sent() {}

    @Override
    public void empty(PlannedChunk planned) {
        planned.source().ring().unpin(id, planned.sequence());
    }

    @Override
    public void gone(PlannedChunk planned) {
        passedOver(planned);
    }

    /** Where the pin did not hold either, it is passed over. */
    @Override
    public void unreadable(PlannedChunk planned, Throwable cause) {
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
    void passedOver(PlannedChunk planned) {
        boolean isTold =
                planned.source().ring().lost(id).stream().anyMatch(slot -> slot.sequence() == planned.sequence());
        if (!isTold) {
            unpinnedBefore.add(planned);
        }
    }

    @Override
    public void broken(Throwable cause) {
        LOG.warn("snapshot={} the stream to the Hub broke off; it can be resumed until the lease ends.", id, cause);
    }

    private StreamEnd end(@Nullable String failure, @Nullable ErrorCode code) {
        long chunks = pump.sentChunks();
        long bytes = pump.sentBytes();
        List<Gap> gaps = allGaps();
        LOG.info("snapshot={} sent chunks={} bytes={} gaps={}.", id, chunks, bytes, gaps.size());
        return new StreamEnd(node.name(), chunks, bytes, gaps, failure, code == null ? null : code.name());
    }

    /** Those of the plan, and what has been lost or found broken since. */
    List<Gap> allGaps() {
        List<Gap> all = new ArrayList<>(plan.gaps());
        all.addAll(corrupt.sorted());
        Gaps lost = new Gaps(plan.window());
        for (PlannedSource planned : plan.sources()) {
            for (SlotInfo slot : planned.source().ring().lost(id)) {
                addLost(lost, planned.source(), slot);
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

    /** Ends its own stream with a failure that the Hub is told. */
    void fail(ErrorCode code, String reason) {
        if (pump.isStreaming()) {
            pump.finish(List.of(end(reason, code)));
        }
    }

    /** Ends its own stream without a word; pins stay. */
    void stop() {
        pump.stop();
    }

    /** Makes way for a plan of the next round: sends nothing more, and keeps its pins in the rings that it goes on with. */
    void makeWay(List<ExtractSource> next) {
        stop();
        plan.sources().stream()
                .map(PlannedSource::source)
                .filter(source -> !next.contains(source))
                .forEach(source -> source.ring().release(id));
    }

    /** Ends the session at the rings. */
    void release() {
        stop();
        plan.sources().forEach(planned -> planned.source().ring().release(id));
    }

    /** Starts the leases of all pins anew. */
    void renew() {
        plan.sources().forEach(planned -> planned.source().ring().renew(id));
    }
}
