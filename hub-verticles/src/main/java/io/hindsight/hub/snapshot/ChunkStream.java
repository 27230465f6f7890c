package io.hindsight.hub.snapshot;

import io.hindsight.api.Gap;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.ChunkOffer;
import io.hindsight.bus.ChunkPiece;
import io.hindsight.bus.CreditAnswer;
import io.hindsight.bus.SharedStreamRequest;
import io.hindsight.bus.StreamEnd;
import io.hindsight.bus.StreamRequest;
import io.hindsight.chunk.Chunk;
import io.hindsight.chunk.ChunkHeader;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.lane.LaneLimits;
import io.hindsight.hub.lane.LaneOrder;
import io.hindsight.hub.lane.PieceReceiver;
import io.hindsight.hub.lane.StreamConsumer;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Future;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One stream of a node's chunks: an address of its own, a lane, room for pieces, a credit, and the count of what has come. It ends once: whole, broken, or closed by
 * its owner. The chunks and the stream's end take different ways when the node is another machine, so the end waits until all that it promises is here.
 *
 * <p>The session's context only.
 */
final class ChunkStream implements ChunkSupply {
    private static final Logger LOG = LoggerFactory.getLogger(ChunkStream.class);

    /** What is under way between threads when the stream is closed arrives within this time, and is given back. */
    private static final long LATE_MS = 10_000;

    /** How long an agent may say that its own ceiling holds it back. */
    private static final Duration MAX_HELD_BACK = Duration.ofHours(1);

    /** The agent sends the end before it closes the lane; the two may overtake each other by this much. */
    private static final long END_AFTER_LANE_MS = 1_000;

    private final HubResources hub;
    private final String snapshotId;
    private final NodeId node;
    private final String address;
    private final AgentClient agent;
    private final Listener listener;
    private final CreditAccount credit;
    private final String lane;
    private final PieceReceiver pieces;
    private final MessageConsumer<Object> consumer;

    private final Map<ChunkSource, Long> lastSequences = new EnumMap<>(ChunkSource.class);
    private long chunksReceived;
    private long bytesReceived;
    private long lastHeardNs;

    /** Something came on the stream itself, or was not waited for. */
    private long lastMovedNs;

    private boolean asking;
    private boolean closed;
    private boolean shared;
    private @Nullable StreamEnd end;
    private @Nullable NodeTrouble laneTrouble;

    /** Of a shared stream, those that promise more than has come yet. */
    private final Deque<StreamEnd> memberEnds = new ArrayDeque<>();

    /** Hears of one stream. */
    interface Listener {
        /** Takes the chunk over. */
        void arrived(Chunk chunk);

        /** What the agent says is missing of the window. */
        void gaps(List<Gap> gaps);

        /** Everything has arrived; the last call. */
        void whole();

        /** Nothing more comes; the last call. */
        void broken(NodeTrouble trouble);

        /** Of a shared stream: all has arrived that it brings one of its members. */
        default void memberEnded(StreamEnd memberEnd) {}

        /** The agent does not share a stream, and nothing has come; the last call. */
        default void notShared(Throwable why) {}
    }

    /** {@code number} is no other stream's of this session and node, of an earlier Hub's neither. */
    ChunkStream(HubResources hub, String snapshotId, NodeId node, int number, AgentClient agent, Listener listener) {
        this.hub = hub;
        this.snapshotId = snapshotId;
        this.node = node;
        this.address = Addresses.chunks(snapshotId, node, number);
        this.agent = agent;
        this.listener = listener;
        this.credit = new CreditAccount(snapshotId, hub.config().streamCredit().bytes(), hub.nanoClock());
        this.lastHeardNs = hub.nanoClock().getAsLong();
        this.lastMovedNs = lastHeardNs;
        this.lane = hub.lanes().issue(new LaneOrder(snapshotId, node, address, credit.creditBytes()));
        this.pieces =
                new PieceReceiver(
                        node,
                        hub.lanes(),
                        LaneLimits.DEFAULTS,
                        hub.vertx().getOrCreateContext(),
                        hub.nanoClock(),
                        new PieceOwner());
        this.consumer = StreamConsumer.register(hub.vertx(), address, this::received);
    }

