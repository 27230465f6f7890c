package io.hindsight.hub.http;

import io.hindsight.bus.LinkProtocol;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.access.Caller;
import io.hindsight.hub.link.Link;
import io.hindsight.hub.link.LinkBridge;
import io.hindsight.hub.link.LinkIdentity;
import io.hindsight.hub.link.LinkRefusal;
import io.hindsight.hub.link.LinkRegistry;
import io.hindsight.hub.link.VersionSkew;
import io.netty.channel.Channel;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;

/**
 * {@link LinkProtocol#LINK_PATH}: settles who an agent is before its WebSocket opens. Not in the contract: it is no part of the API for users. A web page cannot
 * link: {@link BrowserGuard} keeps those of other origins out, and no page can set the headers of {@link LinkIdentity} on a WebSocket. One context.
 */
final class LinkRoutes {
    private final LinkBridge bridge;
    private final LinkRegistry registry;
    private final ConnectionGuard connections;
    private final String version;

    LinkRoutes(LinkBridge bridge, LinkRegistry registry, ConnectionGuard connections, String version) {
        this.bridge = bridge;
        this.registry = registry;
        this.connections = connections;
        this.version = version;
    }

    /** Ahead of everything that reads bodies: once a request has been read, it cannot become a WebSocket any more. */
    void upgrade(RoutingContext context) {
        HttpServerRequest request = context.request();
        requireWebSocket(context);
        LinkIdentity identity = LinkIdentity.of(request.headers());
        requireNode(context, identity);
        VersionSkew.require(version, identity.version());
        bridge.requirePlace();
        open(context, registry.claim(identity, request.remoteAddress().hostAddress()));
    }

    private static void requireWebSocket(RoutingContext context) {
        if (!context.request().canUpgradeToWebSocket()) {
            context.response().putHeader(HttpHeaders.UPGRADE, "websocket");
            throw new ProblemException(
                    Problem.ofField(
                            426,
                            ErrorCode.INVALID_REQUEST,
                            "Upgrade",
                            "Here agents link, over a WebSocket (RFC 6455): 'hindsight agent --hub URL' does."));
        }
    }

    private static void requireNode(RoutingContext context, LinkIdentity identity) {
        Caller caller = AuthenticationCheck.who(context);
        if (!caller.joinsAs(identity.node())) {
            throw HindsightException.ofField(
                    ErrorCode.FORBIDDEN,
                    LinkProtocol.NODE_HEADER,
                    "The caller "
                            + caller.name()
                            + " does not join as node="
                            + identity.node()
                            + ", but as "
                            + String.join(", ", caller.joinsAs().stream().sorted().limit(5).toList())
                            + ".");
        }
    }

    private void open(RoutingContext context, Link link) {
        HttpConnection connection = context.request().connection();
        Channel channel = Channels.of(connection);
        context.request()
                .toWebSocket()
                .onSuccess(socket -> {
                    connections.handOver(connection);
                    bridge.open(context, socket, link, () -> Channels.abort(channel));
                })
                .onFailure(refused -> {
                    registry.closed(link);
                    context.fail(
                            new ProblemException(
                                    Problem.ofField(
                                            400,
                                            ErrorCode.INVALID_REQUEST,
                                            "Upgrade",
                                            "This is no WebSocket handshake (RFC 6455).")));
                });
    }

    /** Of requests for a link that failed: counts them; {@link ProblemHandler} answers. */
    void refused(RoutingContext context) {
        ErrorCode code =
                switch (context.failure()) {
                    case HindsightException known -> known.code();
                    case ProblemException refusal -> refusal.problem().code();
                    case null, default -> ErrorCode.INTERNAL;
                };
        LinkRefusal cause = LinkRefusal.of(code);
        if (cause == LinkRefusal.CONFLICT) {
            // The registry has logged it, once for each pair of agents.
            bridge.counters().count(cause);
        } else {
            bridge.counters()
                    .refuse(
                            cause,
                            "from=" + context.request().remoteAddress().hostAddress(),
                            String.valueOf(context.failure() == null ? code : context.failure().getMessage()));
        }
        context.next();
    }
}
