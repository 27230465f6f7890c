package io.hindsight.agent.filter;

import io.hindsight.agent.capture.CaptureFilter.TcpEndpoint;
import io.hindsight.agent.capture.IpAddress;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Where the agent's own connections to the Hub lead, which may be a service's address that the Hub knows nothing of. Links and lanes tell of them ({@link OwnTraffic}). Bounded: of
 * more than {@value #MAX_CONNECTIONS} the oldest is forgotten. Thread-safe.
 */
final class OwnConnections {
    /** Addresses of Hubs that are remembered. */
    static final int MAX_CONNECTIONS = 8;

    // Guarded by this object's lock.
    private final Set<TcpEndpoint> recent = new LinkedHashSet<>();

    private final AtomicLong changes = new AtomicLong();

    synchronized void add(TcpEndpoint endpoint) {
        if (!recent.add(endpoint)) {
            return;
        }
        if (recent.size() > MAX_CONNECTIONS) {
            recent.remove(recent.iterator().next());
        }
        changes.incrementAndGet();
    }

    synchronized Set<TcpEndpoint> now() {
        return Set.copyOf(recent);
    }

    /** Another number whenever something has changed. */
    long changes() {
        return changes.get();
    }

    /** An endpoint that was told of; empty where it has no IP address. */
    static Optional<TcpEndpoint> parse(JsonObject told) {
        return IpAddress.parse(told.getString("address", ""))
                .map(address -> new TcpEndpoint(address, told.getInteger("port", 0)));
    }
}
