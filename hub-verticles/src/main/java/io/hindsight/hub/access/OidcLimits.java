package io.hindsight.hub.access;

import java.time.Duration;

/**
 * Bounds of what is asked of an OpenID Connect issuer, and of how long its answers are believed.
 *
 * @param requestTimeout from a request, once connected, to the end of its answer
 * @param maxDocumentBytes of one answer: the discovery document, the keys
 * @param maxKeys in one answer
 * @param refetchInterval between two requests for keys that unknown ones in tokens cause
 * @param retryInterval between two requests while the issuer does not answer
 * @param minFresh shortest time between two regular requests, whatever {@code Cache-Control} says
 * @param defaultFresh the same where nothing is said
 * @param maxFresh longest time between them: so long a key that the issuer has taken back is still accepted
 * @param maxKeyAge how long keys are believed while the issuer does not answer
 * @param maxChecks tokens that wait to be checked
 */
record OidcLimits(
        Duration requestTimeout,
        int maxDocumentBytes,
        int maxKeys,
        Duration refetchInterval,
        Duration retryInterval,
        Duration minFresh,
        Duration defaultFresh,
        Duration maxFresh,
        Duration maxKeyAge,
        int maxChecks) {
    static final OidcLimits DEFAULTS =
            new OidcLimits(
                    Duration.ofSeconds(5),
                    256 << 10,
                    100,
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(5),
                    Duration.ofMinutes(1),
                    Duration.ofMinutes(10),
                    Duration.ofHours(1),
                    Duration.ofHours(24),
                    256);
}
