package io.hindsight.hub.http;

import io.hindsight.api.RetentionQuery;
import io.hindsight.api.SnapshotQuery;
import io.hindsight.api.SnapshotState;
import io.hindsight.bus.LockRequest;
import io.hindsight.bus.SnapshotAction;
import io.hindsight.hub.access.Permission;
import io.hindsight.hub.store.SealedSnapshot;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vertx.openapi.validation.RequestParameter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code /snapshots}: everything but exports. Stateless. */
final class SnapshotRoutes {
    /** A verification of a large snapshot takes longer than proxies and clients wait in silence. */
    private static final long SIGN_OF_LIFE_MS = 15_000;

    private final Vertx vertx;
    private final BusClient hub;
    private final Path volume;
    private final BatchRoutes batches;

    SnapshotRoutes(Vertx vertx, BusClient hub, Path volume) {
        this.vertx = vertx;
        this.hub = hub;
        this.volume = volume;
        this.batches = new BatchRoutes(hub);
    }

    BatchRoutes batches() {
        return batches;
    }

    void create(RoutingContext context) {
        JsonObject body = Parameters.of(context).getBody().getJsonObject();
        if (body.getValue("lockUntil") != null) {
            // Else whoever may create could keep everybody from deleting, and so fill the volume for good.
            OperationPermissions.require(context, "createSnapshot with lockUntil", Permission.LOCK);
        }
        String key = context.request().getHeader("Idempotency-Key");
        hub.snapshots(context, SnapshotAction.CREATE, body, key)
                .onSuccess(snapshot -> created(context, snapshot))
                .onFailure(context::fail);
    }

    private static void created(RoutingContext context, JsonObject snapshot) {
        context.response()
                .putHeader(HttpHeaders.LOCATION, HttpVerticle.API_PREFIX + "/snapshots/" + snapshot.getString("id"));
        Answers.json(context, 202, snapshot);
    }

    void list(RoutingContext context) {
        SnapshotQuery query =
                new SnapshotQuery(
                        Parameters.text(context, "search"),
                        states(context),
                        Parameters.text(context, "node"),
                        Parameters.text(context, "sort"),
                        Parameters.number(context, "limit"),
                        Parameters.number(context, "offset"),
                        Parameters.text(context, "batch"));
        ask(context, SnapshotAction.LIST, JsonMapping.toJson(query));
    }

    private static @Nullable List<SnapshotState> states(RoutingContext context) {
        RequestParameter given = Parameters.of(context).getQuery().get("state");
        JsonArray states = given == null || given.isNull() ? null : given.getJsonArray();
        return states == null ? null : states.stream().map(name -> SnapshotState.valueOf(name.toString())).toList();
    }

    void get(RoutingContext context) {
        ask(context, SnapshotAction.GET, Parameters.id(context));
    }

    void cancel(RoutingContext context) {
        ask(context, SnapshotAction.CANCEL, Parameters.id(context));
    }

    /** {@code PUT …/lock}: extends, never shortens. */
    void lock(RoutingContext context) {
        Instant until = Parameters.timeOf("until", Parameters.of(context).getBody().getJsonObject().getString("until"));
        LockRequest request = new LockRequest(Parameters.snapshotId(context), until);
        ask(context, SnapshotAction.LOCK, JsonMapping.toJson(request));
    }

    /** What rules of retention would delete. */
    void retention(RoutingContext context) {
        RetentionQuery query =
                new RetentionQuery(Parameters.text(context, "retainFor"), Parameters.text(context, "retainBytes"));
        ask(context, SnapshotAction.RETENTION, JsonMapping.toJson(query));
    }

    private void ask(RoutingContext context, SnapshotAction action, JsonObject body) {
        hub.snapshots(context, action, body, null)
                .onSuccess(json -> Answers.json(context, 200, json))
                .onFailure(context::fail);
    }

    void delete(RoutingContext context) {
        hub.snapshots(context, SnapshotAction.DELETE, Parameters.id(context), null)
                .onSuccess(deleted -> context.response().setStatusCode(204).end())
                .onFailure(context::fail);
    }

    /** Sends white space, which JSON allows in front, for as long as the answer takes; so a failure that comes late breaks the answer off. */
    void verify(RoutingContext context) {
        Future<JsonObject> report = hub.snapshots(context, SnapshotAction.VERIFY, Parameters.id(context), null);
        long timer = vertx.setPeriodic(SIGN_OF_LIFE_MS, tick -> signOfLife(context));
        context.addEndHandler(ended -> vertx.cancelTimer(timer));
        report.onSuccess(json -> verified(context, json)).onFailure(context::fail);
    }

    private static void signOfLife(RoutingContext context) {
        if (!context.response().headWritten()) {
            context.response().setChunked(true).putHeader(HttpHeaders.CONTENT_TYPE, Answers.JSON);
        }
        context.response().write("\n");
    }

    private static void verified(RoutingContext context, JsonObject report) {
        if (context.response().headWritten()) {
            context.response().end(report.toBuffer());
        } else {
            Answers.json(context, 200, report);
        }
    }

    /** The bus answers whether there is one; its bytes come from the file, so that digests hold of what is sent. */
    void manifest(RoutingContext context) {
        Path folder = volume.resolve(Parameters.snapshotId(context));
        hub.snapshots(SnapshotAction.MANIFEST, Parameters.id(context), AuthenticationCheck.caller(context))
                .compose(known -> vertx.executeBlocking(() -> SealedSnapshot.manifestBytes(folder), false))
                .onSuccess(bytes -> Answers.json(context, 200, Buffer.buffer(bytes)))
                .onFailure(context::fail);
    }
}