    /** Of chunks that come in pieces. */
    private final class PieceOwner implements PieceReceiver.Owner {
        @Override
        public void arrived(Chunk chunk) {
            take(chunk);
        }

        @Override
        public void broken(ErrorCode code, String words) {
            ChunkStream.this.broken(NodeTrouble.ofCode(node, code.name(), words));
        }
    }

    @Override
    public void begin(Map<String, Long> after) {
        order(() -> agent.stream(new StreamRequest(snapshotId, address, credit.creditBytes(), after, lane)))
                .onFailure(failure -> broken(NodeTrouble.ofRequest(node, failure)));
    }

    /** Asks for one stream of what several sessions have planned; its id is not one of theirs. */
    void share(Map<String, Map<String, Long>> members) {
        shared = true;
        order(() -> agent.share(new SharedStreamRequest(snapshotId, address, credit.creditBytes(), members, lane)))
                .onFailure(this::notShared);
    }

    /** Where the bus is clustered it takes a moment until every member knows where the stream is taken. */
    private Future<Void> order(Supplier<Future<Void>> order) {
        return consumer.completion().compose(heardOf -> closed ? Future.succeededFuture() : order.get());
    }

    private void notShared(Throwable failure) {
        if (chunksReceived > 0) {
            broken(NodeTrouble.ofRequest(node, failure));
        } else if (!closed) {
            close();
            listener.notShared(failure);
        }
    }

    private void received(Message<Object> message) {
        if (closed) {
            if (ChunkOffer.isIn(message)) {
                pieces.offer(message);
            } else if (message.body() instanceof Chunk late) {
                late.release();
            }
            return;
        }
        moved();
        String laneBroken = message.headers().get(Addresses.LANE_BROKEN_HEADER);
        if (laneBroken != null) {
            laneEnded(laneBroken, message.body());
            return;
        }
        switch (message.body()) {
            case Chunk chunk -> take(chunk);
            case ChunkPiece piece -> pieces.piece(piece);
            case JsonObject offer when ChunkOffer.isIn(message) -> pieces.offer(message);
            case JsonObject told -> endTold(told);
            default -> broken(NodeTrouble.ofAgent(node, "sent something that is neither a chunk nor an end"));
        }
    }

    private void moved() {
        lastHeardNs = hub.nanoClock().getAsLong();
        lastMovedNs = lastHeardNs;
    }

    /** Of each source chunks come by sequence, so one that is not behind the last came twice: it counts for nothing. */
    private boolean isCopy(ChunkHeader chunk) {
        Long last = lastSequences.get(chunk.source());
        if (last != null && chunk.sequence() <= last) {
            return true;
        }
        lastSequences.put(chunk.source(), chunk.sequence());
        return false;
    }

    private void take(Chunk chunk) {
        if (isCopy(chunk.header())) {
            chunk.release();
            return;
        }
        if (!credit.isKept()) {
            chunk.release();
            broken(NodeTrouble.ofAgent(node, "sent more than its credit of " + credit.creditBytes() + " bytes"));
            return;
        }
        chunksReceived++;
        bytesReceived += chunk.lengthBytes();
        credit.arrived(chunk.lengthBytes());
        listener.arrived(chunk);
        endMembers();
        endIfWhole();
    }

    private void endTold(JsonObject message) {
        try {
            endTold(JsonMapping.fromJson(message, StreamEnd.class));
        } catch (HindsightException unreadable) {
            String what = "ended its stream with something that cannot be read: " + unreadable.getMessage();
            broken(NodeTrouble.ofAgent(node, what));
        }
    }

    private void endTold(StreamEnd told) {
        if (told.snapshotId() != null) {
            memberEndTold(told);
            return;
        }
        listener.gaps(told.gaps());
        if (told.failure() != null) {
            broken(NodeTrouble.ofCode(node, String.valueOf(told.failureCode()), told.failure()));
        } else {
            end = told;
            endIfWhole();
        }
    }

    private void memberEndTold(StreamEnd told) {
        if (!shared || memberEnds.size() >= SharedStreamRequest.MAX_MEMBERS) {
            broken(NodeTrouble.ofAgent(node, "ended what is no member of its stream"));
            return;
        }
        memberEnds.add(told);
        endMembers();
    }

