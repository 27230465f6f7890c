package io.hindsight.hub.http;

import io.hindsight.bus.SnapshotAction;
import io.hindsight.hub.access.Permission;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;

/** {@code /snapshots:batch} and {@code /batches}. Stateless. */
final class BatchRoutes {
    private static final String CREATE_PATH = HttpVerticle.API_PREFIX + "/snapshots:batch";

    private final BusClient hub;

    BatchRoutes(BusClient hub) {
        this.hub = hub;
    }

    void create(RoutingContext context) {
        if (!CREATE_PATH.equals(context.request().path())) {
            context.fail(404); // the router takes the colon for the start of a parameter
            return;
        }
        JsonObject body = Parameters.of(context).getBody().getJsonObject();
        if (locks(body)) {
            OperationPermissions.require(context, "createBatch with lockUntil", Permission.LOCK);
        }
        hub.snapshots(context, SnapshotAction.BATCH, body, context.request().getHeader("Idempotency-Key"))
                .onSuccess(batch -> created(context, batch))
                .onFailure(context::fail);
    }

    /** As for a single snapshot: whoever may create could else keep everybody from deleting. */
    private static boolean locks(JsonObject body) {
        return body.getJsonArray("requests", new JsonArray()).stream()
                .anyMatch(request -> request instanceof JsonObject each && each.getValue("lockUntil") != null);
    }

    private static void created(RoutingContext context, JsonObject batch) {
        context.response()
                .putHeader(HttpHeaders.LOCATION, HttpVerticle.API_PREFIX + "/batches/" + batch.getString("id"));
        Answers.json(context, 202, batch);
    }

    void get(RoutingContext context) {
        ask(context, SnapshotAction.GET_BATCH);
    }

    void cancel(RoutingContext context) {
        ask(context, SnapshotAction.CANCEL_BATCH);
    }

    private void ask(RoutingContext context, SnapshotAction action) {
        hub.snapshots(context, action, Parameters.id(context), null)
                .onSuccess(batch -> Answers.json(context, 200, batch))
                .onFailure(context::fail);
    }
}
