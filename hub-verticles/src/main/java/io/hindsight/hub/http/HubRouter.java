package io.hindsight.hub.http;

import io.hindsight.bus.LinkProtocol;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import java.util.List;

/**
 * The order in which a request passes everything: connection bounds, headers of every answer, where it comes from, who sends it, what they may do, its body, the contract, the route. What
 * fails anywhere ends at {@link ProblemHandler}.
 */
record HubRouter(
        Vertx vertx,
        HttpLimits limits,
        ApiContract contract,
        ConnectionGuard connections,
        BrowserGuard browsers,
        AuthenticationCheck authentication,
        HealthRoutes health,
        MetricsRoutes metrics,
        NodeRoutes nodes,
        SnapshotRoutes snapshots,
        ExportRoutes exports,
        CustodyRoutes custody,
        CaptureRoutes capture,
        AccessCustody refusals,
        FlowRoutes flows,
        TimelineRoutes timelines,
        WorkloadRoutes workloads,
        EventRoutes events,
        LinkRoutes links,
        LaneRoutes lanes) {
    private static final List<Integer> ROUTER_ERRORS = List.of(400, 404, 405, 406, 413, 415, 417, 500, 501);

    Router create() {
        Router router = Router.router(vertx);
        ProblemHandler problems = new ProblemHandler(limits, refusals);
        router.route().handler(connections);
        router.route().handler(this::prepare);
        router.route().handler(browsers);
        router.get("/health/live").handler(health::live);
        router.get("/health/ready").handler(health::ready);
        router.route().handler(authentication);
        router.get("/metrics")
                .handler(OperationPermissions.required("read /metrics", OperationPermissions.METRICS))
                .handler(metrics::scrape);
        router.get(LinkProtocol.LANE_PATH).handler(lanes::open);
        router.route(HttpVerticle.API_PREFIX + "/*").handler(OperationPermissions.requiredBy(contract.contract()));
        router.get(HttpVerticle.API_PREFIX + "/events")
                .handler(OperationPermissions.required("streamEvents"))
                .handler(events::upgrade);
        // With its failure handler here: the contract's router takes every failure below its path for its own.
        router.get(LinkProtocol.LINK_PATH).handler(links::upgrade).failureHandler(links::refused);
        router.route(HttpVerticle.API_PREFIX + "/*").handler(RequestReader::beforeBody);
        router.route(HttpVerticle.API_PREFIX + "/*")
                .handler(BodyHandler.create(false).setBodyLimit(limits.maxBodyBytes()));
        router.route(HttpVerticle.API_PREFIX + "/*").handler(RequestReader::afterBody);
        router.route(HttpVerticle.API_PREFIX + "/*").subRouter(api(problems));
        router.route().failureHandler(problems);
        ROUTER_ERRORS.forEach(status -> router.errorHandler(status, problems));
        return router;
    }

    /** What every answer carries: nothing of this API is to be kept, guessed at, framed or run. */
    private void prepare(RoutingContext context) {
        AllowedMethods.prepare(context, contract.contract());
        context.response()
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
                .putHeader("Cross-Origin-Resource-Policy", "same-origin")
                .putHeader("Referrer-Policy", "no-referrer")
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
        context.next();
    }

    private Router api(ProblemHandler problems) {
        RouterBuilder builder = RouterBuilder.create(vertx, contract.contract(), new RequestReader());
        json(builder, "listNodes", nodes::list);
        json(builder, "getBoundaries", nodes::boundaries);
        json(builder, "createSnapshot", snapshots::create);
        json(builder, "listSnapshots", snapshots::list);
        json(builder, "createBatch", snapshots.batches()::create);
        json(builder, "getBatch", snapshots.batches()::get);
        json(builder, "cancelBatch", snapshots.batches()::cancel);
        json(builder, "getSnapshot", snapshots::get);
        json(builder, "cancelSnapshot", snapshots::cancel);
        json(builder, "verifySnapshot", snapshots::verify);
        json(builder, "getManifest", snapshots::manifest);
        json(builder, "lockSnapshot", snapshots::lock);
        json(builder, "getRetention", snapshots::retention);
        json(builder, "listCustody", custody::list);
        json(builder, "getCapture", capture::get);
        json(builder, "setCapture", capture::set);
        json(builder, "getTimeline", timelines::timeline);
        json(builder, "listSnapshotWorkloads", workloads::snapshotWorkloads);
        json(builder, "listSnapshotAddresses", workloads::snapshotAddresses);
        json(builder, "listWorkloads", workloads::liveWorkloads);
        json(builder, "listAddresses", workloads::liveAddresses);
        route(builder, "deleteSnapshot", snapshots::delete);
        route(builder, "exportPackets", exports::packets);
        route(builder, "headPackets", exports::packets);
        route(builder, "exportRecords", exports::records);
        json(builder, "listFlows", flows::list);
        route(builder, "streamEvents", events::stream);
        route(builder, "getContract", this::document);
        Router router = builder.createRouter();
        ROUTER_ERRORS.forEach(status -> router.errorHandler(status, problems));
        return router;
    }

    private static void json(RouterBuilder builder, String operation, Handler<RoutingContext> handler) {
        route(
                builder,
                operation,
                context -> {
                    Answers.requireAccepted(context, List.of(Answers.JSON));
                    handler.handle(context);
                });
    }

    private static void route(RouterBuilder builder, String operation, Handler<RoutingContext> handler) {
        // AuthenticationCheck has seen the request before: it guards paths outside the contract too.
        builder.getRoute(operation)
                .setDoSecurity(false)
                .addHandler(OperationPermissions.required(operation))
                .addHandler(handler);
    }

    private void document(RoutingContext context) {
        context.response().putHeader(HttpHeaders.CONTENT_TYPE, "application/yaml").end(contract.document());
    }
}
