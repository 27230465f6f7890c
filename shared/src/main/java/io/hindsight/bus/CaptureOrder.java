package io.hindsight.bus;

import io.hindsight.api.CaptureState;
import java.util.List;

/**
 * {@link AgentAction#CAPTURE}: record this from now on. Sent when an agent links, when the policy changes, and whenever a heartbeat shows another revision. Immutable.
 *
 * @param state the policy
 * @param own where the Hub is reached, so that the program's own traffic can be left out
 */
public record CaptureOrder(CaptureState state, List<OwnEndpoint> own) {
    /** Endpoints of a Hub that an agent leaves out, at most: what is beyond is recorded. */
    public static final int MAX_OWN = 64;

    public CaptureOrder {
        own = List.copyOf(own);
    }

    /**
     * Where the Hub listens.
     *
     * @param address IPv4 or IPv6, no name
     * @param port TCP
     */
    public record OwnEndpoint(String address, int port) {}
}
