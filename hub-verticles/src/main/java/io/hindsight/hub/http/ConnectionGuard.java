package io.hindsight.hub.http;

import io.hindsight.error.ErrorCode;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.NotSslRecordException;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.VertxException;
import io.vertx.core.http.HttpConnection;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bounds the number of connections and ends idle ones. Netty's idle time-out would do neither what is wanted for a verification that takes minutes in
 * silence, nor for a request head that trickles in byte by byte. All fields belong to the verticle's context.
 */
final class ConnectionGuard implements Handler<RoutingContext> {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionGuard.class);
    private static final long CHECK_INTERVAL_MS = 1_000;

    private static final class Activity {
        int requests;
        long idleSinceNs = System.nanoTime();
    }

    private final Vertx vertx;
    private final HttpLimits limits;
    private final Map<HttpConnection, Activity> open = new HashMap<>();
    private long refused;
    private long idled;
    private long failedHandshakes;

    ConnectionGuard(Vertx vertx, HttpLimits limits) {
        this.vertx = vertx;
        this.limits = limits;
    }

    void start() {
        vertx.setPeriodic(CHECK_INTERVAL_MS, timer -> closeIdle());
    }

    /** Of the server: a new connection. */
    void opened(HttpConnection connection) {
        if (open.size() >= limits.maxConnections()) {
            refused++;
            connection.close();
            return;
        }
        open.put(connection, new Activity());
        // Of the channel: a connection that became a WebSocket does not tell of its end any more.
        Channels.onClose(connection, () -> open.remove(connection));
        // Clients go in the middle of answers all the time.
        connection.exceptionHandler(failure -> LOG.debug("A connection broke: {}", told(failure)));
    }

    /** The connection has become a link or a lane, which bounds and watches it from now on: here it counts no longer, and is not idle. */
    void handOver(HttpConnection connection) {
        open.remove(connection);
    }

    /** Of the router: a request. */
    @Override
    public void handle(RoutingContext context) {
        Activity activity = open.get(context.request().connection());
        if (activity != null) {
            activity.requests++;
            context.addEndHandler(ended -> {
                activity.requests--;
                activity.idleSinceNs = System.nanoTime();
            });
        }
        limitBodyTime(context);
        context.next();
    }

    private void limitBodyTime(RoutingContext context) {
        if (context.request().isEnded()) {
            return;
        }
        long timer =
                vertx.setTimer(
                        limits.bodyTimeout().toMillis(),
                        late -> {
                            if (!context.request().isEnded() && !context.response().headWritten()) {
                                context.fail(
                                        new ProblemException(
                                                Problem.ofField(
                                                        408,
                                                        ErrorCode.INVALID_REQUEST,
                                                        "body",
                                                        "The body did not come within limit="
                                                                + limits.bodyTimeout().toMillis()
                                                                + " ms.")));
                            }
                        });
        context.addEndHandler(ended -> vertx.cancelTimer(timer));
    }

    private void closeIdle() {
        long nowNs = System.nanoTime();
        for (Map.Entry<HttpConnection, Activity> entry : List.copyOf(open.entrySet())) {
            Activity activity = entry.getValue();
            if (activity.requests == 0 && nowNs - activity.idleSinceNs > limits.idleTimeout().toNanos()) {
                idled++;
                entry.getKey().close();
            }
        }
    }

    /** Of the server: a connection failed before it was one, in its TLS handshake. */
    void broken(Throwable failure) {
        failedHandshakes++;
        LOG.debug("A TLS handshake failed: {}", told(failure));
    }

    /** In words only where they are the system's: those of decoders repeat what was sent, tokens too, be it as hexadecimal digits. */
    static String told(Throwable failure) {
        Throwable cause =
                failure instanceof DecoderException && failure.getCause() != null ? failure.getCause() : failure;
        boolean ofSystem = cause instanceof IOException && !(cause instanceof NotSslRecordException);
        return ofSystem || cause instanceof VertxException ? cause.toString() : cause.getClass().getName();
    }

    /** Connections that ended in their TLS handshake: an untrusted or expired certificate, another version, or no TLS at all. */
    long failedHandshakeCount() {
        return failedHandshakes;
    }

    int openCount() {
        return open.size();
    }

    /** Connections closed because there were too many. */
    long refusedCount() {
        return refused;
    }

    /** Connections closed because nothing was asked on them. */
    long idledCount() {
        return idled;
    }
}
