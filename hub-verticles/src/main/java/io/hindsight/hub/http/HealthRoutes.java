package io.hindsight.hub.http;

import io.hindsight.bus.NodeAction;
import io.hindsight.config.HubConfig;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** {@code /health/live} and {@code /health/ready}. Stateless. */
final class HealthRoutes {
    private static final long CHECK_TIMEOUT_MS = 2_000;

    private final Vertx vertx;
    private final HubConfig config;
    private final BusClient hub;
    private final String version;

    HealthRoutes(Vertx vertx, HubConfig config, BusClient hub, String version) {
        this.vertx = vertx;
        this.config = config;
        this.hub = hub;
        this.version = version;
    }

    /** That this answers shows that the event loop turns. */
    void live(RoutingContext context) {
        Answers.json(context, 200, new JsonObject().put("status", "UP").put("version", version));
    }

    void ready(RoutingContext context) {
        Future<JsonObject> volume = check("snapshot-volume", vertx.executeBlocking(this::volume, false));
        Future<JsonObject> nodes = check("nodes", hub.nodes(NodeAction.LIST).map(HealthRoutes::nodes));
        Future.all(volume, nodes)
                .onComplete(done -> {
                    boolean up = isUp(volume.result()) && isUp(nodes.result());
                    JsonObject answer =
                            new JsonObject()
                                    .put("status", up ? "UP" : "DOWN")
                                    .put("version", version)
                                    .put("checks", new JsonArray().add(volume.result()).add(nodes.result()));
                    Answers.json(context, up ? 200 : 503, answer);
                });
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

    private static JsonObject nodes(JsonObject list) {
        JsonArray nodes = list.getJsonArray("nodes", new JsonArray());
        long reachable = nodes.stream().filter(node -> ((JsonObject) node).getBoolean("reachable", false)).count();
        return new JsonObject().put("known", nodes.size()).put("reachable", reachable);
    }
}
