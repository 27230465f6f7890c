package io.hindsight.hub.bridge;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.access.Caller;
import io.hindsight.hub.link.LinkInbox;
import io.hindsight.hub.link.LinkLimits;
import io.hindsight.hub.link.LinkRefusal;
import io.hindsight.hub.link.MessageShape;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A program's WebSocket, plain or wrapped by SockJS: what comes and what waits is bounded. All fields belong to the bridge's context. */
final class ProgramWebSocket implements ProgramConnection, LinkInbox.Receiver {
    private static final Logger LOG = LoggerFactory.getLogger(ProgramWebSocket.class);

    /** From a close frame until the connection is cut: a program that takes nothing never answers. */
    private static final long CLOSE_TIMEOUT_MS = 1_000;

    private static final short POLICY_VIOLATED = 1008;

    private final Vertx vertx;
    private final ServerWebSocket socket;
    private final boolean sockJs;
    private final Caller caller;
    private final LinkLimits limits;
    private final BridgeCounters counters;
    private final Runnable abort;
    private final LinkInbox inbox;
    private final Backlog backlog;
    private final ProgramSession session;
    private long heardNs = System.nanoTime();
    private boolean closing;

    ProgramWebSocket(ProgramBridge bridge, ServerWebSocket socket, ProgramBridge.Opening opening) {
        this.vertx = bridge.vertx();
        this.socket = socket;
        this.sockJs = opening.sockJs();
        this.caller = opening.caller();
        this.limits = bridge.limits().sockets();
        this.counters = bridge.counters();
        this.abort = opening.abort();
        this.inbox = new LinkInbox(limits, bridge.partial(), this);
        this.backlog = bridge.backlog();
        this.session = bridge.session(this, opening.from());
    }

    /** Starts to listen; {@code closed} is told of the end. */
    void open(Runnable closed) {
        socket.closeHandler(gone -> {
            stop();
            session.close();
            closed.run();
        });
        socket.exceptionHandler(this::broken);
        socket.frameHandler(frame -> {
            heardNs = System.nanoTime();
            inbox.frame(frame);
        });
        if (sockJs) {
            send(SockJsFrames.OPEN);
        }
    }

    @Override
    public void message(Buffer frame) {
        Optional<List<Buffer>> messages = sockJs ? SockJsFrames.parse(frame) : Optional.of(List.of(frame));
        if (messages.isEmpty()) {
            malformed("a frame of SockJS");
        }
        messages.ifPresent(all -> all.forEach(this::one));
    }

    private void one(Buffer message) {
        if (!closing) {
            MessageShape.parse(message)
                    .ifPresentOrElse(
                            shaped -> session.handle(shaped, caller),
                            () -> malformed("a message of the event-bus bridge"));
        }
    }

    private void malformed(String what) {
        end(
                BridgeRefusal.MALFORMED,
                new HindsightException(ErrorCode.INVALID_REQUEST, "It sent what is not " + what + "."));
    }

    @Override
    public void refuse(LinkRefusal cause, String reason) {
        ErrorCode code = cause == LinkRefusal.FLOOD ? ErrorCode.TOO_MANY_REQUESTS : ErrorCode.PAYLOAD_TOO_LARGE;
        end(BridgeRefusal.of(cause), new HindsightException(code, reason));
    }

    private void broken(Throwable failure) {
        // Of the WebSocket decoder: what it finds wrong is no WebSocket, or too long.
        if (failure instanceof CorruptedWebSocketFrameException corrupted) {
            boolean tooLong = WebSocketCloseStatus.MESSAGE_TOO_BIG.equals(corrupted.closeStatus());
            cut(tooLong ? BridgeRefusal.TOO_LARGE : BridgeRefusal.MALFORMED, String.valueOf(failure.getMessage()));
        } else {
            LOG.debug("A program's connection broke: {}", failure.toString());
        }
        abort.run();
    }

    @Override
    public Dialect dialect() {
        return Dialect.WEB;
    }

    @Override
    public Future<Void> write(String message) {
        return send(sockJs ? SockJsFrames.message(message) : message);
    }

    private Future<Void> send(String text) {
        if (closing || socket.isClosed()) {
            return Future.failedFuture("The connection has ended.");
        }
        int bytes = ByteBufUtil.utf8Bytes(text);
        if (!backlog.take(bytes)) {
            cut(BridgeRefusal.BACKLOG, "More than limit=" + backlog.max() + " bytes wait for it, or for all programs.");
            return Future.failedFuture("The program is too slow.");
        }
        return socket.writeTextMessage(text).onComplete(written -> backlog.give(bytes));
    }

    /** Together with what SockJS and the frame add, it is below the bound on what waits. */
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
        if (sockJs) {
            send(SockJsFrames.close(POLICY_VIOLATED, cause.label()));
        }
        stop();
        socket.close(POLICY_VIOLATED, cause.label()).onComplete(sent -> abort.run());
        vertx.setTimer(CLOSE_TIMEOUT_MS, late -> abort.run());
    }

    @Override
    public void cut(BridgeRefusal cause, String why) {
        if (!closing) {
            counters.refuse(cause);
            session.logOnce(cause, why);
            stop();
            abort.run();
        }
    }

    private void stop() {
        closing = true;
        inbox.close();
    }

    void ping() {
        if (!closing) {
            socket.writePing(Buffer.buffer()).onFailure(gone -> LOG.debug("No ping: {}", gone.toString()));
            if (sockJs) {
                send(SockJsFrames.HEARTBEAT);
            }
        }
    }

    void check(long nowNs) {
        inbox.check(nowNs);
        if (nowNs - heardNs > limits.silentFor().toNanos()) {
            cut(BridgeRefusal.SILENT, "Nothing came for " + limits.silentFor().toMillis() + " ms.");
        }
    }
}
