package io.hindsight.hub.http;

import io.hindsight.bus.NodeAction;
import io.hindsight.bus.SnapshotAction;
import io.hindsight.config.HubConfig;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.access.FileReload;
import io.hindsight.hub.access.FileReloads;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** {@code /health/live} and {@code /health/ready}. Stateless. */
final class HealthRoutes {
    private static final long CHECK_TIMEOUT_MS = 2_000;

    private final Vertx vertx;
    private static final int MAX_SHOWN_PROBLEMS = 10;

    private final HubConfig config;
    private final BusClient hub;
    private final String version;
    private final FileReloads reloads;
    private final @Nullable TlsReload tls;

    HealthRoutes(
            Vertx vertx,
            HubConfig config,
            BusClient hub,
            String version,
            FileReloads reloads,
            @Nullable TlsReload tls) {
        this.vertx = vertx;
        this.config = config;
        this.hub = hub;
        this.version = version;
        this.reloads = reloads;
        this.tls = tls;
    }

    /** That this answers shows that the event loop turns. */
    void live(RoutingContext context) {
        Answers.json(context, 200, new JsonObject().put("status", "UP").put("version", version));
    }

    void ready(RoutingContext context) {
        Future<JsonObject> volume =
                check("snapshot-volume", vertx.executeBlocking(this::volume, false).compose(this::withQuota));
        Future<JsonObject> nodes = check("nodes", hub.nodes(NodeAction.LIST).map(HealthRoutes::nodes));
        Future.all(volume, nodes)
                .onComplete(done -> {
                    boolean up = isUp(volume.result()) && isUp(nodes.result());
                    JsonObject answer =
                            new JsonObject()
                                    .put("status", up ? "UP" : "DOWN")
                                    .put("version", version)
                                    .put("checks", checks(volume.result(), nodes.result()));
                    Answers.json(context, up ? 200 : 503, answer);
                });
    }

    private JsonArray checks(JsonObject volume, JsonObject nodes) {
        JsonArray checks = new JsonArray().add(volume).add(nodes);
        return reloads.all().isEmpty() ? checks : checks.add(files());
    }

    /** A detail: with files that were changed to what cannot be used, everything goes on with what there was before. */
    private JsonObject files() {
        JsonObject data = new JsonObject();
        for (FileReload each : reloads.all()) {
            data.put(each.name(), each.isFailing() ? "changed, and cannot be used: the log says why" : "in use");
        }
        if (tls != null) {
            data.put("certificateExpires", tls.expires().toString());
        }
        return new JsonObject().put("id", "files").put("status", "UP").put("data", data);
    }

    private static boolean isUp(JsonObject check) {
        return "UP".equals(check.getString("status"));
    }

    private static Future<JsonObject> check(String id, Future<JsonObject> facts) {
        JsonObject check = new JsonObject().put("id", id);
        return facts.timeout(CHECK_TIMEOUT_MS, TimeUnit.MILLISECONDS)
                .map(data -> check.put("status", "UP").put("data", data))
                .otherwise(failure -> check.put("status", "DOWN").put("reason", String.valueOf(failure.getMessage())));
    }

    /** On a worker. */
    private JsonObject volume() throws IOException {
        Path folder = config.snapshotDirectory();
        if (!Files.isDirectory(folder)) {
            throw new IOException("The snapshot volume folder=" + folder + " does not exist.");
        }
        if (!Files.isWritable(folder)) {
            throw new IOException("The snapshot volume folder=" + folder + " cannot be written to.");
        }
        return new JsonObject().put("freeBytes", Files.getFileStore(folder).getUsableSpace());
    }

    /** A Hub that does not say how full its quota is, is not down for that. */
    private Future<JsonObject> withQuota(JsonObject data) {
        if (config.volume().quota().bytes() == 0) {
            return Future.succeededFuture(data);
        }
        return hub.snapshots(SnapshotAction.VOLUME, new JsonObject(), "local")
                .map(volume ->
                        data.put("quotaBytes", volume.getLong("quotaBytes"))
                                .put("usedBytes", volume.getLong("usedBytes"))
                                .put("level", volume.getString("level")))
                .otherwise(data);
    }

    private static JsonObject nodes(JsonObject list) {
        JsonArray nodes = list.getJsonArray("nodes", new JsonArray());
        List<JsonObject> reachable =
                nodes.stream().map(JsonObject.class::cast).filter(node -> node.getBoolean("reachable", false)).toList();
        List<String> unhealthy = reachable.stream().flatMap(HealthRoutes::problems).toList();
        if (!reachable.isEmpty() && reachable.stream().allMatch(node -> problems(node).findAny().isPresent())) {
            throw new HindsightException(
                    ErrorCode.NOT_READY, "No node records as it should; the first: " + unhealthy.getFirst());
        }
        return new JsonObject()
                .put("known", nodes.size())
                .put("reachable", reachable.size())
                .put("unhealthy", new JsonArray(unhealthy.stream().limit(MAX_SHOWN_PROBLEMS).toList()));
    }

    private static Stream<String> problems(JsonObject node) {
        return node.getJsonArray("sources", new JsonArray()).stream()
                .map(JsonObject.class::cast)
                .filter(source -> !source.getBoolean("healthy", true))
                .map(source -> node.getString("node") + ": " + source.getString("reason"));
    }
}
