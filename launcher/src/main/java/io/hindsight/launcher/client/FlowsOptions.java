package io.hindsight.launcher.client;

import io.hindsight.error.ErrorCode;
import io.hindsight.hub.flow.FlowFilter;
import io.hindsight.hub.flow.FlowGrouping;
import io.hindsight.hub.flow.FlowQuery;
import io.hindsight.hub.flow.FlowSelection;
import io.hindsight.hub.flow.FlowSort;
import io.hindsight.hub.packet.IpProtocol;
import io.hindsight.launcher.cli.CommandFailure;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which flows are shown, and how. Filled by picocli. */
final class FlowsOptions {
    @Option(names = "--nodes", paramLabel = "NAME", split = ",", description = "Only these nodes (default: all).")
    private @Nullable List<String> nodes;

    @Option(
            names = "--from",
            paramLabel = "TIME",
            converter = TimeOption.class,
            description = "Only from this time on.")
    private @Nullable Instant from;

    @Option(names = "--to", paramLabel = "TIME", converter = TimeOption.class, description = "Only before this time.")
    private @Nullable Instant to;

    @Option(names = "--bpf", paramLabel = "FILTER", description = "Only packets that match.")
    private @Nullable String bpf;

    @Option(names = "--namespace", paramLabel = "NAME", description = "Only flows with an end in this namespace.")
    private @Nullable String namespace;

    @Option(
            names = "--pod",
            paramLabel = "NAME",
            description = "Only flows with this pod as an end: its name, or namespace/name.")
    private @Nullable String pod;

    @Option(names = "--process", paramLabel = "NAME", description = "Only flows of this command or pid.")
    private @Nullable String process;

    @Option(names = "--port", paramLabel = "N", description = "Only flows with this port.")
    private @Nullable Integer port;

    @Option(names = "--protocol", paramLabel = "NAME", description = "Only tcp, udp, icmp, …; or a number.")
    private @Nullable String protocol;

    @Option(
            names = "--group-by",
            paramLabel = "WHAT",
            description = "A row for each flow, workload or namespace (default: flow).")
    private FlowGrouping groupBy = FlowGrouping.FLOW;

    @Option(
            names = "--sort",
            paramLabel = "FIELD",
            description = "packets, bytes, first, last, retransmissions, resets or handshake (default: bytes).")
    private FlowSort sort = FlowSort.BYTES;

    /** Which way rows are sorted. */
    enum Order {
        /** The smallest first. */
        ASC,
        /** The greatest first. */
        DESC
    }

    @Option(names = "--order", paramLabel = "ORDER", description = "asc or desc (default: desc).")
    private Order order = Order.DESC;

    @Option(
            names = "--limit",
            paramLabel = "N",
            description =
                    "At most so many, up to " + FlowQuery.MAX_ROWS + " (default: " + FlowQuery.DEFAULT_ROWS + ").")
    private int limit = FlowQuery.DEFAULT_ROWS;

    @Option(names = "--offset", paramLabel = "N", description = "Skips the first ones.")
    private int offset;

    /** What to ask of a snapshot's folder. */
    FlowQuery query() {
        return new FlowQuery(
                FlowSelection.of(nodes == null ? List.of() : nodes, from, to, bpf),
                new FlowFilter(namespace, pod, process, port, protocolNumber()),
                groupBy,
                sort,
                order == Order.ASC,
                limit,
                offset);
    }

    private @Nullable Integer protocolNumber() {
        return protocol == null
                ? null
                : IpProtocol.of(protocol)
                        .orElseThrow(() ->
                                CommandFailure.of(
                                        ErrorCode.INVALID_REQUEST,
                                        "There is no protocol " + protocol + "; name tcp, udp, icmp, … or a number."));
    }

    /** The part of the API's path after the snapshot's. */
    String path() {
        return "/flows"
                + new Query()
                        .with("nodes", nodes == null ? null : String.join(",", nodes))
                        .with("from", from)
                        .with("to", to)
                        .with("bpf", bpf)
                        .with("namespace", namespace)
                        .with("pod", pod)
                        .with("process", process)
                        .with("port", port)
                        .with("protocol", protocol)
                        .with("groupBy", groupBy.label())
                        .with("sort", sort.label())
                        .with("order", order.name().toLowerCase(Locale.ROOT))
                        .with("limit", limit)
                        .with("offset", offset);
    }
}
