package io.hindsight.hub.http;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.ext.web.RoutingContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Each event is one text message. What the client sends is passed over. */
final class WebSocketSink implements EventSink {
    private static final Logger LOG = LoggerFactory.getLogger(WebSocketSink.class);

    private final RoutingContext context;
    private final ServerWebSocket socket;

    WebSocketSink(RoutingContext context, ServerWebSocket socket) {
        this.context = context;
        this.socket = socket;
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
