package io.hindsight.hub.lane;

import io.hindsight.bus.Addresses;
import io.hindsight.bus.ChunkCodec;
import io.hindsight.chunk.Chunk;
import io.hindsight.chunk.ChunkHeader;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.Context;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.MessageProducer;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.json.JsonObject;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One lane: reads chunks off a socket and hands them to their session over the local bus, by reference. It reads only while there is room for the
 * chunk at hand ({@link LaneMemory}) and less than its credit is handed on and not given back; else TCP holds the agent back. What it cannot go on
 * with ends the lane, and the session is told.
 *
 * <p>Reading stops by Netty's {@code autoRead}, not by Vert.x's {@code pause}: that would go on reading until eight buffers wait, for each lane.
 *
 * <p>Every method and field belongs to the connection's event loop.
 */
final class LaneSocket {
    private static final Logger LOG = LoggerFactory.getLogger(LaneSocket.class);

    private final Lanes lanes;
    private final LaneOrder order;
    private final LaneLimits limits;
    private final NetSocketInternal socket;
    private final Channel channel;
    private final String peer;
    private final Context context;
    private final EventBus eventBus;
    private final MessageProducer<Chunk> session;
    private final ChunkAssembler assembler;
    private final Consumer<LaneSocket> onClose;

    private LaneMemory.@Nullable Room room;
    private boolean reading = true;
    private boolean closed;
    private long handedOnBytes;
    private long chunkCount;

    /** Nothing has come, or nothing was waited for, since. */
    private long quietSinceNs = System.nanoTime();

    /** The chunk at hand has begun, or got its room, since. */
    private long stepSinceNs = System.nanoTime();

    /** {@code onClose} runs once, when the lane has closed. */
    LaneSocket(Lanes lanes, LaneOrder order, NetSocketInternal socket, Context context, Consumer<LaneSocket> onClose) {
        this.lanes = lanes;
        this.order = order;
        this.limits = lanes.limits();
        this.socket = socket;
        this.channel = socket.channelHandlerContext().channel();
        this.peer = Lanes.host(socket.remoteAddress());
        this.context = context;
        this.eventBus = lanes.vertx().eventBus();
        this.session =
                eventBus.sender(
                        order.address(), new DeliveryOptions().setCodecName(ChunkCodec.NAME).setLocalOnly(true));
        this.assembler = new ChunkAssembler(order.node(), lanes.memory().limitBytes(), channel.alloc());
        this.onClose = onClose;
    }

    void start() {
        socket.messageHandler(this::received);
        socket.exceptionHandler(failure -> LOG.debug("{} broke: {}", this, failure.toString()));
        socket.closeHandler(gone -> peerClosed());
        LOG.debug("{} is open.", this);
    }

    private void received(Object message) {
        if (closed || !(message instanceof ByteBuf bytes)) {
            ReferenceCountUtil.release(message);
            return;
        }
        quietSinceNs = System.nanoTime();
        if (!assembler.isInChunk()) {
            stepSinceNs = quietSinceNs;
        }
        lanes.received(bytes.readableBytes());
        assembler.add(bytes);
        pump();
        if (!reading && assembler.arrivedBytes() > limits.surplusBytes()) {
            refuse(
                    LaneRefusal.SURPLUS,
                    ErrorCode.AGENT_UNREACHABLE,
                    "The agent ended its side while bytes="
                            + assembler.arrivedBytes()
                            + " waited for room; they have to be sent again.");
        }
    }

    /** Makes as many chunks of what has come as there is room for, and reads on if more has to come. */
    private void pump() {
        try {
            while (!closed && hasRoom() && handOnNext()) {
                room = null;
                stepSinceNs = System.nanoTime();
            }
        } catch (HindsightException refused) {
            refuse(LaneRefusal.BYTES, refused.code(), String.valueOf(refused.getMessage()));
        }
    }

    /** Whether the chunk at hand may be assembled; else reading goes on, or stops, until that can change. */
    private boolean hasRoom() {
        if (room == null) {
            if (handedOnBytes >= order.creditBytes()) {
                read(false);
                return false;
            }
            ChunkHeader header = assembler.header();
            if (header == null) {
                read(true);
                return false;
            }
            room = lanes.memory().claim(header.lengthBytes(), () -> context.runOnContext(granted -> roomGranted()));
            stepSinceNs = System.nanoTime();
        }
        boolean held = room.isHeld();
        read(held);
        return held;
    }

