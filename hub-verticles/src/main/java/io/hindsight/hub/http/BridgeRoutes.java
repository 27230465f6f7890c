package io.hindsight.hub.http;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.bridge.BridgeRefusal;
import io.hindsight.hub.bridge.ProgramBridge;
import io.netty.channel.Channel;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.ThreadLocalRandom;

/**
 * {@code /eventbus}: where programs join the Hub's bus, over a plain WebSocket or SockJS's. Not an operation of the contract: what a program may do there is settled
 * message by message. Of SockJS there is its WebSocket alone; its other transports are requests that cannot be told from a page's. One context.
 */
final class BridgeRoutes {
    /** Below it lie all paths of the bridge. */
    static final String PREFIX = HttpVerticle.API_PREFIX + "/eventbus";

    /**
     * What SockJS asks first. Answered to everybody, as {@code /health} is: its clients send no header with it, and it says nothing of this Hub.
     */
    static final String INFO_PATH = PREFIX + "/info";

    /** The WebSockets: the plain one, and SockJS's below a server's and a session's name that mean nothing here. */
    static final String SOCKET_PATHS = PREFIX + "/(?:[^/.]{1,64}/[^/.]{1,64}/)?websocket";

    private static final String PLAIN_PATH = PREFIX + "/websocket";

    private final ProgramBridge bridge;
    private final ConnectionGuard connections;

    BridgeRoutes(ProgramBridge bridge, ConnectionGuard connections) {
        this.bridge = bridge;
        this.connections = connections;
    }

    void info(RoutingContext context) {
        context.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json; charset=UTF-8")
                .end(
                        new JsonObject()
                                .put("websocket", true)
                                .put("cookie_needed", false)
                                .put("origins", new JsonArray().add("*:*"))
                                .put("entropy", ThreadLocalRandom.current().nextInt() & 0xFFFF_FFFFL)
                                .encode());
    }

    /** Ahead of everything that reads bodies: once a request has been read, it cannot become a WebSocket any more. */
    void upgrade(RoutingContext context) {
        if (!context.request().canUpgradeToWebSocket()) {
            context.response().putHeader(HttpHeaders.UPGRADE, "websocket");
            throw new ProblemException(
                    Problem.ofField(
                            426,
                            ErrorCode.INVALID_REQUEST,
                            "Upgrade",
                            "Here programs join the event bus, over a WebSocket (RFC 6455)."));
        }
        bridge.requirePlace();
        HttpConnection connection = context.request().connection();
        Channel channel = Channels.of(connection);
        context.request()
                .toWebSocket()
                .onSuccess(socket -> {
                    connections.handOver(connection);
                    open(context, socket, channel);
                })
                .onFailure(refused ->
                        context.fail(
                                new ProblemException(
                                        Problem.ofField(
                                                400,
                                                ErrorCode.INVALID_REQUEST,
                                                "Upgrade",
                                                "This is no WebSocket handshake (RFC 6455)."))));
    }

    private void open(RoutingContext context, ServerWebSocket socket, Channel channel) {
        bridge.open(
                socket,
                new ProgramBridge.Opening(
                        !context.request().path().equals(PLAIN_PATH),
                        AuthenticationCheck.who(context),
                        context.request().remoteAddress().hostAddress(),
                        () -> Channels.abort(channel)));
    }

    /** Of requests that opened nothing: counts them; {@link ProblemHandler} answers, and records. */
    void refused(RoutingContext context) {
        ErrorCode code =
                switch (context.failure()) {
                    case HindsightException known -> known.code();
                    case ProblemException refusal -> refusal.problem().code();
                    case null, default -> ErrorCode.INTERNAL;
                };
        bridge.counters().refuse(BridgeRefusal.of(code));
        context.next();
    }
}
