package io.hindsight.hub.link;

import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.sockjs.SockJSHandlerOptions;
import io.vertx.ext.web.handler.sockjs.SockJSSocket;
import io.vertx.ext.web.handler.sockjs.impl.SockJSSocketBase;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A link's WebSocket, as the bridge sees it: only whole messages of the right shape reach the bridge, what the bridge writes is bounded, and idleness is
 * {@link LinkBridge}'s to see. All fields belong to the socket's context.
 */
final class LinkSocket extends SockJSSocketBase implements LinkInbox.Receiver {
    private static final Logger LOG = LoggerFactory.getLogger(LinkSocket.class);

    /** From a close frame until the connection is cut: a peer that takes nothing never answers. */
    private static final long CLOSE_TIMEOUT_MS = 1_000;

    private static final short POLICY_VIOLATED = 1008;
    private static final short TAKEN_OVER = 1001;

    private final ServerWebSocket socket;
    private final Link link;
    private final LinkLimits limits;
    private final LinkCounters counters;
    private final Runnable abort;
    private final LinkInbox inbox;
    private Handler<Buffer> messages = message -> LOG.debug("A message came before the bridge was ready.");
    private long pendingBytes;
    private boolean closing;

    /** {@code abort} cuts the connection at once. */
    LinkSocket(
            Vertx vertx,
            RoutingContext context,
            ServerWebSocket socket,
            Link link,
            LinkLimits limits,
            LinkInbox.PartialBytes partialBytes,
            LinkCounters counters,
            Runnable abort) {
        super(vertx, context, new SockJSHandlerOptions());
        this.socket = socket;
        this.link = link;
        this.limits = limits;
        this.counters = counters;
        this.abort = abort;
        this.inbox = new LinkInbox(limits, partialBytes, this);
    }

    /** Starts to listen, once the bridge has set its handlers. */
    void open() {
        socket.frameHandler(frame -> {
            link.heard();
            inbox.frame(frame);
        });
        socket.exceptionHandler(this::broken);
    }

    Link link() {
        return link;
    }

    @Override
    public void message(Buffer message) {
        if (!MessageShape.isMessage(message)) {
            refuse(LinkRefusal.MALFORMED, "It sent what is no message of the event-bus bridge.");
            return;
        }
        messages.handle(message);
    }

    @Override
    public void refuse(LinkRefusal cause, String reason) {
        if (!closing) {
            counters.refuse(cause, link.toString(), reason);
            end(POLICY_VIOLATED, cause.label());
        }
    }

    private void broken(Throwable failure) {
        // Of the WebSocket decoder: what it finds wrong is no WebSocket, or too long.
        if (failure instanceof CorruptedWebSocketFrameException corrupted) {
            boolean tooLong = WebSocketCloseStatus.MESSAGE_TOO_BIG.equals(corrupted.closeStatus());
            refuse(tooLong ? LinkRefusal.TOO_LARGE : LinkRefusal.MALFORMED, String.valueOf(failure.getMessage()));
        } else {
            LOG.debug("A link broke: {}", failure.toString());
        }
        abort.run();
    }

    void takenOver() {
        end(TAKEN_OVER, "taken over");
    }

    /** The agent does not answer: nor would it answer a close frame. */
    void cut(LinkRefusal cause, String reason) {
        if (!closing) {
            counters.refuse(cause, link.toString(), reason);
            stop();
            abort.run();
        }
    }

    private void stop() {
        closing = true;
        inbox.close();
    }

    /** The connection has ended. */
    void closed() {
        stop();
    }

    private void end(short code, String reason) {
        if (closing) {
            return;
        }
        stop();
        socket.close(code, reason).onComplete(sent -> abort.run());
        vertx.setTimer(CLOSE_TIMEOUT_MS, late -> abort.run());
    }

    void ping() {
        if (!closing) {
            socket.writePing(Buffer.buffer()).onFailure(gone -> LOG.debug("No ping: {}", gone.toString()));
        }
    }

    /** Once a second. */
    void check(long nowNs) {
        inbox.check(nowNs);
        if (nowNs - link.heardNs() > limits.silentFor().toNanos()) {
            cut(LinkRefusal.SILENT, "Nothing came for " + limits.silentFor().toMillis() + " ms.");
        }
    }

    @Override
    public Future<Void> write(Buffer data) {
        if (closing || socket.isClosed()) {
            return Future.failedFuture("The link is closed.");
        }
        if (pendingBytes + data.length() > limits.maxBacklogBytes()) {
            cut(LinkRefusal.BACKLOG, "More than limit=" + limits.maxBacklogBytes() + " bytes wait for it.");
            return Future.failedFuture("The agent is too slow.");
        }
        pendingBytes += data.length();
        return socket.writeBinaryMessage(data).onComplete(written -> pendingBytes -= data.length());
    }

    @Override
    public SockJSSocket handler(@Nullable Handler<Buffer> handler) {
        if (handler != null) {
            messages = handler;
        }
        return this;
    }

    @Override
    public SockJSSocket closeHandler(@Nullable Handler<Void> handler) {
        socket.closeHandler(handler);
        return this;
    }

    /** The bridge's own would log each broken connection as an error, and leave the socket in a state that it does not expect. */
    @Override
    public SockJSSocket exceptionHandler(@Nullable Handler<Throwable> handler) {
        return this;
    }

    /** The bridge's idea of idleness goes by the wall clock, which may be set. */
    @Override
    public void closeAfterSessionExpired() {
        LOG.debug("The bridge has seen no ping: {}", link);
    }

    @Override
    public void close() {
        end(TAKEN_OVER, "closed");
    }

    @Override
    public void close(int statusCode, String reason) {
        end((short) statusCode, reason);
    }

    @Override
    public SockJSSocket pause() {
        socket.pause();
        return this;
    }

    @Override
    public SockJSSocket resume() {
        socket.resume();
        return this;
    }

    @Override
    public SockJSSocket fetch(long amount) {
        socket.fetch(amount);
        return this;
    }

    @Override
    public SockJSSocket endHandler(@Nullable Handler<Void> handler) {
        socket.endHandler(handler);
        return this;
    }

    @Override
    public SockJSSocket setWriteQueueMaxSize(int maxSize) {
        socket.setWriteQueueMaxSize(maxSize);
        return this;
    }

    @Override
    public boolean writeQueueFull() {
        return socket.writeQueueFull();
    }

    @Override
    public SockJSSocket drainHandler(@Nullable Handler<Void> handler) {
        socket.drainHandler(handler);
        return this;
    }

    @Override
    public SocketAddress remoteAddress() {
        return socket.remoteAddress();
    }

    @Override
    public SocketAddress localAddress() {
        return socket.localAddress();
    }

    @Override
    public MultiMap headers() {
        return socket.headers();
    }

    @Override
    public String uri() {
        return socket.uri();
    }
}