    /** Chunks for others may have come meanwhile: the end takes another way than they do. */
    private void endMembers() {
        while (!closed && !memberEnds.isEmpty() && memberEnds.element().chunks() <= chunksReceived) {
            listener.memberEnded(memberEnds.remove());
        }
    }

    private void endIfWhole() {
        StreamEnd told = end;
        if (told == null) {
            return;
        }
        if (told.chunks() == chunksReceived && told.bytes() == bytesReceived) {
            close();
            listener.whole();
        } else if (told.chunks() <= chunksReceived || told.bytes() <= bytesReceived) {
            broken(NodeTrouble.miscounted(node, difference(told)));
        } else if (laneTrouble != null) {
            broken(laneTrouble);
        }
    }

    private String difference(StreamEnd told) {
        return "sent %d chunks of %d bytes, but %d of %d arrived"
                .formatted(told.chunks(), told.bytes(), chunksReceived, bytesReceived);
    }

    /** No chunk comes any more. That is right where the end says so too. */
    private void laneEnded(String codeName, @Nullable Object body) {
        String why = body instanceof JsonObject words ? words.getString("message", "") : "";
        NodeTrouble trouble = NodeTrouble.ofCode(node, codeName, "The lane broke: " + why);
        if (!trouble.passing() || end != null) {
            broken(trouble);
        } else {
            laneTrouble = trouble;
            hub.vertx().setTimer(END_AFTER_LANE_MS, timer -> broken(trouble));
        }
    }

    private void broken(NodeTrouble trouble) {
        if (!closed) {
            close();
            listener.broken(trouble);
        }
    }

    /** Chunks that were on their way are given back when they arrive. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        hub.lanes().revoke(lane);
        pieces.close();
        hub.vertx()
                .setTimer(
                        LATE_MS,
                        timer ->
                                consumer.unregister()
                                        .onFailure(failure ->
                                                LOG.warn(
                                                        "snapshot={} node={}: {}",
                                                        snapshotId,
                                                        node,
                                                        failure.getMessage())));
    }

    @Override
    public void tick() {
        if (credit.isLeaseDue(hub.lease())) {
            grant();
        }
        pieces.tick();
        if (closed) {
            return;
        }
        Duration idle = hub.timeouts().streamIdle();
        if (!credit.isAgentsTurn() || pieces.isWaitingForRoom()) {
            moved();
        } else if (isSilentFor(idle)) {
            broken(NodeTrouble.unreachable("node=" + node + " sent nothing for " + idle.toSeconds() + " s."));
        } else if (isSilentFor(idle.dividedBy(2)) && !hub.nodes().isReachable(node)) {
            broken(NodeTrouble.unreachable("node=" + node + " sends neither chunks nor heartbeats."));
        } else if (isSilentFor(idle.dividedBy(3)) && !asking) {
            asking = true;
            grant().onComplete(answered -> asking = false);
        }
    }

    private boolean isSilentFor(Duration time) {
        return hub.nanoClock().getAsLong() - lastHeardNs > time.toNanos();
    }

    @Override
    public void released(long bytes) {
        if (credit.released(bytes)) {
            grant();
        }
    }

    @Override
    public void durable(Map<String, Long> sequences) {
        credit.durable(sequences);
        grant();
    }

    private Future<CreditAnswer> grant() {
        return closed
                ? Future.failedFuture("The stream is closed.")
                : agent.credit(credit.grant()).onSuccess(this::answered).onFailure(this::grantFailed);
    }

    /** Under a low ceiling, with many sessions, a chunk may take long to have its turn. */
    private void answered(CreditAnswer answer) {
        if (answer.waits() && hub.nanoClock().getAsLong() - lastMovedNs < MAX_HELD_BACK.toNanos()) {
            lastHeardNs = hub.nanoClock().getAsLong();
        }
    }

    /** A late answer alone ends nothing: an agent that is gone also sends nothing. */
    private void grantFailed(Throwable failure) {
        NodeTrouble trouble = NodeTrouble.ofRequest(node, failure);
        if (trouble.isTimeOut()) {
            LOG.warn("snapshot={} node={} did not answer to credit: {}", snapshotId, node, failure.getMessage());
        } else {
            broken(trouble);
        }
    }
}
