package io.hindsight.hub.http;

import io.hindsight.api.NodeShortfall;
import io.hindsight.api.SnapshotState;
import io.hindsight.bus.NodeAction;
import io.hindsight.bus.SnapshotAction;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.resolve.LiveObjects;
import io.hindsight.hub.resolve.LiveObjects.LiveNode;
import io.hindsight.hub.resolve.Resolution;
import io.hindsight.hub.resolve.Resolutions;
import io.hindsight.hub.resolve.WorkloadPages;
import io.hindsight.hub.resolve.WorkloadQuery;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code /snapshots/{id}/workloads} and {@code …/ips}, and the live {@code /workloads} and {@code /ips}. */
final class WorkloadRoutes {
    private final BusClient hub;
    private final Resolutions resolutions;
    private final LiveObjects live;
    private final Path volume;

    WorkloadRoutes(BusClient hub, Resolutions resolutions, LiveObjects live, Path volume) {
        this.hub = hub;
        this.resolutions = resolutions;
        this.live = live;
        this.volume = volume;
    }

    /** Makes an answer's record. */
    @FunctionalInterface
    private interface Page {
        Record of(Resolution resolution, WorkloadQuery query, List<NodeShortfall> incomplete);
    }

    void snapshotWorkloads(RoutingContext context) {
        ofSnapshot(context, WorkloadPages::workloads);
    }

    void snapshotAddresses(RoutingContext context) {
        ofSnapshot(context, WorkloadPages::addresses);
    }

    void liveWorkloads(RoutingContext context) {
        ofNow(context, WorkloadPages::workloads);
    }

    void liveAddresses(RoutingContext context) {
        ofNow(context, WorkloadPages::addresses);
    }

    private void ofSnapshot(RoutingContext context, Page page) {
        WorkloadQuery query = query(context, Parameters.time(context, "at"));
        hub.snapshots(SnapshotAction.GET, Parameters.id(context), AuthenticationCheck.caller(context))
                .compose(this::folder)
                .compose(folder -> resolutions.ask(folder, resolution -> json(page.of(resolution, query, List.of()))))
                .onSuccess(json -> Answers.json(context, 200, json))
                .onFailure(context::fail);
    }

    private Future<Path> folder(JsonObject snapshot) {
        SnapshotState state = SnapshotState.valueOf(snapshot.getString("state"));
        return state.sealed()
                ? Future.succeededFuture(volume.resolve(snapshot.getString("id")))
                : Future.failedFuture(
                        new HindsightException(
                                ErrorCode.WRONG_STATE,
                                "A snapshot knows its workloads once it is sealed; this one has state=" + state + "."));
    }

    /** Without a time: what is there now. */
    private void ofNow(RoutingContext context, Page page) {
        Instant at = Parameters.time(context, "at");
        boolean hasNoTime =
                at == null && Parameters.time(context, "from") == null && Parameters.time(context, "to") == null;
        WorkloadQuery query = query(context, hasNoTime ? Instant.now() : at);
        hub.nodes(NodeAction.LIST)
                .compose(nodes -> live.of(recorders(nodes)))
                .compose(answer ->
                        resolutions.onWorker(() -> json(page.of(answer.resolution(), query, answer.incomplete()))))
                .onSuccess(json -> Answers.json(context, 200, json))
                .onFailure(context::fail);
    }

    private static Buffer json(Record page) {
        return JsonMapping.toJson(page).toBuffer();
    }

    /** Those that record Kubernetes: others have nothing to say. */
    private static List<LiveNode> recorders(JsonObject list) {
        List<LiveNode> recorders = new ArrayList<>();
        for (Object each : list.getJsonArray("nodes")) {
            if (each instanceof JsonObject node && recordsKubernetes(node)) {
                recorders.add(new LiveNode(node.getString("node"), node.getBoolean("reachable", false)));
            }
        }
        return recorders;
    }

    private static boolean recordsKubernetes(JsonObject node) {
        return node.getJsonArray("sources").stream()
                .anyMatch(source ->
                        source instanceof JsonObject status
                                && ChunkSource.KUBERNETES.label().equals(status.getString("source")));
    }

    private static WorkloadQuery query(RoutingContext context, @Nullable Instant at) {
        return WorkloadQuery.of(
                context.queryParams().getAll("namespace"),
                context.queryParams().get("name"),
                context.queryParams().getAll("label"),
                context.queryParams().getAll("type"),
                Parameters.time(context, "from"),
                Parameters.time(context, "to"),
                at,
                Parameters.number(context, "limit"),
                Parameters.number(context, "offset"));
    }
}
