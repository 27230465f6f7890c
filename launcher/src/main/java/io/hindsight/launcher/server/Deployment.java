package io.hindsight.launcher.server;

import io.hindsight.agent.AgentIdentity;
import io.hindsight.agent.AgentSources;
import io.hindsight.agent.AgentVerticle;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.NodeAction;
import io.hindsight.config.AgentConfig;
import io.hindsight.config.Configuration;
import io.hindsight.config.HubConfig;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.HubVerticle;
import io.hindsight.hub.export.ExportService;
import io.hindsight.hub.http.HttpLimits;
import io.hindsight.hub.http.HttpVerticle;
import io.hindsight.hub.http.HubMetrics;
import io.hindsight.hub.link.LinkLimits;
import io.hindsight.launcher.cli.ProgramVersion;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;

/** A Hub, with or without an agent in the same process. */
final class Deployment implements Deployable {
    private final Vertx vertx;
    private final HubMetrics metrics;
    private final Configuration configuration;
    private final ExportService exports;
    private final String version = ProgramVersion.number();

    Deployment(Vertx vertx, HubMetrics metrics, Configuration configuration) {
        this.vertx = vertx;
        this.metrics = metrics;
        this.configuration = configuration;
        this.exports = new ExportService(vertx);
    }

    @Override
    public Vertx vertx() {
        return vertx;
    }

    /** Hub and API first, because a port that is taken shows at once, while a ring takes time to allocate; the agent last. */
    @Override
    public Future<URI> start() {
        return requireOnlyHub()
                .compose(free -> hub())
                .compose(port -> agents().map(address(configuration.hubConfig(), port)));
    }

    /** Of its cluster, where it is a member of one. */
    private Future<Void> requireOnlyHub() {
        return vertx.isClustered()
                ? FreeAddress.require(
                        vertx,
                        Addresses.NODES,
                        NodeAction.LIST,
                        "Another Hub of the cluster answers at "
                                + Addresses.NODES
                                + ". A cluster has one: stop that one first.")
                : Future.succeededFuture();
    }

    private static URI address(HubConfig hub, int port) {
        String name = hub.host().contains(":") ? "[" + hub.host() + "]" : hub.host();
        return URI.create((hub.tls().hasCertificate() ? "https://" : "http://") + name + ":" + port);
    }

    private Future<Integer> hub() {
        HubConfig config = configuration.hubConfig();
        HubVerticle hub = new HubVerticle(config, "hindsight " + version);
        HttpVerticle api =
                new HttpVerticle(
                        config,
                        HttpLimits.DEFAULTS,
                        hub.links(),
                        LinkLimits.DEFAULTS,
                        exports,
                        metrics,
                        hub.lanes(),
                        version);
        return vertx.deployVerticle(hub)
                .compose(deployed -> vertx.deployVerticle(api).recover(refused -> cannotListen(config, refused)))
                .map(deployed -> api.port());
    }

    /** What the operating system refuses comes as a plain I/O failure; the rest explains itself. */
    private static Future<String> cannotListen(HubConfig config, Throwable refused) {
        if (!(refused instanceof IOException)) {
            return Future.failedFuture(refused);
        }
        return Future.failedFuture(
                new HindsightException(
                        ErrorCode.IO_FAILED,
                        "Cannot listen on host="
                                + config.host()
                                + " port="
                                + config.port()
                                + ": "
                                + refused.getMessage()
                                + ". Name another with --port, where 0 takes any free one.",
                        refused));
    }

    private Future<?> agents() {
        return configuration.agent().<Future<?>>map(this::agent).orElseGet(Future::succeededFuture);
    }

    private Future<String> agent(AgentConfig config) {
        return vertx.deployVerticle(
                new AgentVerticle(config, AgentIdentity.ofNewRun(version), AgentSources.of(config, vertx), null));
    }

    /** Ends exports that still run; the verticles end with their Vert.x. */
    @Override
    public void close() {
        exports.close();
    }
}
