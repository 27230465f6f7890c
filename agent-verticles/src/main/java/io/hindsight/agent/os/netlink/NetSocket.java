package io.hindsight.agent.os.netlink;

/**
 * A TCP or UDP socket as the kernel lists it.
 *
 * @param netns inode of its network namespace
 * @param protocol {@code tcp} or {@code udp}
 * @param localAddress numeric; IPv4 where an IPv6 socket carries it
 * @param localPort 0 to 65,535
 * @param remoteAddress numeric; unspecified where it has none
 * @param remotePort 0 where it has none
 * @param state as {@link SocketStates} names it
 * @param inode which {@code /proc/PID/fd} refers to; never 0
 */
public record NetSocket(
        long netns,
        String protocol,
        String localAddress,
        int localPort,
        String remoteAddress,
        int remotePort,
        String state,
        long inode) {
    /** Whether it waits for connections. */
    public boolean isListening() {
        return state.equals(SocketStates.LISTEN);
    }

    /** Whether it is an end of a TCP connection that was established. */
    public boolean isConnection() {
        return protocol.equals("tcp") && !isListening() && remotePort != 0 && !state.equals(SocketStates.SYN_SENT);
    }
}
