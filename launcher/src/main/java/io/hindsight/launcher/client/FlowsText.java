package io.hindsight.launcher.client;

import io.hindsight.api.Flow;
import io.hindsight.api.FlowGroup;
import io.hindsight.api.FlowPage;
import io.hindsight.launcher.cli.Human;
import io.hindsight.launcher.cli.Table;
import io.hindsight.launcher.cli.Terminal;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Flows for people: the table on the output, what is not in it on the error stream. */
record FlowsText(FlowPage page) {
    void print(Terminal terminal) {
        List<Flow> flows = page.flows();
        List<FlowGroup> groups = page.groups();
        int shown;
        if (groups != null) {
            groups(groups).print(terminal.out());
            shown = groups.size();
        } else {
            List<Flow> rows = flows == null ? List.of() : flows;
            flows(rows).print(terminal.out());
            shown = rows.size();
        }
        notes(shown).forEach(note -> terminal.err().println(note));
    }

    private static Table flows(List<Flow> flows) {
        Table table =
                new Table(
                        "PROTO",
                        "CLIENT",
                        "SERVER",
                        "PACKETS",
                        "BYTES",
                        "FIRST",
                        "LASTED",
                        "CONN",
                        "RETRANS",
                        "RESETS",
                        "FAILED",
                        "HANDSHAKE p50/p90/p99",
                        "SEEN AT");
        for (Flow flow : flows) {
            table.row(
                    flow.protocol(),
                    end(flow.client()),
                    end(flow.server()),
                    both(Human.count(flow.toServer().packets()), Human.count(flow.toClient().packets())),
                    both(Human.bytes(flow.toServer().bytes()), Human.bytes(flow.toClient().bytes())),
                    time(flow.first()),
                    lasted(flow.first(), flow.last()),
                    Human.count(flow.connections()),
                    Human.count(flow.retransmissions()),
                    Human.count(flow.resets()),
                    Human.count(flow.incompleteHandshakes()),
                    handshake(flow.handshake()),
                    seenAt(flow.seenAt()));
        }
        return table;
    }

    private static Table groups(List<FlowGroup> groups) {
        Table table =
                new Table(
                        "CLIENT",
                        "SERVER",
                        "FLOWS",
                        "PACKETS",
                        "BYTES",
                        "FIRST",
                        "LASTED",
                        "CONN",
                        "RETRANS",
                        "RESETS",
                        "FAILED",
                        "HANDSHAKE p50/p90/p99");
        for (FlowGroup group : groups) {
            table.row(
                    party(group.client()),
                    party(group.server()),
                    Human.count(group.flows()),
                    both(Human.count(group.toServer().packets()), Human.count(group.toClient().packets())),
                    both(Human.bytes(group.toServer().bytes()), Human.bytes(group.toClient().bytes())),
                    time(group.first()),
                    lasted(group.first(), group.last()),
                    Human.count(group.connections()),
                    Human.count(group.retransmissions()),
                    Human.count(group.resets()),
                    Human.count(group.incompleteHandshakes()),
                    handshake(group.handshake()));
        }
        return table;
    }

    /** To the server, to the client. */
    private static String both(String toServer, String toClient) {
        return toServer + " > < " + toClient;
    }

    private static String time(Instant time) {
        return time.truncatedTo(ChronoUnit.MILLIS).toString();
    }

    private static String lasted(Instant first, Instant last) {
        return Human.duration(Duration.between(first, last));
    }

    private static String handshake(Flow.@Nullable Handshake handshake) {
        return handshake == null
                ? "-"
                : Human.nanos(handshake.p50Ns())
                        + " / "
                        + Human.nanos(handshake.p90Ns())
                        + " / "
                        + Human.nanos(handshake.p99Ns());
    }

    /** {@code shop/cart-7f8b (10.0.0.7:8080) pid 4711 nginx}. */
    private static String end(Flow.End end) {
        boolean isV6 = end.address().contains(":");
        String address = isV6 && end.port() != null ? "[" + end.address() + "]" : end.address();
        String socket = end.port() == null ? address : address + ":" + end.port();
        Flow.Workload workload = end.workload();
        Flow.SocketProcess process = end.process();
        String name = workload == null ? socket : named(workload.namespace(), workload.name()) + " (" + socket + ")";
        return process == null ? name : name + " pid " + process.pid() + " " + process.command();
    }

    private static String party(FlowGroup.Party party) {
        return switch (party.type()) {
            case "Address", "Namespace" -> party.name();
            case "Unknown" -> "-";
            default -> party.type() + " " + named(party.namespace(), party.name());
        };
    }

    private static String named(@Nullable String namespace, String name) {
        return namespace == null ? name : namespace + "/" + name;
    }

    private static String seenAt(List<Flow.SeenAt> points) {
        if (points.isEmpty()) {
            return "-";
        }
        String first = points.getFirst().node() + " " + points.getFirst().interfaceName();
        return points.size() == 1 ? first : first + " and " + (points.size() - 1) + " more";
    }

    private List<String> notes(int shown) {
        FlowPage.Coverage coverage = page.coverage();
        List<String> notes = new ArrayList<>();
        if (page.total() > shown) {
            notes.add(
                    Human.count(shown)
                            + " of "
                            + Human.count(page.total())
                            + " shown; --limit and --offset show more.");
        }
        if (coverage.unlistedPackets() > 0) {
            notes.add(
                    "Not listed: "
                            + (coverage.unlistedFlowsExact() ? "" : "more than ")
                            + Human.count(coverage.unlistedFlows())
                            + " flows, "
                            + Human.count(coverage.unlistedPackets())
                            + " packets, "
                            + Human.bytes(coverage.unlistedBytes())
                            + ". Choose with --from and --to, --nodes or --bpf.");
        }
        if (coverage.packetsAtFurtherPoints() > 0) {
            notes.add(
                    "Not counted: "
                            + Human.count(coverage.packetsAtFurtherPoints())
                            + " packets of listed flows at further interfaces.");
        }
        if (coverage.unmeasuredHandshakes() > 0) {
            notes.add(
                    "In no percentile: "
                            + Human.count(coverage.unmeasuredHandshakes())
                            + " handshakes beyond the bound.");
        }
        return notes;
    }
}
