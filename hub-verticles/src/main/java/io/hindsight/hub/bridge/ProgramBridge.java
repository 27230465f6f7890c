package io.hindsight.hub.bridge;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.access.Caller;
import io.hindsight.hub.link.LinkInbox;
import io.vertx.core.Vertx;
import io.vertx.core.http.ServerWebSocket;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The bridge for programs. It speaks the protocol of Vert.x's bridges and is its own, because those tell a refused program nothing of what and why, pass on whatever
 * headers it sends, and bound neither what waits for it nor what it makes them hold. All fields belong to the context on which {@link #start()} was called.
 */
public final class ProgramBridge {
    private static final long CHECK_INTERVAL_MS = 500;

    private final Vertx vertx;
    private final BridgeLimits limits;
    private final BusOperations operations;
    private final BridgeCounters counters = new BridgeCounters();
    private final LinkInbox.PartialBytes partial;
    private final Backlog.Total backlogs;
    private final ClientAddresses clients;
    private final Set<ProgramWebSocket> open = new LinkedHashSet<>();
    private long lastPingNs = System.nanoTime();

    /**
     * How a WebSocket came about.
     *
     * @param sockJs whether SockJS wraps its messages
     * @param caller who opened it
     * @param from its address
     * @param abort cuts the connection at once
     */
    public record Opening(boolean sockJs, Caller caller, String from, Runnable abort) {}

    /** Nothing happens before {@link #start()}. */
    public ProgramBridge(Vertx vertx, BridgeLimits limits, BusOperations operations) {
        this.vertx = vertx;
        this.limits = limits;
        this.operations = operations;
        this.partial = new LinkInbox.PartialBytes(limits.maxPartialBytes());
        this.backlogs = new Backlog.Total(limits.maxBacklogBytes());
        this.clients = new ClientAddresses(vertx);
    }

    /** Watches its connections. */
    public void start() {
        vertx.setPeriodic(CHECK_INTERVAL_MS, timer -> check());
    }

    /** Before a connection is let in: TOO_MANY_REQUESTS where there are enough. */
    public void requirePlace() {
        if (open.size() >= limits.maxSockets()) {
            throw new HindsightException(
                    ErrorCode.TOO_MANY_REQUESTS,
                    "limit=" + limits.maxSockets() + " programs are connected to the bridge.");
        }
    }

    /** Joins a program to the bus. */
    public void open(ServerWebSocket webSocket, Opening opening) {
        ProgramWebSocket socket = new ProgramWebSocket(this, webSocket, opening);
        open.add(socket);
        socket.open(() -> open.remove(socket));
    }

    private void check() {
        long nowNs = System.nanoTime();
        boolean pings = nowNs - lastPingNs >= limits.pingInterval().toNanos();
        if (pings) {
            lastPingNs = nowNs;
        }
        for (ProgramWebSocket socket : List.copyOf(open)) {
            socket.check(nowNs);
            if (pings) {
                socket.ping();
            }
        }
    }

    Vertx vertx() {
        return vertx;
    }

    BridgeLimits limits() {
        return limits;
    }

    LinkInbox.PartialBytes partial() {
        return partial;
    }

    Backlog backlog() {
        return new Backlog(backlogs, limits.maxSocketBacklogBytes());
    }

    ProgramSession session(ProgramConnection connection, String from) {
        return new ProgramSession(vertx, limits, counters, operations, clients, connection, from);
    }

    /** What was refused and carried. */
    public BridgeCounters counters() {
        return counters;
    }

    /** WebSockets that are open. */
    public int openCount() {
        return open.size();
    }

    /** Bytes that wait for programs. */
    public long backlogBytes() {
        return backlogs.held();
    }

    /** Bytes of messages that have arrived in part. */
    public long partialBytes() {
        return partial.held();
    }
}
