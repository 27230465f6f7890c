package io.hindsight.hub.http;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.ext.web.RoutingContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Each event is one text message. A client has nothing to say: what it sends is passed over while it is short, and otherwise ends the connection. The server's
 * own bound is for links, which are one server's WebSockets as well.
 */
final class WebSocketSink implements EventSink {
    private static final Logger LOG = LoggerFactory.getLogger(WebSocketSink.class);

    private static final int MAX_FRAME_BYTES = 4 << 10;

    private final RoutingContext context;
    private final ServerWebSocket socket;

    WebSocketSink(RoutingContext context, ServerWebSocket socket) {
        this.context = context;
        this.socket = socket;
        socket.frameHandler(frame -> {
            if (frame.binaryData().length() > MAX_FRAME_BYTES) {
                LOG.debug("A reader of events sent a frame of {} bytes", frame.binaryData().length());
                close();
            }
        });
        socket.exceptionHandler(failure -> LOG.debug("A WebSocket failed: {}", failure.toString()));
    }

    @Override
    public Future<Void> write(HubEvent event) {
        return socket.writeTextMessage(event.json());
    }

    @Override
    public void ping() {
        socket.writePing(Buffer.buffer()).onFailure(gone -> LOG.debug("No ping: {}", gone.toString()));
    }

    @Override
    public boolean isFull() {
        return socket.isClosed() || socket.writeQueueFull();
    }

    @Override
    public void onDrain(Runnable ready) {
        socket.drainHandler(drained -> ready.run());
    }

    @Override
    public void onClose(Runnable closed) {
        socket.closeHandler(gone -> closed.run());
    }

    @Override
    public void close() {
        // No close frame: it would wait behind what the reader does not take.
        Channels.abort(context);
    }
}
