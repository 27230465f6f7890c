package io.hindsight.hub.http;

import io.hindsight.error.ErrorCode;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.List;

/** {@code /events}: a WebSocket where the client asks for one, else server-sent events. Stateless. */
final class EventRoutes {
    private final EventFeed feed;

    EventRoutes(EventFeed feed) {
        this.feed = feed;
    }

    /** Ahead of the contract's route: once a request has been read, it cannot become a WebSocket any more. */
    void upgrade(RoutingContext context) {
        HttpServerRequest request = context.request();
        if (!"websocket".equalsIgnoreCase(request.getHeader(HttpHeaders.UPGRADE))) {
            context.next();
            return;
        }
        feed.requirePlace();
        request.toWebSocket()
                .onSuccess(socket -> feed.add(new WebSocketSink(context, socket)))
                .onFailure(refused ->
                        context.fail(
                                new ProblemException(
                                        Problem.ofField(
                                                400,
                                                ErrorCode.INVALID_REQUEST,
                                                "Upgrade",
                                                "This is no WebSocket handshake (RFC 6455)."))));
    }

    void stream(RoutingContext context) {
        feed.requirePlace();
        Answers.requireAccepted(context, List.of(ServerSentEventSink.MEDIA_TYPE));
        feed.add(new ServerSentEventSink(context));
    }
}
