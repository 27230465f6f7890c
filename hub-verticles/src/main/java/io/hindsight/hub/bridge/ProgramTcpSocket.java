package io.hindsight.hub.bridge;

import io.hindsight.bus.LinkProtocol;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.access.Caller;
import io.hindsight.hub.link.LinkInbox;
import io.hindsight.hub.link.MessageShape;
import io.hindsight.hub.link.TokenBucket;
import io.netty.channel.ChannelHandlerContext;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.core.parsetools.RecordParser;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A program's TCP connection. Each message shows who sends it, and is read only when the one before it is settled.
 *
 * <pre>
 *   offset  width  big-endian
 *   0       4      length of the message in bytes, 1 to the bound
 *   4       …      the message: a JSON object in UTF-8
 * </pre>
 *
 * All fields belong to the bridge's context.
 */
final class ProgramTcpSocket implements ProgramConnection {
    /** Longest message of a connection of which nobody knows yet whose it is. */
    static final int MAX_FIRST_BYTES = LinkProtocol.MAX_FRAME_BYTES;

    private static final Logger LOG = LoggerFactory.getLogger(ProgramTcpSocket.class);
    private static final int HEAD_BYTES = 4;
    private static final long CLOSE_TIMEOUT_MS = 1_000;
    private static final String AUTHORIZATION = "authorization";

    private final Vertx vertx;
    private final NetSocket socket;
    private final BearerCheck authentication;
    private final BridgeLimits limits;
    private final LinkInbox.PartialBytes partial;
    private final BridgeCounters counters;
    private final RecordParser records;
    private final TokenBucket frames;
    private final Backlog backlog;
    private final ProgramSession session;
    private final long openedNs = System.nanoTime();
    private long heardNs = openedNs;
    private boolean known;
    private boolean head = true;

    /** Of the message that is being collected. */
    private int collecting;

    private boolean closing;

    ProgramTcpSocket(ProgramBridge bridge, NetSocket socket, BearerCheck authentication) {
        this.vertx = bridge.vertx();
        this.socket = socket;
        this.authentication = authentication;
        this.limits = bridge.limits();
        this.partial = bridge.partial();
        this.counters = bridge.counters();
        this.records = RecordParser.newFixed(HEAD_BYTES, socket);
        this.frames = new TokenBucket(limits.messagesPerSecond(), limits.burstMessages(), openedNs);
        this.backlog = bridge.backlog();
        this.session = bridge.session(this, String.valueOf(socket.remoteAddress().hostAddress()));
    }

    /** Starts to listen; {@code closed} is told of the end. */
    void open(Runnable closed) {
        socket.closeHandler(gone -> {
            closing = true;
            release();
            session.close();
            closed.run();
        });
        records.exceptionHandler(broken -> LOG.debug("A program's connection broke: {}", broken.toString()));
        records.handler(this::record);
    }

    private void record(Buffer record) {
        if (closing) {
            return;
        }
        if (head) {
            lengthOf(record.getInt(0));
        } else {
            head = true;
            release();
            records.fixedSizeMode(HEAD_BYTES);
            heardNs = System.nanoTime();
            message(record);
        }
    }

    /** Bounded before anything of the message is collected. */
    private void lengthOf(int length) {
        int max = known ? limits.maxMessageBytes() : Math.min(MAX_FIRST_BYTES, limits.maxMessageBytes());
        if (length < 1 || length > max) {
            end(
                    BridgeRefusal.TOO_LARGE,
                    new HindsightException(
                            ErrorCode.PAYLOAD_TOO_LARGE,
                            "A message has 1 to limit=" + max + " bytes, got length=" + length + "."));
            return;
        }
        if (!partial.take(length)) {
            end(
                    BridgeRefusal.PARTIAL,
                    new HindsightException(
                            ErrorCode.TOO_MANY_REQUESTS,
                            "limit="
                                    + limits.maxPartialBytes()
                                    + " bytes of unfinished messages of all programs are reached."));
            return;
        }
        collecting = length;
        head = false;
        records.fixedSizeMode(length);
    }

    private void release() {
        partial.give(collecting);
        collecting = 0;
    }

