package io.hindsight.agent.link;

import io.hindsight.chunk.NodeId;
import io.hindsight.config.LinkConfig;
import io.hindsight.error.HindsightException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files behind {@link HubCredentials}, read anew for each connection: tokens that Kubernetes projects rotate every hour, certificates every few weeks. Where
 * they cannot be used, what was read last is shown, and it is said once. Thread-safe.
 */
final class CredentialFiles {
    private static final Logger LOG = LoggerFactory.getLogger(CredentialFiles.class);

    private final Vertx vertx;
    private final LinkConfig config;
    private final NodeId node;
    private volatile HubCredentials last;
    private volatile @Nullable String trouble;

    /**
     * Reads them for the first time, on a worker.
     *
     * @throws HindsightException INVALID_CONFIGURATION naming the file that cannot be used
     */
    CredentialFiles(Vertx vertx, LinkConfig config, NodeId node) {
        this.vertx = vertx;
        this.config = config;
        this.node = node;
        if (config.tokenFile() != null) {
            JoinToken.warnIfReadableByOthers(config.tokenFile());
        }
        this.last = read(vertx, config, node);
    }

    private static HubCredentials read(Vertx vertx, LinkConfig config, NodeId node) {
        String token = config.tokenFile() == null ? null : JoinToken.load(config.tokenFile(), node);
        return new HubCredentials(
                token == null ? null : "Bearer " + token,
                config.isTls() ? HubCredentials.tls(vertx, config.tls()) : null);
    }

    /** As the files are now; comes on the caller's context, which does not wait for the disk. */
    Future<HubCredentials> now() {
        return vertx.executeBlocking(this::reread, false);
    }

    private HubCredentials reread() {
        try {
            last = read(vertx, config, node);
            trouble = null;
        } catch (HindsightException unusable) {
            String words = String.valueOf(unusable.getMessage());
            if (!words.equals(trouble)) {
                trouble = words;
                LOG.warn("The Hub is shown what was read before: {}", words);
            }
        }
        return last;
    }
}
