package io.hindsight.hub.flow;

import org.jspecify.annotations.Nullable;

/**
 * Which flows are shown. All that is given has to hold; it holds if it does of one of the ends. Immutable.
 *
 * @param namespace of the address or of the process's pod
 * @param pod name, or {@code namespace/name}
 * @param process command, or pid
 * @param port of either end
 * @param protocol number
 */
public record FlowFilter(
        @Nullable String namespace,
        @Nullable String pod,
        @Nullable String process,
        @Nullable Integer port,
        @Nullable Integer protocol) {
    /** Every flow. */
    public static final FlowFilter ALL = new FlowFilter(null, null, null, null, null);

    boolean accepts(FlowRow row) {
        return (protocol == null || protocol == row.protocol())
                && (port == null || row.hasPort(port))
                && (namespace == null || row.client().isInNamespace(namespace) || row.server().isInNamespace(namespace))
                && (pod == null || row.client().isPod(pod) || row.server().isPod(pod))
                && (process == null || row.client().isProcess(process) || row.server().isProcess(process));
    }
}
