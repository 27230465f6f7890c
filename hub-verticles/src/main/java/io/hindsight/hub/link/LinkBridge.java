package io.hindsight.hub.link;

import io.hindsight.bus.Addresses;
import io.hindsight.bus.BusFailures;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.bridge.PermittedOptions;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.sockjs.BridgeEvent;
import io.vertx.ext.web.handler.sockjs.SockJSBridgeOptions;
import io.vertx.ext.web.handler.sockjs.SockJSSocket;
import io.vertx.ext.web.handler.sockjs.impl.EventBusBridgeImpl;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Vert.x Web's event-bus bridge for links. It is put behind {@link LinkSocket} rather than behind {@code SockJSHandler}: that one opens a dozen paths for
 * browsers that cannot be switched off, keeps the WebSocket to itself, so that nothing of it can be bounded, and shows its hook only what it has understood.
 * All fields belong to the context on which {@link #start()} was called.
 */
public final class LinkBridge {
    /** For answers either way: longer than any that the Hub or an agent waits for. */
    static final Duration REPLY_TIMEOUT = Duration.ofMinutes(2);

    private static final long CHECK_INTERVAL_MS = 500;

    /** Idleness is seen by {@link LinkSocket}, on the monotonic clock. */
    private static final Duration BRIDGE_PING_TIMEOUT = Duration.ofDays(1);

    private final Vertx vertx;
    private final LinkRegistry registry;
    private final LinkLimits limits;
    private final LinkCounters counters = new LinkCounters();
    private final LinkInbox.PartialBytes partialBytes;
    private final EventBusBridgeImpl bridge;
    private final Map<SockJSSocket, Open> open = new HashMap<>();
    private long lastPingNs = System.nanoTime();

    private record Open(LinkSocket socket, LinkPermissions permissions) {}

    /** Nothing happens before {@link #start()}. */
    public LinkBridge(Vertx vertx, LinkRegistry registry, LinkLimits limits) {
        this.vertx = vertx;
        this.registry = registry;
        this.limits = limits;
        this.partialBytes = new LinkInbox.PartialBytes(limits.maxPartialBytes());
        this.bridge = new EventBusBridgeImpl(vertx, null, options(), this::hook);
    }

    /** The hook is asked first, and knows whose link it is; these are its outer bounds. */
    private static SockJSBridgeOptions options() {
        return new SockJSBridgeOptions()
                .setMaxAddressLength(LinkPermissions.MAX_ADDRESS_LENGTH)
                .setMaxHandlersPerSocket(LinkPermissions.MAX_UNANSWERED)
                .setPingTimeout(BRIDGE_PING_TIMEOUT.toMillis())
                .setReplyTimeout(REPLY_TIMEOUT.toMillis())
                .addInboundPermitted(new PermittedOptions().setAddress(Addresses.HEARTBEATS))
                .addInboundPermitted(new PermittedOptions().setAddressRegex(Pattern.quote("hindsight.chunks.") + ".+"))
                .addOutboundPermitted(
                        new PermittedOptions().setAddressRegex(Pattern.quote("hindsight.agents.") + ".+"));
    }

    /** Watches its links. */
    public void start() {
        vertx.setPeriodic(CHECK_INTERVAL_MS, timer -> check());
    }

    /** Before a link is admitted: TOO_MANY_REQUESTS where there are enough. */
    public void requirePlace() {
        if (open.size() >= limits.maxLinks()) {
            throw new HindsightException(
                    ErrorCode.TOO_MANY_REQUESTS, "limit=" + limits.maxLinks() + " agents are linked.");
        }
    }

    /**
     * Joins an admitted agent to the bus.
     *
     * @param abort cuts the connection at once
     */
    public void open(RoutingContext request, ServerWebSocket webSocket, Link link, Runnable abort) {
        Context context = vertx.getOrCreateContext();
        LinkSocket socket = new LinkSocket(vertx, request, webSocket, link, limits, partialBytes, counters, abort);
        link.onTakenOver(() -> context.runOnContext(now -> socket.takenOver()));
        open.put(socket, new Open(socket, new LinkPermissions(link.identity(), REPLY_TIMEOUT)));
        bridge.handle(socket);
        socket.open();
    }

    private void hook(BridgeEvent event) {
        Open link = open.get(event.socket());
        if (link == null) {
            // Of a socket that has gone.
            event.complete(false);
            return;
        }
        event.complete(
                switch (event.type()) {
                    case SOCKET_CREATED, SOCKET_PING, SOCKET_IDLE, SOCKET_ERROR, REGISTERED -> true;
                    case SOCKET_CLOSED -> closed(link);
                    case REGISTER, UNREGISTER -> register(link, event.getRawMessage());
                    case SEND -> send(link, event.getRawMessage());
                    case RECEIVE -> link.permissions().receive(event.getRawMessage());
                    case PUBLISH -> refused(link, LinkRefusal.ADDRESS, "It may not publish.");
                });
    }

    private boolean register(Open link, JsonObject message) {
        String address = message.getString("address", "");
        return link.permissions().mayRegister(address)
                || refused(link, LinkRefusal.ADDRESS, "It may not register address=" + shown(address) + ".");
    }

    private boolean send(Open link, JsonObject message) {
        Optional<LinkRefusal> cause = link.permissions().send(message);
        return cause.isEmpty()
                || refused(
                        link,
                        cause.get(),
                        "It may not send this to address=" + shown(message.getString("address", "")) + ".");
    }

    private boolean refused(Open link, LinkRefusal cause, String reason) {
        counters.refuse(cause, link.socket().link().toString(), reason);
        return false;
    }

    /** An address of a stranger, fit for a log. */
    private static String shown(String address) {
        String plain = address.replaceAll("[^ -~]", "?");
        return plain.length() > 100 ? plain.substring(0, 100) + "…" : plain;
    }

    private boolean closed(Open link) {
        open.remove(link.socket());
        link.socket().closed();
        registry.closed(link.socket().link());
        failUnanswered(link);
        return true;
    }

    /** Whoever waits for this agent's answer need not wait for the time-out. */
    private void failUnanswered(Open link) {
        HindsightException gone =
                new HindsightException(
                        ErrorCode.AGENT_UNREACHABLE,
                        "The link of node="
                                + link.socket().link().identity().node()
                                + " broke before the answer came.");
        DeliveryOptions failure =
                new DeliveryOptions().addHeader(BusFailures.FAILURE_HEADER, String.valueOf(gone.code().number()));
        for (String replyAddress : link.permissions().unanswered()) {
            vertx.eventBus().send(replyAddress, BusFailures.detail(gone), failure);
        }
    }

    private void check() {
        long nowNs = System.nanoTime();
        boolean pings = nowNs - lastPingNs >= limits.pingInterval().toNanos();
        if (pings) {
            lastPingNs = nowNs;
        }
        for (Open link : List.copyOf(open.values())) {
            link.socket().check(nowNs);
            if (pings) {
                link.socket().ping();
            }
        }
    }

    /** What was refused, here and before. */
    public LinkCounters counters() {
        return counters;
    }

    /** Links that are open. */
    public int openCount() {
        return open.size();
    }

    /** Bytes of messages that have arrived in part. */
    public long partialBytes() {
        return partialBytes.held();
    }
}
