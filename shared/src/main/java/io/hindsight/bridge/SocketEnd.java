package io.hindsight.bridge;

import io.netty.channel.ChannelHandlerContext;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocket;
import io.vertx.core.internal.http.WebSocketInternal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Closes WebSockets within a bound: Vert.x writes the closing frame behind everything that waits, and a peer that takes nothing never gets it. */
public final class SocketEnd {
    private static final Logger LOG = LoggerFactory.getLogger(SocketEnd.class);
    private static final long PATIENCE_MS = 1_000;
    private static final short NORMAL = 1000;

    private SocketEnd() {}

    /** On the socket's context; succeeds when the connection is closed, in good order or not. */
    public static Future<Void> close(Vertx vertx, WebSocket socket) {
        ChannelHandlerContext connection = ((WebSocketInternal) socket).channelHandlerContext();
        Promise<Void> closed = Promise.promise();
        connection.channel().closeFuture().addListener(done -> closed.tryComplete());
        socket.close(NORMAL).onFailure(already -> LOG.debug("The link was closed already.", already));
        long timer = vertx.setTimer(PATIENCE_MS, late -> abort(connection));
        return closed.future().onComplete(done -> vertx.cancelTimer(timer));
    }

    /** Past Vert.x's own handler, which would wait for the closing frame to be written. */
    private static void abort(ChannelHandlerContext connection) {
        connection.close().addListener(cut -> LOG.debug("The Hub took no closing frame; the connection was cut."));
    }
}
