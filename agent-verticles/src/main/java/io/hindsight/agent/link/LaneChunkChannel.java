package io.hindsight.agent.link;

import io.hindsight.agent.extract.ChunkChannel;
import io.hindsight.bus.StreamEnd;
import io.hindsight.chunk.Chunk;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.json.JsonMapping;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.net.NetSocketInternal;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lane's end at the agent: writes the slices of the mapped ring to the socket, without a copy in user space, in pieces of {@value #PIECE_BYTES} bytes. A
 * piece counts as under way until its write has completed; at most {@value #MAX_UNDER_WAY_BYTES} bytes are, because TLS encrypts at once whatever it is
 * given. A chunk is given back when its last piece has been written: then the kernel has its bytes.
 *
 * <p>A lane that has ended well is left open for the Hub to close: a socket that is closed with bytes still unread at the Hub makes Netty read
 * them all at once, whether there is room or not.
 *
 * <p>Every method and field belongs to the session's event loop.
 */
final class LaneChunkChannel implements ChunkChannel {
    static final int PIECE_BYTES = 1 << 20;
    static final long MAX_UNDER_WAY_BYTES = 4L << 20;

    /** Another chunk is taken while fewer than so many wait, or less than {@link #MAX_QUEUED_BYTES}. */
    static final int MAX_QUEUED_CHUNKS = 2;

    static final long MAX_QUEUED_BYTES = 8L << 20;

    /** How long the Hub may take to close a lane that has ended. */
    static final Duration LINGER = Duration.ofSeconds(60);

    private static final Logger LOG = LoggerFactory.getLogger(LaneChunkChannel.class);

    private final Vertx vertx;
    private final NetSocketInternal socket;
    private final String address;
    private final StreamEnds ends;

    // What is being sent.
    private final Deque<Sending> unwritten = new ArrayDeque<>();
    private int queuedChunks;
    private long queuedBytes;
    private long underWayBytes;
    private @Nullable Promise<Void> ready;
    private @Nullable Promise<Void> drained;

    // How it ends.
    private @Nullable Throwable failure;
    private @Nullable Consumer<Throwable> onBreak;
    private boolean ended;
    private boolean closing;
    private long lingerTimer = -1;

    private static final class Sending {
        final Chunk chunk;
        final ByteBuf bytes;
        int piecesUnderWay;

        Sending(Chunk chunk) {
            this.chunk = chunk;
            this.bytes = Unpooled.wrappedBuffer(chunk.parts());
        }
    }

    /** {@code socket} is a lane that the Hub has opened. */
    LaneChunkChannel(Vertx vertx, NetSocketInternal socket, String address, StreamEnds ends) {
        this.vertx = vertx;
        this.socket = socket;
        this.address = address;
        this.ends = ends;
    }

    void start() {
        socket.handler(bytes -> broken(brokenLane("the Hub wrote to it, which it never does")));
        socket.exceptionHandler(cause -> broken(cause));
        socket.closeHandler(gone -> closed());
    }

    @Override
    public Future<Void> send(Chunk chunk) {
        if (failure != null || closing) {
            chunk.release();
            return Future.failedFuture(failure != null ? failure : brokenLane("it is closed"));
        }
        ended = false;
        unwritten.add(new Sending(chunk));
        queuedChunks++;
        queuedBytes += chunk.lengthBytes();
        Promise<Void> next = Promise.promise();
        ready = next;
        writePieces();
        completeReady();
        return next.future();
    }

    private void writePieces() {
        while (failure == null && underWayBytes < MAX_UNDER_WAY_BYTES && !unwritten.isEmpty()) {
            Sending sending = unwritten.element();
            int length = Math.min(PIECE_BYTES, sending.bytes.readableBytes());
            ByteBuf piece = sending.bytes.readRetainedSlice(length);
            if (!sending.bytes.isReadable()) {
                unwritten.remove();
            }
            sending.piecesUnderWay++;
            underWayBytes += length;
            socket.writeMessage(piece)
                    .onComplete(written -> pieceDone(sending, length, written.succeeded() ? null : written.cause()));
        }
    }

    private void pieceDone(Sending sending, int length, @Nullable Throwable cause) {
        if (cause != null) {
            broken(cause); // which gives back what has no piece under way: this one is given back below
        }
        sending.piecesUnderWay--;
        underWayBytes -= length;
        if (sending.piecesUnderWay == 0 && (failure != null || !sending.bytes.isReadable())) {
            release(sending);
        }
        writePieces();
        completeReady();
    }

    private void release(Sending sending) {
        sending.bytes.release();
        sending.chunk.release();
        queuedChunks--;
        queuedBytes -= sending.chunk.lengthBytes();
    }

    /** A failure is told of when every chunk has been given back. */
    private void completeReady() {
        boolean isDrained = queuedChunks == 0;
        boolean isReady = queuedChunks < MAX_QUEUED_CHUNKS || queuedBytes < MAX_QUEUED_BYTES;
        Promise<Void> next = ready;
        if (next != null && (failure == null ? isReady : isDrained)) {
            ready = null;
            settle(next);
        }
        Promise<Void> all = drained;
        if (all != null && isDrained) {
            drained = null;
            settle(all);
        }
    }

    private void settle(Promise<Void> promise) {
        if (failure == null) {
            promise.complete();
        } else {
            promise.fail(failure);
        }
    }

    @Override
    public Future<Void> end(StreamEnd end) {
        Promise<Void> all = Promise.promise();
        drained = all;
        completeReady();
        return all.future()
                .compose(written -> ends.send(address, JsonMapping.toJson(end)))
                .onSuccess(sent -> ended = true);
    }

    @Override
    public void onBreak(Consumer<Throwable> broken) {
        if (failure != null) {
            broken.accept(failure);
        } else {
            onBreak = broken;
        }
    }

    private void closed() {
        if (lingerTimer >= 0) {
            vertx.cancelTimer(lingerTimer);
        }
        broken(brokenLane("the connection was closed"));
    }

    /** Chunks whose pieces are still under way are given back as their writes fail. */
    private void broken(Throwable cause) {
        if (failure != null) {
            return;
        }
        failure = cause;
        abort();
        unwritten.stream().filter(sending -> sending.piecesUnderWay == 0).toList().forEach(this::release);
        unwritten.clear();
        completeReady();
        Consumer<Throwable> tell = onBreak;
        onBreak = null;
        if (tell != null && !closing) {
            tell.accept(cause);
        }
    }

    private HindsightException brokenLane(String what) {
        return new HindsightException(
                ErrorCode.AGENT_UNREACHABLE, "The lane to hub=" + socket.remoteAddress() + " is broken: " + what + ".");
    }

    @Override
    public void close() {
        if (closing) {
            return;
        }
        closing = true;
        onBreak = null;
        if (ended && failure == null) {
            lingerTimer = vertx.setTimer(LINGER.toMillis(), over -> abort());
        } else {
            abort();
        }
    }

    /** At once: Vert.x's own close waits until everything was sent, which never happens where the Hub does not read. */
    private void abort() {
        ChannelHandlerContext first = socket.channelHandlerContext().pipeline().firstContext();
        if (first != null) {
            first.close().addListener(done -> LOG.debug("A lane was closed: done={}", done.isSuccess()));
        }
    }
}
