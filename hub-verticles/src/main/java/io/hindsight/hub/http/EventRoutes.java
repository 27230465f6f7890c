package io.hindsight.hub.http;

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

    void stream(RoutingContext context) {
        feed.requirePlace();
        HttpServerRequest request = context.request();
        if ("websocket".equalsIgnoreCase(request.getHeader(HttpHeaders.UPGRADE))) {
            request.toWebSocket().onSuccess(socket -> feed.add(new WebSocketSink(socket))).onFailure(context::fail);
        } else {
            Answers.requireAccepted(context, List.of(ServerSentEventSink.MEDIA_TYPE));
            feed.add(new ServerSentEventSink(request));
        }
    }
}
