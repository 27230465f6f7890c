package io.hindsight.launcher.server;

import io.hindsight.bus.ChunkCodec;
import io.hindsight.cluster.BusCluster;
import io.hindsight.config.BusClusterConfig;
import io.hindsight.hub.http.HubMetrics;
import io.vertx.core.Vertx;
import io.vertx.core.VertxBuilder;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.time.Duration;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the process's Vert.x: native epoll where it loads, no files cached on disk, and the codec that passes chunks by reference. */
final class VertxFactory {
    private static final Logger LOG = LoggerFactory.getLogger(VertxFactory.class);

    /** A peer that takes connections and never answers holds a member up for its attempts to join. */
    private static final Duration JOIN_TIMEOUT = Duration.ofMinutes(2);

    private static final int AGENT_EVENT_LOOPS = 2;
    private static final int AGENT_WORKERS = 4;

    private VertxFactory() {}

    /** For a Hub, with or without an agent. */
    static Vertx create(HubMetrics metrics, Optional<BusClusterConfig> cluster) {
        return ready(metrics.options(options()), cluster, metrics::instrument);
    }

    /** For an agent alone: a guest on its machine, whose few messages need few threads however many processors there are. */
    static Vertx createForAgent(Optional<BusClusterConfig> cluster) {
        VertxOptions options =
                options()
                        .setEventLoopPoolSize(AGENT_EVENT_LOOPS)
                        .setWorkerPoolSize(AGENT_WORKERS)
                        .setInternalBlockingPoolSize(AGENT_WORKERS);
        return ready(options, cluster, UnaryOperator.identity());
    }

    private static VertxOptions options() {
        return new VertxOptions()
                .setPreferNativeTransport(true)
                .setFileSystemOptions(new FileSystemOptions().setFileCachingEnabled(false));
    }

    private static Vertx ready(
            VertxOptions options, Optional<BusClusterConfig> cluster, UnaryOperator<VertxBuilder> instrument) {
        Vertx vertx =
                cluster.map(config -> member(config, options, instrument))
                        .orElseGet(() -> alone(instrument.apply(Vertx.builder().with(options))));
        if (vertx.isNativeTransportEnabled()) {
            LOG.info("transport=epoll");
        } else {
            LOG.warn("transport=nio: native epoll did not load", vertx.unavailableNativeTransportCause());
        }
        return vertx;
    }

    private static Vertx alone(VertxBuilder builder) {
        Vertx vertx = builder.build();
        vertx.eventBus().registerCodec(new ChunkCodec());
        return vertx;
    }

    private static Vertx member(BusClusterConfig config, VertxOptions options, UnaryOperator<VertxBuilder> instrument) {
        BusCluster cluster = BusCluster.load(config);
        VertxBuilder builder = instrument.apply(Vertx.builder().with(cluster.apply(options)));
        return Starting.await(
                cluster.join(builder), JOIN_TIMEOUT, "The cluster of peers=" + config.peers() + " was not joined");
    }
}
