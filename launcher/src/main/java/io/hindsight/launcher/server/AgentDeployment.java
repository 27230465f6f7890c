package io.hindsight.launcher.server;

import io.hindsight.agent.AgentIdentity;
import io.hindsight.agent.AgentSources;
import io.hindsight.agent.AgentVerticle;
import io.hindsight.agent.extract.ChunkChannels;
import io.hindsight.agent.link.HubEndpoint;
import io.hindsight.agent.link.HubLocator;
import io.hindsight.agent.link.LaneChannels;
import io.hindsight.agent.link.LinkVerticle;
import io.hindsight.config.AgentConfig;
import io.hindsight.config.LinkConfig;
import io.hindsight.launcher.cli.ProgramVersion;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.URI;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An agent in a process of its own: the recorder, and what joins it to its Hub. */
final class AgentDeployment implements Deployable {
    private static final Logger LOG = LoggerFactory.getLogger(AgentDeployment.class);

    private final Vertx vertx;
    private final AgentConfig config;
    private final LinkConfig hub;
    private final AgentIdentity identity = AgentIdentity.ofNewRun(ProgramVersion.number());

    AgentDeployment(Vertx vertx, AgentConfig config, LinkConfig hub) {
        this.vertx = vertx;
        this.config = config;
        this.hub = hub;
    }

    @Override
    public Vertx vertx() {
        return vertx;
    }

    /** Files that cannot be used show at once; then the recorder, which needs no Hub; then the link, which dials for as long as it takes. */
    @Override
    public Future<URI> start() {
        return HubLocator.of(vertx, hub, config.events().kubeconfig(), System.getenv())
                .compose(locator -> HubEndpoint.load(vertx, hub, config.node(), locator.orElse(null)))
                .compose(this::start);
    }

    private Future<URI> start(HubEndpoint endpoint) {
        endpoint.warnIfInsecure();
        LinkVerticle link = new LinkVerticle(endpoint, config.node(), identity);
        AgentVerticle recorder =
                new AgentVerticle(config, identity, AgentSources.of(config, vertx), lanes(endpoint, link));
        return vertx.deployVerticle(recorder)
                .onSuccess(recording -> LOG.info("recording node={} hub={}", config.node(), endpoint.uri()))
                .compose(recording -> vertx.deployVerticle(link))
                .map(dialling -> endpoint.uri());
    }

    private ChunkChannels lanes(HubEndpoint endpoint, LinkVerticle link) {
        return new LaneChannels(
                vertx,
                vertx.createNetClient(endpoint.socketOptions()),
                () -> endpoint.laneAddress(link.remoteAddress()),
                endpoint.hostHeader(),
                endpoint.authorization(),
                link);
    }
}
