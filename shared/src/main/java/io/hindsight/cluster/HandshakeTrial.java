package io.hindsight.cluster;

import java.nio.ByteBuffer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/** A member's TLS handshake with itself, in memory: what it shows must be what it would take of another one. One thread. */
final class HandshakeTrial {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final SSLEngine client;
    private final SSLEngine server;
    private final ByteBuffer toServer;
    private final ByteBuffer toClient;
    private final ByteBuffer received;

    private HandshakeTrial(SSLContext context) {
        client = context.createSSLEngine();
        client.setUseClientMode(true);
        server = context.createSSLEngine();
        server.setUseClientMode(false);
        server.setNeedClientAuth(true);
        // A flight of one side may take several records.
        int bytes = 8 * client.getSession().getPacketBufferSize();
        toServer = ByteBuffer.allocate(bytes);
        toClient = ByteBuffer.allocate(bytes);
        received = ByteBuffer.allocate(client.getSession().getApplicationBufferSize());
    }

    /**
     * Blocks for the time of a few signatures.
     *
     * @throws SSLException why another member with the same authority would refuse this one
     */
    static void run(SSLContext context) throws SSLException {
        HandshakeTrial trial = new HandshakeTrial(context);
        trial.client.beginHandshake();
        trial.server.beginHandshake();
        boolean goesOn = true;
        while (goesOn) {
            boolean clientMoved = step(trial.client, trial.toClient, trial.toServer, trial.received);
            boolean serverMoved = step(trial.server, trial.toServer, trial.toClient, trial.received);
            goesOn = clientMoved || serverMoved;
        }
        if (isUnderWay(trial.client) || isUnderWay(trial.server)) {
            throw new SSLException("the handshake does not end");
        }
    }

    private static boolean isUnderWay(SSLEngine engine) {
        return engine.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING;
    }

    /** Does what the engine asks for, once; false where there is nothing that it could do. */
    private static boolean step(SSLEngine engine, ByteBuffer in, ByteBuffer out, ByteBuffer received)
            throws SSLException {
        return switch (engine.getHandshakeStatus()) {
            case NEED_TASK -> {
                engine.getDelegatedTask().run();
                yield true;
            }
            case NEED_WRAP -> engine.wrap(NOTHING, out).bytesProduced() > 0;
            default -> {
                in.flip();
                int taken = engine.unwrap(in, received).bytesConsumed();
                in.compact();
                yield taken > 0;
            }
        };
    }
}
