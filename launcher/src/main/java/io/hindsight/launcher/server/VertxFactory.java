package io.hindsight.launcher.server;

import io.hindsight.bus.ChunkCodec;
import io.hindsight.hub.http.HubMetrics;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the process's Vert.x: native epoll where it loads, no files cached on disk, metered, and the codec that passes chunks by reference. */
final class VertxFactory {
    private static final Logger LOG = LoggerFactory.getLogger(VertxFactory.class);

    private VertxFactory() {}

    static Vertx create(HubMetrics metrics) {
        VertxOptions options =
                new VertxOptions()
                        .setPreferNativeTransport(true)
                        .setFileSystemOptions(new FileSystemOptions().setFileCachingEnabled(false));
        Vertx vertx = metrics.instrument(Vertx.builder().with(metrics.options(options))).build();
        vertx.eventBus().registerCodec(new ChunkCodec());
        if (vertx.isNativeTransportEnabled()) {
            LOG.info("transport=epoll");
        } else {
            LOG.warn("transport=nio: native epoll did not load", vertx.unavailableNativeTransportCause());
        }
        return vertx;
    }
}
