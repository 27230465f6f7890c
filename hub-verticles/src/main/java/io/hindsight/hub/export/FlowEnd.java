package io.hindsight.hub.export;

import io.hindsight.event.OsEvent.ContainerInfo;
import io.hindsight.hub.resolve.Resolution.Holder;
import io.hindsight.hub.resolve.Resolution.SocketOwner;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Who was at one end of a flow.
 *
 * @param address of this end
 * @param holder who had the address; absent where that is not known
 * @param owner which process had the socket; absent where that is not known
 */
record FlowEnd(InetSocketAddress address, @Nullable Holder holder, @Nullable SocketOwner owner) {
    private static final String POD = "Pod";

    /** Whether more is known than the packet says. */
    boolean isKnown() {
        return holder != null || owner != null;
    }

    /** {@code shop/checkout-7f8b/app pid 4711 nginx}; the address where it has no name. */
    String client() {
        return place(false) + process();
    }

    /** The same with its port: {@code payments/ledger:8080}. */
    String server() {
        return place(true) + ":" + address.getPort() + process();
    }

    private String place(boolean withPort) {
        ContainerInfo container = owner == null ? null : owner.container();
        if (holder != null && (POD.equals(holder.type()) || container == null || container.pod() == null)) {
            return holder.qualifiedName() + containerName(container);
        }
        if (container != null && container.pod() != null) {
            String namespace = container.namespace() == null ? "" : container.namespace() + "/";
            return namespace + container.pod() + containerName(container);
        }
        String text = address.getAddress().getHostAddress();
        return withPort && address.getAddress() instanceof Inet6Address ? "[" + text + "]" : text;
    }

    private String containerName(@Nullable ContainerInfo container) {
        return container == null || container.name() == null || container.pod() == null ? "" : "/" + container.name();
    }

    private String process() {
        return owner == null ? "" : " pid " + owner.pid() + " " + owner.command();
    }
}
