package io.hindsight.hub.snapshot;

import io.hindsight.bus.CreditAnswer;
import io.hindsight.bus.StreamEnd;
import io.hindsight.chunk.Chunk;
import io.hindsight.chunk.ChunkHeader;
import io.hindsight.time.TimeWindow;
import io.vertx.core.Future;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One session's share of a {@link SharedFeed}: which chunks are its own, and in which window. What is durable of it is told under its own id. Where the agent
 * does not share a stream it has one of its own. The session's context only.
 */
final class FeedMember implements ChunkSupply {
    private static final Logger LOG = LoggerFactory.getLogger(FeedMember.class);

    private final HubResources hub;
    private final SharedFeed feed;
    private final String snapshotId;
    private final NodePart part;
    private final AgentClient agent;
    private final ChunkStream.Listener listener;
    private final Supplier<ChunkStream> own;
    private final CreditAccount credit;

    private Map<String, Long> after = Map.of();
    private FeedWindows windows;
    private @Nullable ChunkStream alone;
    private int toDeliver;
    private boolean endTold;
    private boolean closed;

    /** What is handed on one after the other, though some of it is cut on a worker first. */
    private Future<?> turn = Future.succeededFuture();

    FeedMember(
            HubResources hub,
            SharedFeed feed,
            String snapshotId,
            NodePart part,
            AgentClient agent,
            ChunkStream.Listener listener,
            Supplier<ChunkStream> own) {
        this.hub = hub;
        this.feed = feed;
        this.snapshotId = snapshotId;
        this.part = part;
        this.agent = agent;
        this.listener = listener;
        this.own = own;
        this.credit = new CreditAccount(snapshotId, 0, hub.nanoClock());
        this.windows = new FeedWindows(part.window(), part.rings(), after);
    }

    String snapshotId() {
        return snapshotId;
    }

    NodePart part() {
        return part;
    }

    /** By source label, what it has already. */
    Map<String, Long> after() {
        return after;
    }

    boolean isClosed() {
        return closed;
    }

    @Override
    public void begin(Map<String, Long> haveThrough) {
        after = Map.copyOf(haveThrough);
        windows = new FeedWindows(part.window(), part.rings(), after);
        feed.joined(this);
    }

    /** Whether the chunk is part of its plan, not here yet, and has to do with its window. */
    boolean wants(ChunkHeader chunk) {
        return !closed && !endTold && windows.want(chunk);
    }

    /** The window to cut the chunk to; null where it is wanted as it is. */
    @Nullable TimeWindow cutFor(ChunkHeader chunk) {
        return windows.cutFor(chunk);
    }

    /** Something is on its way to it. */
    void awaits(ChunkHeader chunk) {
        toDeliver++;
        windows.take(chunk);
    }

    /** Runs the step after those before it. */
    void inTurn(Supplier<Future<?>> step) {
        turn = turn.transform(before -> step.get().<Void>mapEmpty());
    }

    /** Takes the chunk over. */
    void hand(Chunk chunk) {
        if (closed) {
            chunk.release();
        } else {
            listener.arrived(chunk);
        }
    }

    /** What was on its way has been handed on, or there was nothing of its window in it. */
    void delivered() {
        toDeliver--;
        endIfWhole();
    }

    void broken(NodeTrouble trouble) {
        if (!closed) {
            close();
            listener.broken(trouble);
        }
    }

    /** Nothing more comes by the feed; what is on its way is still handed on. */
    void feedBroken(NodeTrouble trouble) {
        if (!endTold) {
            broken(trouble);
        }
    }

    void ended(StreamEnd told) {
        listener.gaps(told.gaps());
        if (told.failure() != null) {
            broken(NodeTrouble.ofCode(part.node(), String.valueOf(told.failureCode()), told.failure()));
        } else {
            endTold = true;
            endIfWhole();
        }
    }

    private void endIfWhole() {
        if (endTold && toDeliver == 0 && !closed) {
            close();
            listener.whole();
        }
    }

    /** The agent does not share: each for itself. */
    void goAlone() {
        if (!closed) {
            ChunkStream stream = own.get();
            alone = stream;
            stream.begin(after);
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (alone != null) {
            alone.close();
        }
        feed.left(this);
    }

    @Override
    public void tick() {
        if (alone != null) {
            alone.tick();
        } else if (credit.isLeaseDue(hub.lease())) {
            grant();
        }
    }

    /** Of the feed's chunks it hears itself: their memory is others' too. */
    @Override
    public void released(long bytes) {
        if (alone != null) {
            alone.released(bytes);
        }
    }

    @Override
    public void durable(Map<String, Long> sequences) {
        if (alone != null) {
            alone.durable(sequences);
        } else {
            credit.durable(sequences);
            grant();
        }
    }

    private void grant() {
        if (!closed) {
            Future<CreditAnswer> answer = agent.credit(credit.grant());
            answer.onFailure(this::grantFailed);
        }
    }

    private void grantFailed(Throwable failure) {
        NodeTrouble trouble = NodeTrouble.ofRequest(part.node(), failure);
        if (trouble.isTimeOut()) {
            LOG.warn("snapshot={} node={} did not answer to credit: {}", snapshotId, part.node(), failure.getMessage());
        } else {
            broken(trouble);
        }
    }
}
