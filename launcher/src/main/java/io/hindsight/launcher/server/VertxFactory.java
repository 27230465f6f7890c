package io.hindsight.launcher.server;

import io.hindsight.bus.ChunkCodec;
import io.hindsight.hub.http.HubMetrics;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the process's Vert.x: native epoll where it loads, no files cached on disk, and the codec that passes chunks by reference. */
final class VertxFactory {
    private static final Logger LOG = LoggerFactory.getLogger(VertxFactory.class);

    private static final int AGENT_EVENT_LOOPS = 2;
    private static final int AGENT_WORKERS = 4;

    private VertxFactory() {}

    /** For a Hub, with or without an agent. */
    static Vertx create(HubMetrics metrics) {
        return ready(metrics.instrument(Vertx.builder().with(metrics.options(options()))).build());
    }

    /** For an agent alone: a guest on its machine, whose few messages need few threads however many processors there are. */
    static Vertx createForAgent() {
        return ready(
                Vertx.vertx(
                        options()
                                .setEventLoopPoolSize(AGENT_EVENT_LOOPS)
                                .setWorkerPoolSize(AGENT_WORKERS)
                                .setInternalBlockingPoolSize(AGENT_WORKERS)));
    }

    private static VertxOptions options() {
        return new VertxOptions()
                .setPreferNativeTransport(true)
                .setFileSystemOptions(new FileSystemOptions().setFileCachingEnabled(false));
    }

    private static Vertx ready(Vertx vertx) {
        vertx.eventBus().registerCodec(new ChunkCodec());
        if (vertx.isNativeTransportEnabled()) {
            LOG.info("transport=epoll");
        } else {
            LOG.warn("transport=nio: native epoll did not load", vertx.unavailableNativeTransportCause());
        }
        return vertx;
    }
}
