package io.hindsight.hub.resolve;

import java.net.InetAddress;

/**
 * A socket of a node, seen from its own end.
 *
 * @param node on which it is
 * @param protocol 6: TCP, 17: UDP
 * @param remotePort 0 of a socket that has no other end: a listening one
 */
record SocketKey(String node, int protocol, InetAddress local, int localPort, InetAddress remote, int remotePort) {
    boolean isListening() {
        return remotePort == 0;
    }
}
