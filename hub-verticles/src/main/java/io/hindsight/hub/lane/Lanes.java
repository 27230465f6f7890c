package io.hindsight.hub.lane;

import io.hindsight.bus.LinkProtocol;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The lanes of one HTTP server: turns requests of agents into lanes, watches over them, counts. One event loop: the server's, which is that of the
 * verticle that made it; {@link LaneTokens#revoke} alone may come from elsewhere.
 */
public final class Lanes {
    private static final long TICK_MS = 1_000;

    private final Vertx vertx;
    private final LaneTokens tokens;
    private final LaneMemory memory;
    private final LaneLimits limits;
    private final LaneRefusals refusals = new LaneRefusals();
    private final Set<LaneSocket> open = new HashSet<>();
    private long receivedBytes;
    private long receivedChunks;

    /** {@code memory} for all of them. */
    public Lanes(Vertx vertx, LaneTokens tokens, LaneMemory memory, LaneLimits limits) {
        this.vertx = vertx;
        this.tokens = tokens;
        this.memory = memory;
        this.limits = limits;
    }

    /** Starts to watch; once, on the verticle's context, which ends it. */
    public void start() {
        vertx.setPeriodic(TICK_MS, timer -> tick());
    }

    private void tick() {
        long nowNs = System.nanoTime();
        List.copyOf(open).forEach(lane -> lane.tick(nowNs));
    }

    /**
     * Turns a request into a lane; who sent it was asked before, and nothing of its body was read. Succeeded when the lane is open: the request has its
     * {@code 101} then, and must not be answered any more.
     *
     * @param joins whether the sender may join as this node
     * @return failed with UNAUTHENTICATED or FORBIDDEN for its one-time token, with INVALID_REQUEST where it asks for no lane: answer it
     */
    public Future<Void> open(HttpServerRequest request, Predicate<NodeId> joins) {
        if (!LinkProtocol.LANE_UPGRADE.equalsIgnoreCase(request.getHeader(HttpHeaders.UPGRADE))
                || !hasConnectionUpgrade(request)) {
            return refuse(
                    request,
                    LaneRefusal.NO_UPGRADE,
                    ErrorCode.INVALID_REQUEST,
                    "Upgrade",
                    "A lane is asked for with \"Connection: Upgrade\" and \"Upgrade: "
                            + LinkProtocol.LANE_UPGRADE
                            + "\".");
        }
        String token = request.getHeader(LinkProtocol.LANE_HEADER);
        if (token == null) {
            return refuse(
                    request,
                    LaneRefusal.NO_TOKEN,
                    ErrorCode.UNAUTHENTICATED,
                    LinkProtocol.LANE_HEADER,
                    "A lane takes the one-time token of the order in the header " + LinkProtocol.LANE_HEADER + ".");
        }
        if (tokens.orderOf(token).filter(order -> !joins.test(order.node())).isPresent()) {
            return refuse(
                    request,
                    LaneRefusal.OTHER_NODE,
                    ErrorCode.FORBIDDEN,
                    LinkProtocol.LANE_HEADER,
                    "The lane's token is of a node that the caller does not join as.");
        }
        Optional<LaneOrder> order = tokens.redeem(token);
        return order.isPresent() ? upgrade(request, token, order.get()) : refuseToken(request, tokens.refusal(token));
    }

    private static boolean hasConnectionUpgrade(HttpServerRequest request) {
        return request.headers().getAll(HttpHeaders.CONNECTION).stream()
                .flatMap(value -> Stream.of(value.split(",")))
                .anyMatch(option -> option.strip().equalsIgnoreCase("upgrade"));
    }

    private Future<Void> refuseToken(HttpServerRequest request, LaneRefusal cause) {
        return refuse(
                request,
                cause,
                ErrorCode.FORBIDDEN,
                LinkProtocol.LANE_HEADER,
                "The lane's token opens nothing: it opens one lane, once, within "
                        + LaneTokens.LIFETIME.toSeconds()
                        + " s of its order.");
    }

    private Future<Void> refuse(
            HttpServerRequest request, LaneRefusal cause, ErrorCode code, String field, String words) {
        refused(cause, host(request.remoteAddress()), words);
        return Future.failedFuture(HindsightException.ofField(code, field, words));
    }

    private Future<Void> upgrade(HttpServerRequest request, String token, LaneOrder order) {
        request.response()
                .putHeader(HttpHeaders.UPGRADE, LinkProtocol.LANE_UPGRADE)
                .putHeader(HttpHeaders.CONNECTION, HttpHeaders.UPGRADE);
        return request.toNetSocket().map(socket -> started(socket, token, order));
    }

    private Void started(NetSocket socket, String token, LaneOrder order) {
        Context context = vertx.getOrCreateContext();
        LaneSocket lane = new LaneSocket(this, order, (NetSocketInternal) socket, context, gone -> closed(gone, token));
        open.add(lane);
        lane.start();
        if (!tokens.opened(token, () -> context.runOnContext(revoked -> lane.close()))) {
            lane.close();
        }
        return null;
    }

    private void closed(LaneSocket lane, String token) {
        open.remove(lane);
        tokens.closed(token);
    }

    void refused(LaneRefusal cause, String peer, String words) {
        refusals.refused(cause, peer, words);
    }

    void received(int bytes) {
        receivedBytes += bytes;
    }

    void handedOn() {
        receivedChunks++;
    }

    Vertx vertx() {
        return vertx;
    }

    LaneMemory memory() {
        return memory;
    }

    LaneLimits limits() {
        return limits;
    }

    /** Without the port, which is another one for each connection. */
    static String host(SocketAddress address) {
        return address.hostAddress() == null ? String.valueOf(address) : address.hostAddress();
    }

    /** Lanes that are open. */
    public int openCount() {
        return open.size();
    }

    /** Lanes that wait for room. */
    public int waitingCount() {
        return memory.waitingCount();
    }

    /** Bytes of chunks that have room. */
    public long usedBytes() {
        return memory.usedBytes();
    }

    /** Bytes that have come. */
    public long receivedBytes() {
        return receivedBytes;
    }

    /** Chunks that were handed on. */
    public long receivedChunks() {
        return receivedChunks;
    }

    /** Refusals of this cause. */
    public long refusedCount(LaneRefusal cause) {
        return refusals.count(cause);
    }
}