    private void roomGranted() {
        stepSinceNs = System.nanoTime();
        pump();
    }

    private boolean handOnNext() {
        LaneMemory.Room of = room;
        ChunkHeader header = assembler.header();
        if (of == null || header == null) {
            return false;
        }
        long lengthBytes = header.lengthBytes();
        Chunk chunk =
                assembler.chunk(() -> {
                    of.giveBack();
                    context.runOnContext(released -> released(lengthBytes));
                });
        if (chunk == null) {
            return false;
        }
        handedOnBytes += lengthBytes;
        chunkCount++;
        lanes.handedOn();
        session.write(chunk).onFailure(nobody -> notTaken(chunk));
        return true;
    }

    private void released(long lengthBytes) {
        handedOnBytes -= lengthBytes;
        quietSinceNs = System.nanoTime();
        pump();
    }

    private void notTaken(Chunk chunk) {
        chunk.release();
        if (!closed) {
            lanes.refused(LaneRefusal.NO_SESSION, peer, "Nobody takes chunks at address=" + order.address() + ".");
            close();
        }
    }

    private void read(boolean wanted) {
        if (reading != wanted) {
            reading = wanted;
            quietSinceNs = System.nanoTime();
            channel.config().setAutoRead(wanted);
        }
    }

    /** Once a second: ends what does not move. */
    void tick(long nowNs) {
        if (closed || !reading) {
            return;
        }
        if (!assembler.isInChunk()) {
            boolean agentsTurn = handedOnBytes == 0;
            if (agentsTurn && nowNs - quietSinceNs > limits.idle().toNanos()) {
                stalled("Nothing came for " + limits.idle().toSeconds() + " s.");
            }
        } else if (nowNs - quietSinceNs > limits.stall().toNanos()) {
            stalled("Nothing came for " + limits.stall().toSeconds() + " s in the middle of a chunk.");
        } else if (isTooSlow(nowNs)) {
            stalled("A chunk came with less than limit=" + limits.minBytesPerSecond() + " bytes a second.");
        }
    }

    private boolean isTooSlow(long nowNs) {
        long lengthBytes = room == null ? 0 : assembler.lengthBytes();
        return nowNs - stepSinceNs > limits.patience(lengthBytes).toNanos();
    }

    private void stalled(String words) {
        refuse(LaneRefusal.STALLED, ErrorCode.AGENT_UNREACHABLE, words);
    }

    private void refuse(LaneRefusal cause, ErrorCode code, String words) {
        lanes.refused(cause, peer, words + " (" + this + ")");
        brokenOff(code, words);
    }

    private void peerClosed() {
        if (!closed) {
            String where =
                    assembler.isInChunk()
                            ? "in the middle of the chunk at offset=" + assembler.startOffset()
                            : "after a whole chunk at offset=" + assembler.startOffset();
            brokenOff(ErrorCode.AGENT_UNREACHABLE, "The agent's lane closed " + where + ".");
        }
    }

    private void brokenOff(ErrorCode code, String words) {
        close();
        eventBus.send(
                order.address(),
                new JsonObject().put("message", words),
                new DeliveryOptions().setLocalOnly(true).addHeader(Addresses.LANE_BROKEN_HEADER, code.name()));
        LOG.debug("{} ended: {}", this, words);
    }

    /** Closes the lane without a word to its session. Chunks that were handed on are the session's. Idempotent. */
    void close() {
        if (closed) {
            return;
        }
        closed = true;
        assembler.close();
        if (room != null) {
            room.giveBack();
            room = null;
        }
        session.close();
        socket.close().onFailure(failure -> LOG.debug("{} did not close: {}", this, failure.toString()));
        onClose.accept(this);
    }

    @Override
    public String toString() {
        return "lane snapshot=%s node=%s peer=%s chunks=%d"
                .formatted(order.snapshotId(), order.node(), peer, chunkCount);
    }
}
