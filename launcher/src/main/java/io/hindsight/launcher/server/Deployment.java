package io.hindsight.launcher.server;

import io.hindsight.agent.AgentVerticle;
import io.hindsight.agent.capture.PacketSources;
import io.hindsight.config.AgentConfig;
import io.hindsight.config.Configuration;
import io.hindsight.hub.HubVerticle;
import io.hindsight.launcher.cli.ProgramVersion;
import io.vertx.core.Future;
import io.vertx.core.Vertx;

/** Deploys the verticles of a process, in an order in which each finds what it needs. */
final class Deployment {
    private final Vertx vertx;
    private final Configuration configuration;
    private final String version = ProgramVersion.number();

    Deployment(Vertx vertx, Configuration configuration) {
        this.vertx = vertx;
        this.configuration = configuration;
    }

    /**
     * Hub and API first, because a port that is taken shows at once, while a ring takes time to allocate; the agent last.
     *
     * @return the port that the API listens on
     */
    Future<Integer> start() {
        return hub().compose(port -> agents().map(port));
    }

    private Future<Integer> hub() {
        HubVerticle hub = new HubVerticle(configuration.hubConfig(), "hindsight " + version);
        return vertx.deployVerticle(hub).map(configuration.hubConfig().port());
    }

    private Future<?> agents() {
        return configuration.agent().<Future<?>>map(this::agent).orElseGet(Future::succeededFuture);
    }

    private Future<String> agent(AgentConfig config) {
        return vertx.deployVerticle(new AgentVerticle(config, version, PacketSources::open));
    }
}
