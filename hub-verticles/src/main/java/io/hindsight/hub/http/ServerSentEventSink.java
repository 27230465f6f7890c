package io.hindsight.hub.http;

import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Server-sent events (WHATWG HTML, section 9.2). */
final class ServerSentEventSink implements EventSink {
    static final String MEDIA_TYPE = "text/event-stream";

    private static final Logger LOG = LoggerFactory.getLogger(ServerSentEventSink.class);

    private final RoutingContext context;
    private final HttpServerResponse response;

    ServerSentEventSink(RoutingContext context) {
        this.context = context;
        this.response = context.response();
        response.setChunked(true).putHeader(HttpHeaders.CONTENT_TYPE, MEDIA_TYPE).putHeader("X-Accel-Buffering", "no");
        // Sent at once, so that the reader knows that it is connected.
        response.write(": connected\n\n").onFailure(ServerSentEventSink::gone);
    }

    @Override
    public Future<Void> write(HubEvent event) {
        return response.write("event: " + event.type() + "\ndata: " + event.json() + "\n\n");
    }

    @Override
    public void ping() {
        response.write(": ping\n\n").onFailure(ServerSentEventSink::gone);
    }

    private static void gone(Throwable failure) {
        LOG.debug("A reader of events has gone: {}", failure.toString());
    }

    @Override
    public boolean isFull() {
        return response.closed() || response.writeQueueFull();
    }

    @Override
    public void onDrain(Runnable ready) {
        response.drainHandler(drained -> ready.run());
    }

    @Override
    public void onClose(Runnable closed) {
        context.addEndHandler(gone -> closed.run());
    }

    @Override
    public void close() {
        // At once: what waits for the reader is what it does not take.
        Channels.abort(context);
    }
}
