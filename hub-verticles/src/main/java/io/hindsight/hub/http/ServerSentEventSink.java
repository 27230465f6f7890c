package io.hindsight.hub.http;

import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Server-sent events (WHATWG HTML, section 9.2). */
final class ServerSentEventSink implements EventSink {
    static final String MEDIA_TYPE = "text/event-stream";

    private static final Logger LOG = LoggerFactory.getLogger(ServerSentEventSink.class);

    private final HttpServerRequest request;
    private final HttpServerResponse response;

    ServerSentEventSink(HttpServerRequest request) {
        this.request = request;
        this.response = request.response();
        response.setChunked(true)
                .putHeader(HttpHeaders.CONTENT_TYPE, MEDIA_TYPE)
                .putHeader(HttpHeaders.CONTENT_ENCODING, HttpHeaders.IDENTITY)
                .putHeader("X-Accel-Buffering", "no");
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
        response.closeHandler(gone -> closed.run());
        response.exceptionHandler(ServerSentEventSink::gone);
    }

    @Override
    public void close(String reason) {
        request.connection().close().onFailure(ServerSentEventSink::gone);
    }
}
