package io.hindsight.launcher.client;

import io.hindsight.api.AddressPage;
import io.hindsight.api.HeldAddress;
import io.hindsight.api.NodeShortfall;
import io.hindsight.api.Workload;
import io.hindsight.api.WorkloadPage;
import io.hindsight.hub.resolve.Resolution;
import io.hindsight.hub.resolve.SnapshotResolution;
import io.hindsight.hub.resolve.WorkloadPages;
import io.hindsight.hub.resolve.WorkloadQuery;
import io.hindsight.hub.store.SealedSnapshot;
import io.hindsight.json.JsonMapping;
import io.hindsight.launcher.cli.Table;
import io.hindsight.launcher.cli.Terminal;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What can be listed of Kubernetes, and how: of the Hub, of a snapshot's folder, as JSON or as a table. */
enum WorkloadView {
    WORKLOADS("/workloads") {
        @Override
        Record answer(Resolution resolution, WorkloadQuery query) {
            return WorkloadPages.workloads(resolution, query, List.of());
        }

        @Override
        void print(JsonObject answer, Terminal terminal) {
            WorkloadPage page = JsonMapping.fromJson(answer, WorkloadPage.class);
            Table table = new Table("TYPE", "NAMESPACE", "NAME", "NODE", "OWNER", "ADDRESSES", "FROM", "TO", "LABELS");
            page.workloads()
                    .forEach(workload ->
                            table.row(
                                    workload.type(),
                                    orDash(workload.namespace()),
                                    workload.name(),
                                    orDash(workload.node()),
                                    owner(workload),
                                    orDash(String.join(",", workload.addresses())),
                                    time(workload.from()),
                                    time(workload.to()),
                                    labels(workload)));
            table.print(terminal.out());
            tell(terminal, page.workloads().size(), page.total(), page.incomplete(), page.omitted());
        }
    },
    ADDRESSES("/ips") {
        @Override
        Record answer(Resolution resolution, WorkloadQuery query) {
            return WorkloadPages.addresses(resolution, query, List.of());
        }

        @Override
        void print(JsonObject answer, Terminal terminal) {
            AddressPage page = JsonMapping.fromJson(answer, AddressPage.class);
            Table table = new Table("ADDRESS", "FROM", "TO", "TYPE", "NAMESPACE", "NAME", "NODE", "OWNER");
            for (HeldAddress each : page.addresses()) {
                Workload holder = each.holder();
                table.row(
                        each.address(),
                        time(each.from()),
                        time(each.to()),
                        holder.type(),
                        orDash(holder.namespace()),
                        holder.name(),
                        orDash(holder.node()),
                        owner(holder));
            }
            table.print(terminal.out());
            tell(terminal, page.addresses().size(), page.total(), page.incomplete(), page.omitted());
        }
    };

    private final String path;

    WorkloadView(String path) {
        this.path = path;
    }

    abstract Record answer(Resolution resolution, WorkloadQuery query);

    abstract void print(JsonObject answer, Terminal terminal);

    /** What a snapshot's folder says, without a Hub. */
    JsonObject ofFolder(Path folder, WorkloadQuery query) {
        return JsonMapping.toJson(answer(SnapshotResolution.read(SealedSnapshot.open(folder)), query));
    }

    /** What the Hub says: of a snapshot's path, or of now. */
    JsonObject ofHub(HubClient hub, String parent, WorkloadOptions options) {
        return hub.get(parent + path + options.path());
    }

    void show(JsonObject answer, boolean json, Terminal terminal) {
        if (json) {
            terminal.out().println(answer.encode());
        } else {
            print(answer, terminal);
        }
    }

    private static void tell(
            Terminal terminal,
            int shown,
            int total,
            @Nullable List<NodeShortfall> incomplete,
            @Nullable Map<String, Long> omitted) {
        if (total > shown) {
            terminal.err().println(shown + " of " + total + " shown; --limit and --offset show more.");
        }
        if (incomplete != null) {
            incomplete.forEach(each -> terminal.err().println("incomplete: " + each.node() + ": " + each.reason()));
        }
        if (omitted != null) {
            terminal.err()
                    .println("not known because a bound was reached or a record was none: " + new TreeMap<>(omitted));
        }
    }

    private static String orDash(@Nullable String text) {
        return text == null || text.isEmpty() ? "-" : text;
    }

    private static String time(@Nullable Instant time) {
        return time == null ? "-" : time.toString();
    }

    private static String owner(Workload workload) {
        Workload.Owner owner = workload.owner();
        return owner == null ? "-" : owner.kind() + "/" + owner.name();
    }

    private static String labels(Workload workload) {
        return orDash(
                new TreeMap<>(workload.labels())
                        .entrySet().stream()
                                .map(label -> label.getKey() + "=" + label.getValue())
                                .collect(Collectors.joining(",")));
    }
}
