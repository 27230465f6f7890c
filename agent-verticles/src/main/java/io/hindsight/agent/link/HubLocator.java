package io.hindsight.agent.link;

import io.hindsight.config.HubService;
import io.hindsight.config.LinkConfig;
import io.hindsight.kubernetes.ApiAccess;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.SocketAddress;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where the Hub is now: asked before each dial, on the link's context. */
@FunctionalInterface
public interface HubLocator {
    /** Never waits longer than a dial may take; failed with words that say what is missing. */
    Future<SocketAddress> locate();

    /**
     * What finds a Hub by its service.
     *
     * @param kubeconfig the way to the API server; null: as a pod does
     * @return empty where the Hub's address is given; failed with INVALID_CONFIGURATION where there is no way to the API server
     */
    static Future<Optional<HubLocator>> of(
            Vertx vertx, LinkConfig config, @Nullable Path kubeconfig, Map<String, String> environment) {
        HubService service = config.service();
        if (service == null) {
            return Future.succeededFuture(Optional.empty());
        }
        return vertx.executeBlocking(() ->
                Optional.of(
                        new ServiceLocator(
                                vertx,
                                service,
                                () ->
                                        ApiAccess.require(
                                                kubeconfig,
                                                "hub=" + config.hub(),
                                                environment,
                                                ApiAccess.SERVICE_ACCOUNT),
                                LinkTiming.DEFAULTS.dial())));
    }
}