    private void message(Buffer bytes) {
        Optional<JsonObject> message = MessageShape.parse(bytes);
        if (!frames.take(1, System.nanoTime())) {
            end(
                    BridgeRefusal.FLOOD,
                    new HindsightException(
                            ErrorCode.TOO_MANY_REQUESTS,
                            "It sends more than limit=" + limits.messagesPerSecond() + " messages a second."));
        } else if (message.isEmpty()) {
            end(
                    BridgeRefusal.MALFORMED,
                    new HindsightException(
                            ErrorCode.INVALID_REQUEST, "It sent what is not a message of the event-bus bridge."));
        } else if ("ping".equals(message.get().getString("type"))) {
            // Needs nobody's name, and keeps nobody in: see check.
            session.handle(message.get(), Caller.ANONYMOUS);
        } else {
            authenticated(message.get());
        }
    }

    private void authenticated(JsonObject message) {
        Future<Caller> asked = authentication.caller(authorization(message));
        if (asked.isComplete()) {
            settle(message, asked);
            return;
        }
        records.pause();
        asked.onComplete(answer -> {
            settle(message, answer);
            records.resume();
        });
    }

    private static @Nullable String authorization(JsonObject message) {
        return message.getJsonObject("headers", new JsonObject()).stream()
                .filter(header -> header.getKey().equalsIgnoreCase(AUTHORIZATION))
                .map(header -> String.valueOf(header.getValue()))
                .reduce((one, other) -> "several")
                .orElse(null);
    }

    private void settle(JsonObject message, AsyncResult<Caller> answer) {
        if (closing) {
            return;
        }
        if (answer.succeeded()) {
            known = true;
            session.handle(message, answer.result());
        } else {
            refuse(message, answer.cause());
        }
    }

    /** Who shows a wrong token does not try others on the same connection; where nobody could tell, it may be tried again. */
    private void refuse(JsonObject message, Throwable cause) {
        HindsightException why =
                cause instanceof HindsightException known
                        ? known
                        : new HindsightException(ErrorCode.INTERNAL, "Who it is could not be found out.");
        session.unauthenticated(message, why);
        if (why.code() == ErrorCode.UNAUTHENTICATED || why.code() == ErrorCode.FORBIDDEN) {
            finish();
        }
    }

    @Override
    public Dialect dialect() {
        return Dialect.TCP;
    }

    @Override
    public Future<Void> write(String message) {
        if (closing) {
            return Future.failedFuture("The connection has ended.");
        }
        byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
        Buffer frame = Buffer.buffer(HEAD_BYTES + bytes.length).appendInt(bytes.length).appendBytes(bytes);
        if (!backlog.take(frame.length())) {
            cut(BridgeRefusal.BACKLOG, "More than limit=" + backlog.max() + " bytes wait for it, or for all programs.");
            return Future.failedFuture("The program is too slow.");
        }
        return socket.write(frame).onComplete(written -> backlog.give(frame.length()));
    }

    @Override
    public long maxMessageBytes() {
        return backlog.max() / 4;
    }

    @Override
    public boolean isFull() {
        return backlog.isFull();
    }

    @Override
    public void onDrain(Runnable ready) {
        backlog.onDrain(ready);
    }

    @Override
    public void end(BridgeRefusal cause, HindsightException why) {
        if (closing) {
            return;
        }
        counters.refuse(cause);
        session.logOnce(cause, String.valueOf(why.getMessage()));
        write(dialect().failed(null, why));
        finish();
    }

    /** What was written goes out, if the program takes it soon. */
    private void finish() {
        if (!closing) {
            closing = true;
            socket.close().onComplete(closed -> abort());
            vertx.setTimer(CLOSE_TIMEOUT_MS, late -> abort());
        }
    }

    @Override
    public void cut(BridgeRefusal cause, String why) {
        if (!closing) {
            counters.refuse(cause);
            session.logOnce(cause, why);
            closing = true;
            abort();
        }
    }

    /** Vert.x's own {@code close} waits until everything was sent, which never happens where a program takes nothing. */
    private void abort() {
        ChannelHandlerContext first = ((ConnectionBase) socket).channel().pipeline().firstContext();
        if (first != null) {
            first.close().addListener(closed -> LOG.debug("Ended a connection: done={}", closed.isSuccess()));
        }
    }

    /** A program says something in time, a ping at least; and first of all, soon, who it is. */
    void check(long nowNs) {
        if (nowNs - heardNs > limits.silentFor().toNanos()) {
            cut(BridgeRefusal.SILENT, "Nothing came for " + limits.silentFor().toMillis() + " ms.");
        } else if (!known && nowNs - openedNs > limits.messageTimeout().toNanos()) {
            cut(
                    BridgeRefusal.UNAUTHENTICATED,
                    "It did not say who it is within limit=" + limits.messageTimeout().toMillis() + " ms.");
        }
    }
}
