package io.hindsight.hub.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.RoutingContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What Vert.x 5.0 does not tell of a connection, asked of Netty's channel beneath it. Call it on the connection's event loop. */
final class Channels {
    private static final Logger LOG = LoggerFactory.getLogger(Channels.class);

    private Channels() {}

    static Channel of(HttpConnection connection) {
        return ((ConnectionBase) connection).channel();
    }

    /** As {@link #abort(Channel)}. */
    static void abort(RoutingContext context) {
        abort(of(context.request().connection()));
    }

    /**
     * Ends the connection at once. Vert.x's own {@code close}, and Netty's by way of Vert.x's handlers, wait until everything was sent, which
     * never happens where a client takes nothing.
     */
    static void abort(Channel channel) {
        ChannelHandlerContext head = channel.pipeline().firstContext();
        if (head != null) {
            head.close().addListener(closed -> LOG.debug("Aborted a connection: done={}", closed.isSuccess()));
        }
    }

    /** Runs this once the connection is closed, whatever it has become meanwhile: as a WebSocket it tells its handlers nothing. */
    static void onClose(HttpConnection connection, Runnable closed) {
        of(connection)
                .closeFuture()
                .addListener(done -> {
                    LOG.debug("A connection was closed: done={}", done.isSuccess());
                    closed.run();
                });
    }
}
