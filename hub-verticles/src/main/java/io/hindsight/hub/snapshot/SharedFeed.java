package io.hindsight.hub.snapshot;

import io.hindsight.api.Gap;
import io.hindsight.bus.ReleaseRequest;
import io.hindsight.bus.StreamEnd;
import io.hindsight.chunk.Chunk;
import io.hindsight.chunk.NodeId;
import io.vertx.core.Context;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One stream of one node for the sessions of a batch that begin together: each chunk comes once and goes, by reference, to every member that wants it. Its memory,
 * and with it the stream's credit, is given back when all of them have written it. A member that fails, ends or is cancelled leaves the others as they are; where
 * the stream breaks off, each that is not whole goes on with a stream of its own.
 *
 * <p>Members join until {@link #start}; the session's context only.
 */
final class SharedFeed {
    private static final Logger LOG = LoggerFactory.getLogger(SharedFeed.class);
    private static final long TICK_MS = 1_000;

    private final HubResources hub;
    private final String id;
    private final NodeId node;
    private final Context context;
    private final AgentClient agent;
    private final FeedDeliveries deliveries;
    private final Map<String, FeedMember> members = new LinkedHashMap<>();
    private @Nullable ChunkStream stream;
    private boolean started;
    private long tickTimer;

    /** {@code id} is the stream's, and no snapshot's. */
    SharedFeed(HubResources hub, String id, NodeId node) {
        this.hub = hub;
        this.id = id;
        this.node = node;
        this.context = hub.vertx().getOrCreateContext();
        this.agent = new AgentClient(hub.vertx(), node, hub.timeouts().request());
        this.deliveries = new FeedDeliveries(hub, node);
    }

    /** A share for this session; where the feed has started already, the stream that {@code own} makes. */
    ChunkSupply join(String snapshotId, NodePart part, ChunkStream.Listener listener, Supplier<ChunkStream> own) {
        return started ? own.get() : new FeedMember(hub, this, snapshotId, part, agent, listener, own);
    }

    /** The member has begun. */
    void joined(FeedMember member) {
        if (started) {
            member.goAlone();
        } else {
            members.put(member.snapshotId(), member);
        }
    }

    /** All have joined that will. One alone needs nobody to share with. */
    void start() {
        if (started) {
            return;
        }
        started = true;
        if (members.size() < 2) {
            goAlone();
            return;
        }
        LOG.info("stream={} node={} is shared by snapshots={}", id, node, members.size());
        Map<String, Map<String, Long>> asked = new LinkedHashMap<>();
        members.values().forEach(member -> asked.put(member.snapshotId(), member.after()));
        ChunkStream opened = new ChunkStream(hub, id, node, 1, agent, new StreamListener());
        stream = opened;
        tickTimer = hub.vertx().setPeriodic(TICK_MS, timer -> opened.tick());
        opened.share(asked);
    }

    private void goAlone() {
        List<FeedMember> all = List.copyOf(members.values());
        members.clear();
        all.forEach(FeedMember::goAlone);
    }

    /** The member takes nothing more. */
    void left(FeedMember member) {
        if (members.remove(member.snapshotId(), member) && members.isEmpty() && stream != null) {
            close();
            agent.release(new ReleaseRequest(id, "nobody takes it any more"))
                    .onFailure(failure -> LOG.debug("stream={} node={}: {}", id, node, failure.getMessage()));
        }
    }

    private void close() {
        ChunkStream open = stream;
        stream = null;
        if (open != null) {
            hub.vertx().cancelTimer(tickTimer);
            open.close();
        }
    }

    private void arrived(Chunk chunk) {
        long lengthBytes = chunk.lengthBytes();
        Chunk counted =
                new Chunk(
                        chunk.header(),
                        List.of(chunk.parts()),
                        () -> {
                            chunk.release();
                            context.runOnContext(back -> released(lengthBytes));
                        });
        List<FeedMember> wanting = members.values().stream().filter(member -> member.wants(chunk.header())).toList();
        if (wanting.isEmpty()) {
            counted.release();
        } else {
            deliveries.add(wanting, counted.share(wanting.size()));
        }
    }

    private void released(long bytes) {
        if (stream != null) {
            stream.released(bytes);
        }
    }

    private final class StreamListener implements ChunkStream.Listener {
        @Override
        public void arrived(Chunk chunk) {
            SharedFeed.this.arrived(chunk);
        }

        /** Those of the stream as a whole are nobody's: each member is told its own. */
        @Override
        public void gaps(List<Gap> gaps) {}

        @Override
        public void memberEnded(StreamEnd end) {
            FeedMember member = members.get(String.valueOf(end.snapshotId()));
            if (member != null) {
                member.ended(end);
            }
        }

        @Override
        public void whole() {
            broken(NodeTrouble.ofAgent(node, "ended a shared stream before its members"));
        }

        @Override
        public void broken(NodeTrouble trouble) {
            LOG.warn("stream={} node={} broke off: {}", id, node, trouble.reason().getMessage());
            close();
            List.copyOf(members.values()).forEach(member -> member.feedBroken(trouble));
        }

        @Override
        public void notShared(Throwable why) {
            LOG.info(
                    "node={} does not share a stream, so that each of snapshots={} has its own: {}",
                    node,
                    members.size(),
                    why.getMessage());
            close();
            goAlone();
        }
    }
}
