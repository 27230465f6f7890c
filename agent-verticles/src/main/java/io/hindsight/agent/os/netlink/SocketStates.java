package io.hindsight.agent.os.netlink;

import java.util.List;

/** Names of the kernel's TCP states (net/tcp_states.h), as {@code ss} and bpf tools write them. */
public final class SocketStates {
    public static final String ESTABLISHED = "ESTABLISHED";
    public static final String SYN_SENT = "SYN_SENT";
    public static final String CLOSE = "CLOSE";
    public static final String LISTEN = "LISTEN";

    /** Of a UDP socket that has no peer. */
    public static final String UNCONNECTED = "UNCONNECTED";

    private static final List<String> NAMES =
            List.of(
                    "UNKNOWN",
                    ESTABLISHED,
                    SYN_SENT,
                    "SYN_RECV",
                    "FIN_WAIT1",
                    "FIN_WAIT2",
                    "TIME_WAIT",
                    CLOSE,
                    "CLOSE_WAIT",
                    "LAST_ACK",
                    LISTEN,
                    "CLOSING",
                    "NEW_SYN_RECV");

    private SocketStates() {}

    /** The name of the kernel's number; {@code UNKNOWN} for one that is new. */
    public static String tcp(int state) {
        return state > 0 && state < NAMES.size() ? NAMES.get(state) : NAMES.getFirst();
    }

    /** UDP uses two of the numbers. */
    public static String udp(int state) {
        return tcp(state).equals(ESTABLISHED) ? ESTABLISHED : UNCONNECTED;
    }
}
