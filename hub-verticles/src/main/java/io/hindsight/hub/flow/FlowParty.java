package io.hindsight.hub.flow;

import io.hindsight.api.Flow;
import io.hindsight.api.FlowGroup;
import io.hindsight.event.OsEvent.ContainerInfo;
import io.hindsight.hub.resolve.Resolution.Holder;
import io.hindsight.hub.resolve.Resolution.Owner;
import io.hindsight.hub.resolve.Resolution.SocketOwner;
import org.jspecify.annotations.Nullable;

/**
 * Who one end of a flow was, as far as the snapshot knows.
 *
 * @param holder who had the address then
 * @param owner which process had the socket
 */
record FlowParty(@Nullable Holder holder, @Nullable SocketOwner owner) {
    static final FlowParty UNKNOWN = new FlowParty(null, null);

    private static final String POD = "Pod";

    /** Whether the address or the process belongs to the namespace. */
    boolean isInNamespace(String namespace) {
        ContainerInfo container = container();
        return (holder != null && namespace.equals(holder.namespace()))
                || (container != null && namespace.equals(container.namespace()));
    }

    /** Whether the address or the process belongs to the pod: its name, or {@code namespace/name}. */
    boolean isPod(String pod) {
        ContainerInfo container = container();
        return (holder != null && holder.type().equals(POD) && isNamed(pod, holder.namespace(), holder.name()))
                || (container != null && isNamed(pod, container.namespace(), container.pod()));
    }

    private static boolean isNamed(String wanted, @Nullable String namespace, @Nullable String name) {
        return name != null && (wanted.equals(name) || wanted.equals(namespace + "/" + name));
    }

    /** Whether the process has this command or pid. */
    boolean isProcess(String process) {
        return owner != null && (owner.command().equals(process) || Integer.toString(owner.pid()).equals(process));
    }

    private @Nullable ContainerInfo container() {
        return owner == null ? null : owner.container();
    }

    Flow.@Nullable Workload workload() {
        if (holder == null) {
            return null;
        }
        Owner above = holder.owner();
        return new Flow.Workload(
                holder.type(),
                holder.namespace(),
                holder.name(),
                holder.node(),
                above == null ? null : above.kind(),
                above == null ? null : above.name());
    }

    Flow.@Nullable SocketProcess process() {
        if (owner == null) {
            return null;
        }
        ContainerInfo container = owner.container();
        return new Flow.SocketProcess(
                owner.node(),
                owner.pid(),
                owner.command(),
                owner.uid(),
                container == null ? null : container.namespace(),
                container == null ? null : container.pod(),
                container == null ? null : container.name() == null ? container.id() : container.name());
    }

    /** The topmost owner of whoever had the address; else that one itself; else the pod of the process; else the address. */
    FlowGroup.Party asWorkload(String address) {
        ContainerInfo container = container();
        if (holder != null) {
            Owner above = holder.owner();
            return above == null
                    ? new FlowGroup.Party(holder.type(), holder.namespace(), holder.name())
                    : new FlowGroup.Party(above.kind(), holder.namespace(), above.name());
        }
        return container != null && container.pod() != null
                ? new FlowGroup.Party(POD, container.namespace(), container.pod())
                : new FlowGroup.Party("Address", null, address);
    }

    /** The namespace of whoever had the address, or of the process's pod. */
    FlowGroup.Party asNamespace() {
        ContainerInfo container = container();
        String ofContainer = container == null ? null : container.namespace();
        String namespace = holder != null && holder.namespace() != null ? holder.namespace() : ofContainer;
        return namespace == null
                ? new FlowGroup.Party("Unknown", null, "")
                : new FlowGroup.Party("Namespace", null, namespace);
    }
}
