package io.hindsight.hub.bridge;

import io.vertx.core.Future;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bridge for programs over TCP: the protocol of {@code vertx-tcp-eventbus-bridge} 5.0.8, each message with its length before it. The library itself would
 * collect a message of any length, hold whatever waits, and pass on headers that choose codecs. One context.
 */
public final class TcpBridge {
    private static final Logger LOG = LoggerFactory.getLogger(TcpBridge.class);
    private static final long CHECK_INTERVAL_MS = 500;

    private final ProgramBridge bridge;
    private final BearerCheck authentication;
    private final Set<ProgramTcpSocket> open = new LinkedHashSet<>();

    /** Nothing happens before {@link #listen}. */
    public TcpBridge(ProgramBridge bridge, BearerCheck authentication) {
        this.bridge = bridge;
        this.authentication = authentication;
    }

    /** Keep the server: Vert.x closes the connections of one that nobody refers to. */
    public Future<NetServer> listen(NetServerOptions options) {
        bridge.vertx().setPeriodic(CHECK_INTERVAL_MS, timer -> check());
        return bridge.vertx()
                .createNetServer(options)
                .connectHandler(this::opened)
                .exceptionHandler(broken -> LOG.debug("A TLS handshake failed: {}", broken.getClass().getName()))
                .listen();
    }

    private void opened(NetSocket socket) {
        if (open.size() >= bridge.limits().maxSockets()) {
            bridge.counters().refuse(BridgeRefusal.TOO_MANY);
            socket.close().onFailure(gone -> LOG.debug("It has gone already: {}", gone.toString()));
            return;
        }
        ProgramTcpSocket program = new ProgramTcpSocket(bridge, socket, authentication);
        open.add(program);
        program.open(() -> open.remove(program));
    }

    private void check() {
        long nowNs = System.nanoTime();
        List.copyOf(open).forEach(program -> program.check(nowNs));
    }

    /** Connections that are open. */
    public int openCount() {
        return open.size();
    }
}
