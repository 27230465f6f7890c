package io.hindsight.hub.access;

import io.fabric8.kubernetes.client.Config;
import io.hindsight.config.AccessConfig.KubernetesTokens;
import io.hindsight.config.HubConfig;
import io.hindsight.kubernetes.ApiAccess;
import io.hindsight.kubernetes.KubernetesApi;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/** Makes the authenticators that a configuration asks for. */
public final class Authenticators {
    /** The longest bearer token that is looked at, in characters: those of identity providers with many groups are some kilobytes. */
    public static final int MAX_TOKEN_LENGTH = 16 << 10;

    private Authenticators() {}

    /**
     * In the order in which they are asked; none: whoever reaches the Hub may do everything. Reads files: call it on a worker.
     *
     * @param reloads has files read again that change
     * @throws io.hindsight.error.HindsightException INVALID_CONFIGURATION where one cannot be had
     */
    public static List<Authenticator> of(Vertx vertx, HubConfig config, FileReloads reloads) {
        List<Authenticator> all = new ArrayList<>();
        if (config.tokenFile() != null) {
            all.add(BearerTokens.load(config.tokenFile(), reloads));
        }
        // Ahead of Kubernetes: it passes over tokens of other issuers, and those of its own are nobody else's to see.
        if (config.access().oidc() != null) {
            all.add(OidcTokens.of(vertx, config.access().oidc(), OidcLimits.DEFAULTS, Clock.systemUTC()));
        }
        KubernetesTokens kubernetes = config.access().kubernetes();
        if (kubernetes != null) {
            all.add(tokenReviews(vertx, config, kubernetes));
        }
        return List.copyOf(all);
    }

    private static TokenReviews tokenReviews(Vertx vertx, HubConfig config, KubernetesTokens tokens) {
        Config access =
                ApiAccess.require(
                        config.cluster().kubeconfig(),
                        "kubernetes-tokens=true",
                        System.getenv(),
                        ApiAccess.SERVICE_ACCOUNT);
        return new TokenReviews(vertx, new KubernetesApi(vertx, access), tokens);
    }
}
