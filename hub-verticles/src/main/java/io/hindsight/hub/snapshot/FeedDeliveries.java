package io.hindsight.hub.snapshot;

import io.hindsight.chunk.Chunk;
import io.hindsight.chunk.ChunkHeader;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.time.TimeWindow;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Hands a shared stream's chunks to its members, in the order in which they came, and cuts what reaches over a member's window on a worker first. However
 * many members there are, no more bytes are on their way to files, cuts included, than a single snapshot's stream may have: else a batch would leave the disk to
 * nobody else. What waits is references to chunks that the stream's credit bounds. The session's context only.
 */
final class FeedDeliveries {
    private final HubResources hub;
    private final NodeId node;
    private final Context context;
    private final long limitBytes;
    private final Queue<Delivery> waiting = new ArrayDeque<>();
    private long underWayBytes;

    private record Delivery(FeedMember member, Chunk chunk, @Nullable TimeWindow cut) {
        /** A cut exists beside what it was cut from. */
        long bytes() {
            return cut == null ? chunk.lengthBytes() : 2 * chunk.lengthBytes();
        }
    }

    FeedDeliveries(HubResources hub, NodeId node) {
        this.hub = hub;
        this.node = node;
        this.context = hub.vertx().getOrCreateContext();
        this.limitBytes = hub.config().streamCredit().bytes();
    }

    /** Takes one chunk for each of the members. */
    void add(List<FeedMember> members, List<Chunk> chunks) {
        for (int i = 0; i < members.size(); i++) {
            FeedMember member = members.get(i);
            ChunkHeader header = chunks.get(i).header();
            member.awaits(header);
            waiting.add(new Delivery(member, chunks.get(i), member.cutFor(header)));
        }
        pump();
    }

    /** One may always be under way. */
    private void pump() {
        while (!waiting.isEmpty() && (underWayBytes == 0 || underWayBytes + waiting.element().bytes() <= limitBytes)) {
            start(waiting.remove());
        }
    }

    private void start(Delivery delivery) {
        underWayBytes += delivery.bytes();
        FeedMember member = delivery.member();
        TimeWindow cut = delivery.cut();
        if (member.isClosed()) {
            delivery.chunk().release();
            underWayBytes -= delivery.bytes();
            member.delivered();
        } else if (cut == null) {
            member.inTurn(() -> {
                hand(member, delivery.chunk());
                return Future.succeededFuture();
            });
        } else {
            member.inTurn(() -> cut(delivery, cut));
        }
    }

    private void hand(FeedMember member, Chunk chunk) {
        long lengthBytes = chunk.lengthBytes();
        member.hand(
                new Chunk(
                        chunk.header(),
                        List.of(chunk.parts()),
                        () -> {
                            chunk.release();
                            context.runOnContext(back -> released(lengthBytes));
                        }));
        member.delivered();
    }

    private Future<?> cut(Delivery delivery, TimeWindow window) {
        return hub.onWriter(() -> ChunkCut.cut(delivery.chunk(), node, window))
                .onSuccess(cut -> wasCut(delivery, cut))
                .onFailure(failure -> {
                    released(delivery.bytes());
                    delivery.member().broken(NodeTrouble.corrupt(refusal(failure)));
                });
    }

    private void wasCut(Delivery delivery, Optional<Chunk> cut) {
        underWayBytes -= delivery.bytes() - cut.map(Chunk::lengthBytes).orElse(0L);
        cut.ifPresentOrElse(chunk -> hand(delivery.member(), chunk), delivery.member()::delivered);
        pump();
    }

    private HindsightException refusal(Throwable failure) {
        return failure instanceof HindsightException known
                ? known
                : new HindsightException(
                        ErrorCode.IO_FAILED,
                        "Cannot cut a chunk of node=" + node + " to a window: " + failure,
                        failure);
    }

    private void released(long bytes) {
        underWayBytes -= bytes;
        pump();
    }
}
