package io.hindsight.launcher.server;

import io.hindsight.agent.AgentIdentity;
import io.hindsight.agent.AgentSources;
import io.hindsight.agent.AgentVerticle;
import io.hindsight.agent.extract.ClusteredChunkChannels;
import io.hindsight.agent.filter.OwnTraffic;
import io.hindsight.agent.link.ClusteredHeartbeats;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.AgentAction;
import io.hindsight.config.AgentConfig;
import io.hindsight.config.BusClusterConfig;
import io.hindsight.config.BusClusterConfig.Peer;
import io.hindsight.launcher.cli.ProgramVersion;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.SocketAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An agent in a process of its own that is a member of its Hub's cluster: the recorder alone, since the bus itself reaches the Hub. */
final class ClusteredAgentDeployment implements Deployable {
    private static final Logger LOG = LoggerFactory.getLogger(ClusteredAgentDeployment.class);

    /** Members whose traffic with this one is told to be the program's own: the Hub's is first. */
    private static final int TOLD_PEERS = 3;

    private final Vertx vertx;
    private final AgentConfig config;
    private final BusClusterConfig cluster;
    private final AgentIdentity identity = AgentIdentity.ofNewRun(ProgramVersion.number());

    ClusteredAgentDeployment(Vertx vertx, AgentConfig config, BusClusterConfig cluster) {
        this.vertx = vertx;
        this.config = config;
        this.cluster = cluster;
    }

    @Override
    public Vertx vertx() {
        return vertx;
    }

    @Override
    public Future<URI> start() {
        return requireFreeName()
                .compose(free -> vertx.deployVerticle(recorder()))
                .compose(recording -> vertx.executeBlocking(this::endpoints))
                .map(own -> {
                    own.forEach(endpoint -> OwnTraffic.opened(vertx, endpoint));
                    LOG.info("recording node={} cluster={}", config.node(), cluster.peers());
                    return URI.create("cluster://" + new Peer(cluster.host(), cluster.membershipPort()));
                });
    }

    private AgentVerticle recorder() {
        String from = new Peer(cluster.host(), cluster.busPort()).toString();
        return new AgentVerticle(
                config,
                identity,
                AgentSources.of(config, vertx),
                new ClusteredChunkChannels(vertx.eventBus()),
                new ClusteredHeartbeats(vertx.eventBus(), from, Clock.systemUTC(), System::nanoTime));
    }

    private Future<Void> requireFreeName() {
        return FreeAddress.require(
                vertx,
                Addresses.agent(config.node()),
                AgentAction.STATUS,
                "Another agent of the cluster answers as node="
                        + config.node()
                        + ". Two agents cannot record one node: stop one, or give it another name with --node.");
    }

    /** Blocks on names. */
    private List<SocketAddress> endpoints() {
        List<SocketAddress> all = new ArrayList<>();
        add(all, cluster.host(), cluster.membershipPort());
        for (Peer peer : cluster.peers().stream().limit(TOLD_PEERS).toList()) {
            add(all, peer.host(), peer.port());
        }
        return all;
    }

    /** The bus's port is taken to be one for all members. */
    private void add(List<SocketAddress> all, String host, int membershipPort) {
        InetSocketAddress address = new InetSocketAddress(host, membershipPort);
        if (!address.isUnresolved()) {
            String ip = address.getAddress().getHostAddress();
            all.add(SocketAddress.inetSocketAddress(membershipPort, ip));
            all.add(SocketAddress.inetSocketAddress(cluster.busPort(), ip));
        }
    }
}
