package io.hindsight.hub.access;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.config.AccessConfig.Oidc;
import io.hindsight.hub.testing.TestIssuer;
import io.hindsight.testing.TestCertificates;
import io.hindsight.testing.TestCertificates.Pem;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;

/** An issuer, and a Hub's authenticator for its tokens, with times that tests have patience for. */
final class OidcFixture implements AutoCloseable {
    /** As {@link OidcLimits#DEFAULTS}, but the issuer is asked again soon where it did not answer. */
    static final OidcLimits LIMITS = limits(Duration.ofMinutes(1), Duration.ofHours(24));

    final Vertx vertx = Vertx.vertx();
    final Path authority;
    final Pem certificate;
    final TestCertificates certificates;
    final TestIssuer issuer;

    OidcFixture(Path folder) {
        certificates = new TestCertificates(folder);
        authority = certificates.authority();
        certificate = certificates.issued("issuer", "san=dns:localhost");
        issuer = new TestIssuer(vertx, certificate, authority);
    }

    static OidcLimits limits(Duration fresh, Duration maxKeyAge) {
        OidcLimits usual = OidcLimits.DEFAULTS;
        return new OidcLimits(
                usual.requestTimeout(),
                usual.maxDocumentBytes(),
                usual.maxKeys(),
                usual.refetchInterval(),
                Duration.ofMillis(100),
                Duration.ofMillis(100),
                fresh,
                usual.maxFresh(),
                maxKeyAge,
                usual.maxChecks());
    }

    /** With another time between requests for unknown keys. */
    static OidcLimits refetching(Duration interval) {
        return with(LIMITS.requestTimeout(), interval);
    }

    /** For an issuer that does not end its answer. */
    static OidcLimits impatient() {
        return with(Duration.ofMillis(300), LIMITS.refetchInterval());
    }

    private static OidcLimits with(Duration requestTimeout, Duration refetchInterval) {
        OidcLimits usual = LIMITS;
        return new OidcLimits(
                requestTimeout,
                usual.maxDocumentBytes(),
                usual.maxKeys(),
                refetchInterval,
                usual.retryInterval(),
                usual.minFresh(),
                usual.defaultFresh(),
                usual.maxFresh(),
                usual.maxKeyAge(),
                usual.maxChecks());
    }

    OidcTokens tokens() {
        return tokens(issuer.oidc(), LIMITS, Clock.systemUTC());
    }

    OidcTokens tokens(OidcLimits limits) {
        return tokens(issuer.oidc(), limits, Clock.systemUTC());
    }

    OidcTokens tokens(Oidc oidc, OidcLimits limits, InstantSource clock) {
        return OidcTokens.of(vertx, oidc, limits, clock);
    }

    /** Once the issuer has been asked, with whatever outcome. */
    static OidcTokens asked(OidcTokens tokens, int keys) {
        Awaitility.await().until(() -> tokens.keyCount() == keys);
        return tokens;
    }

    static Optional<Caller> caller(OidcTokens tokens, String token) {
        try {
            return tokens.authenticate(token).await(20, SECONDS);
        } catch (TimeoutException late) {
            throw new AssertionError(late);
        }
    }

    static void assertRefused(OidcTokens tokens, OidcRefusal cause, String token) {
        long before = tokens.refused(cause);
        assertThat(caller(tokens, token)).as(token).isEmpty();
        assertThat(tokens.refused(cause)).as(cause.label()).isEqualTo(before + 1);
    }

    @Override
    public void close() {
        issuer.close();
        vertx.close().await();
    }
}
