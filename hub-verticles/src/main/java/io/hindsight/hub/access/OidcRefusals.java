package io.hindsight.hub.access;

import java.net.URI;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts refusals, and logs the first of a cause in a while: whoever reaches the port can cause them. Thread-safe. */
final class OidcRefusals {
    private static final Logger LOG = LoggerFactory.getLogger(OidcRefusals.class);
    private static final Duration QUIET_FOR = Duration.ofMinutes(10);

    private final URI issuer;

    // Guarded by this.
    private final Map<OidcRefusal, Long> counts = new EnumMap<>(OidcRefusal.class);
    private final Map<OidcRefusal, Long> loggedNs = new EnumMap<>(OidcRefusal.class);

    OidcRefusals(URI issuer) {
        this.issuer = issuer;
    }

    void add(RefusedTokenException refused) {
        if (isNews(refused.refusal(), System.nanoTime())) {
            LOG.warn(
                    "A token of oidc-issuer={} is not accepted: cause={}, {}. Others of this cause are only counted for {} min.",
                    issuer,
                    refused.refusal().label(),
                    refused.getMessage(),
                    QUIET_FOR.toMinutes());
        }
    }

    private synchronized boolean isNews(OidcRefusal cause, long nowNs) {
        counts.merge(cause, 1L, Long::sum);
        Long before = loggedNs.get(cause);
        boolean news = before == null || nowNs - before > QUIET_FOR.toNanos();
        if (news) {
            loggedNs.put(cause, nowNs);
        }
        return news;
    }

    synchronized long count(OidcRefusal cause) {
        return counts.getOrDefault(cause, 0L);
    }
}
