package io.hindsight.hub.access;

import io.hindsight.config.HubConfig;
import io.vertx.core.Vertx;
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
        return List.copyOf(all);
    }
}
