package io.hindsight.agent.os.netlink;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@link OpenSockets} found.
 *
 * @param sockets in no order
 * @param cut sockets that were left out because there were too many; at least
 * @param problem why sockets of some network namespaces are not in it, a whole sentence; absent where all are
 */
public record SocketList(List<NetSocket> sockets, long cut, @Nullable String problem) {
    public SocketList {
        sockets = List.copyOf(sockets);
    }
}
