package io.hindsight.hub.http;

import io.hindsight.hub.access.Authenticator;
import io.hindsight.hub.access.OidcRefusal;
import io.hindsight.hub.access.OidcTokens;
import io.micrometer.core.instrument.Tag;
import java.util.List;

/** What there is to know of tokens of OpenID Connect. Stateless. */
final class OidcMeters {
    private OidcMeters() {}

    static void register(HubMetrics metrics, List<Authenticator> authenticators) {
        for (Authenticator each : authenticators) {
            if (each instanceof OidcTokens tokens) {
                register(metrics, tokens);
            }
        }
    }

    private static void register(HubMetrics metrics, OidcTokens tokens) {
        metrics.gauge(
                "hindsight.oidc.issuer.up",
                "1 while the OpenID Connect issuer can be asked for its keys.",
                tokens,
                one -> one.isIssuerUp() ? 1 : 0);
        metrics.gauge(
                "hindsight.oidc.keys",
                "Keys of the OpenID Connect issuer that tokens are verified with.",
                tokens,
                OidcTokens::keyCount);
        for (OidcRefusal cause : OidcRefusal.values()) {
            metrics.counter(
                    "hindsight.oidc.refusals",
                    "Tokens of the OpenID Connect issuer that were not accepted.",
                    Tag.of("cause", cause.label()),
                    tokens,
                    one -> one.refused(cause));
        }
    }
}
