package io.hindsight.hub.access;

import static io.hindsight.hub.access.OidcFixture.LIMITS;
import static io.hindsight.hub.access.OidcFixture.asked;
import static io.hindsight.hub.access.OidcFixture.assertRefused;
import static io.hindsight.hub.access.OidcFixture.caller;
import static io.hindsight.hub.testing.TestIssuer.signed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import io.hindsight.config.AccessConfig.Oidc;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.testing.LogLines;
import io.hindsight.hub.testing.TestIssuer;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Keys that come, go and do not come; issuers that are away, slow or hostile. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class OidcIssuerTest {
    private static final RSAKey FIRST = TestIssuer.rsa("first");
    private static final RSAKey SECOND = TestIssuer.rsa("second");

    private Path folder;
    private OidcFixture fixture;

    @BeforeAll
    void make(@TempDir Path made) {
        folder = made;
        fixture = new OidcFixture(made);
    }

    @BeforeEach
    void start() {
        fixture.issuer.published.clear();
        fixture.issuer.published.add(FIRST);
        fixture.issuer.discovery = null;
        fixture.issuer.keys = null;
        fixture.issuer.cacheControl = "";
        fixture.issuer.keyRequests.set(0);
        fixture.issuer.start();
    }

    @AfterEach
    void stop() {
        fixture.issuer.stop();
    }

    @AfterAll
    void close() {
        fixture.close();
    }

    private String token(RSAKey key) {
        return signed(key, fixture.issuer.claims("alice", "readers").build());
    }

    private static void assertUnreachable(OidcTokens tokens, String token) {
        assertThatThrownBy(() -> caller(tokens, token))
                .isInstanceOfSatisfying(
                        HindsightException.class,
                        failure -> {
                            assertThat(failure.code()).isEqualTo(ErrorCode.UPSTREAM_UNREACHABLE);
                            assertThat(failure)
                                    .hasMessageContaining("https://localhost:")
                                    .hasMessageNotContaining("refused");
                        });
    }

    @Test
    void shouldAskOnceForAKeyThatItDoesNotKnow() {
        try (OidcTokens tokens = asked(fixture.tokens(OidcFixture.refetching(Duration.ZERO)), 1)) {
            fixture.issuer.published.add(SECOND);
            assertThat(caller(tokens, token(SECOND))).isPresent();
            assertThat(caller(tokens, token(FIRST))).isPresent();
            assertThat(caller(tokens, token(SECOND))).isPresent();
            assertThat(fixture.issuer.keyRequests).hasValue(2);
        }
    }

    @Test
    void shouldNotBeMadeToAskByTokensOfUnknownKeys() {
        try (OidcTokens tokens = asked(fixture.tokens(), 1)) {
            fixture.issuer.published.add(SECOND);
            RSAKey nobodys = new RSAKey.Builder(SECOND).keyID("nobody's").build();
            for (int i = 0; i < 20; i++) {
                assertRefused(tokens, OidcRefusal.KEY, token(nobodys));
                assertRefused(tokens, OidcRefusal.KEY, token(SECOND));
            }
            assertThat(fixture.issuer.keyRequests).hasValue(1);
        }
    }

    @Test
    void shouldNotAcceptAKeyThatTheIssuerHasTakenBack() {
        fixture.issuer.published.add(SECOND);
        fixture.issuer.cacheControl = "public, max-age=0, must-revalidate";
        String token = token(FIRST);
        try (OidcTokens tokens = asked(fixture.tokens(), 2)) {
            assertThat(caller(tokens, token)).isPresent();
            fixture.issuer.published.removeFirst();
            asked(tokens, 1);
            assertRefused(tokens, OidcRefusal.KEY, token);
            assertThat(caller(tokens, token(SECOND))).isPresent();
            fixture.issuer.published.clear();
            asked(tokens, 0);
            assertRefused(tokens, OidcRefusal.KEY, token(SECOND));
        }
    }

    @Test
    void shouldStartWithoutItsIssuerAndGoOnWhenItComes() {
        fixture.issuer.stop();
        try (LogLines log = new LogLines();
                OidcTokens tokens = fixture.tokens()) {
            await().until(() -> !tokens.isIssuerUp());
            for (int i = 0; i < 3; i++) {
                assertUnreachable(tokens, token(FIRST));
            }
            assertThat(caller(tokens, "correct-horse-battery-staple")).isEmpty();
            fixture.issuer.start();
            asked(tokens, 1);
            assertThat(caller(tokens, token(FIRST))).isPresent();
            assertThat(tokens.isIssuerUp()).isTrue();
            assertThat(log.with("cannot be asked")).hasSize(1);
        }
    }

    @Test
    void shouldBelieveKnownKeysWhereTheIssuerHasGone() {
        try (LogLines log = new LogLines();
                OidcTokens tokens =
                        asked(fixture.tokens(OidcFixture.limits(Duration.ofMillis(100), Duration.ofHours(24))), 1)) {
            fixture.issuer.stop();
            await().until(() -> !tokens.isIssuerUp());
            assertThat(caller(tokens, token(FIRST))).isPresent();
            assertThat(log.with("cannot be asked")).hasSize(1).first().asString().contains("are believed for 24 h");
        }
    }

    @Test
    void shouldNotBelieveThemForEver() {
        OidcLimits limits = OidcFixture.limits(Duration.ofMillis(100), Duration.ofSeconds(1));
        String known = token(FIRST);
        try (OidcTokens tokens = fixture.tokens(limits)) {
            assertThat(caller(tokens, known)).isPresent();
            fixture.issuer.stop();
            await().until(() -> tokens.keyCount() == 0 && !tokens.isIssuerUp());
            assertUnreachable(tokens, known);
            fixture.issuer.start();
            asked(tokens, 1);
            assertThat(tokens.isIssuerUp()).isTrue();
        }
    }

    @Test
    void shouldSayThatItCannotTellWhereAKeyIsUnknownAndTheIssuerAway() {
        try (OidcTokens tokens = asked(fixture.tokens(OidcFixture.refetching(Duration.ZERO)), 1)) {
            fixture.issuer.stop();
            assertUnreachable(tokens, token(SECOND));
            assertThat(caller(tokens, token(FIRST))).isPresent();
        }
    }

    @Test
    void shouldHaveTokensWaitForTheFirstAnswer() {
        try (OidcTokens tokens = fixture.tokens()) {
            assertThat(caller(tokens, token(FIRST))).isPresent();
        }
    }

    @Test
    void shouldPassOverKeysThatItCannotUse() {
        ECKey bitcoin = new ECKey.Builder(TestIssuer.ec("curve", Curve.P_256)).build();
        fixture.issuer.keys =
                request -> {
                    JsonArray all = fixture.issuer.keySet().getJsonArray("keys");
                    all.add(new JsonObject(TestIssuer.rsa("short", 1_024).toPublicJWK().toJSONObject()));
                    all.add(
                            new JsonObject(
                                    new OctetSequenceKey.Builder(new byte[32]).keyID("secret").build().toJSONObject()));
                    all.add(new JsonObject(SECOND.toJSONObject())); // with its private part
                    all.add(new JsonObject(bitcoin.toPublicJWK().toJSONObject()).put("crv", "secp256k1"));
                    all.add(new JsonObject(bitcoin.toPublicJWK().toJSONObject()).put("x", "AAAA"));
                    all.add(new JsonObject(FIRST.toPublicJWK().toJSONObject()).put("use", "enc").put("kid", "enc"));
                    all.add(new JsonObject().put("kty", "OKP").put("crv", "Ed25519").put("x", "AAAA").put("kid", "ed"));
                    all.add(new JsonObject().put("kty", "new")).add("text").addNull().add(7);
                    request.response().end(new JsonObject().put("keys", all).encode());
                };
        try (OidcTokens tokens = asked(fixture.tokens(), 1)) {
            assertThat(caller(tokens, token(FIRST))).isPresent();
            assertRefused(tokens, OidcRefusal.KEY, token(SECOND));
        }
    }

    private Consumer<HttpServerRequest> saying(String field, @Nullable Object value) {
        return request -> request.response().end(fixture.issuer.document().put(field, value).encode());
    }

    private static Consumer<HttpServerRequest> answering(String body) {
        return request -> request.response().end(body);
    }

    private static Consumer<HttpServerRequest> redirecting(String to) {
        return request -> request.response().setStatusCode(302).putHeader("Location", to).end();
    }

    private void assertNotBelieved(
            String why, @Nullable Consumer<HttpServerRequest> discovery, @Nullable Consumer<HttpServerRequest> keys) {
        fixture.issuer.discovery = discovery;
        fixture.issuer.keys = keys;
        assertNotBelieved(why, fixture.issuer.oidc(), LIMITS);
    }

    private void assertNotBelieved(String why, Oidc oidc, OidcLimits limits) {
        try (LogLines log = new LogLines();
                OidcTokens tokens = fixture.tokens(oidc, limits, Clock.systemUTC())) {
            await().until(() -> !log.with("cannot be asked for its keys").isEmpty());
            assertThat(log.with("cannot be asked for its keys")).hasSize(1).first().asString().contains(why);
            assertThat(tokens.keyCount()).isZero();
        }
    }

    @Test
    void shouldNotBelieveADiscoveryDocumentThatIsNotTheIssuersOwn() {
        String issuer = fixture.issuer.issuer().toString();
        assertNotBelieved("of another issuer", saying("issuer", "https://other.example"), null);
        assertNotBelieved("of another issuer", saying("issuer", issuer + "/"), null);
        assertNotBelieved("of another issuer", saying("issuer", null), null);
        assertNotBelieved("no https address", saying("jwks_uri", issuer.replace("https", "http") + "/keys"), null);
        assertNotBelieved("no https address", saying("jwks_uri", "file:///etc/passwd"), null);
        assertNotBelieved(
                "no https address", saying("jwks_uri", issuer.replace("://", "://user:secret@") + "/keys"), null);
        assertNotBelieved("no address", saying("jwks_uri", "https://a b"), null);
        assertNotBelieved("has no jwks_uri", saying("jwks_uri", issuer + "/" + "x".repeat(2_048)), null);
        assertNotBelieved("has no jwks_uri", saying("jwks_uri", List.of("x")), null);
        assertThat(fixture.issuer.keyRequests).hasValue(0);
    }

    @Test
    void shouldBoundWhatItReads() {
        String issuer = fixture.issuer.issuer().toString();
        assertNotBelieved("status=302", redirecting(issuer + "/elsewhere"), null);
        assertNotBelieved("status=302", null, redirecting(issuer + "/elsewhere"));
        assertNotBelieved("status=404", request -> request.response().setStatusCode(404).end(), null);
        assertNotBelieved("bytes from", answering(" ".repeat(300_000)), null);
        assertNotBelieved("bytes from", null, answering("{\"keys\":[]" + " ".repeat(300_000) + "}"));
        assertNotBelieved("bytes from", null, OidcIssuerTest::endless);
        assertNotBelieved("no JSON object", answering("<html>"), null);
        assertNotBelieved("no JSON object", null, answering("[".repeat(100_000)));
        assertNotBelieved("it has no keys", null, answering("{\"keys\":{}}"));
        String many = new JsonArray(Collections.nCopies(101, Map.of("kty", "RSA"))).encode();
        assertNotBelieved("keys=101, limit=100", null, answering("{\"keys\":" + many + "}"));
    }

    @Test
    void shouldNotWaitForAnIssuerThatDoesNotEndItsAnswer() {
        fixture.issuer.discovery = request -> {};
        assertNotBelieved("no whole answer", fixture.issuer.oidc(), OidcFixture.impatient());
        fixture.issuer.discovery = request -> request.response().setChunked(true).write("{");
        assertNotBelieved("no whole answer", fixture.issuer.oidc(), OidcFixture.impatient());
    }

    private static void endless(HttpServerRequest request) {
        request.response().setChunked(true);
        byte[] part = new byte[16 << 10];
        request.response().write(Buffer.buffer(part));
        request.response().drainHandler(again -> request.response().write(Buffer.buffer(part)));
        for (int i = 0; i < 64; i++) {
            request.response().write(Buffer.buffer(part));
        }
    }

    @Test
    void shouldTalkToNobodyButTheIssuer() throws IOException {
        Oidc oidc = fixture.issuer.oidc();
        // The JDK's own authorities do not know it.
        assertNotBelieved("PKIX", fixture.issuer.oidc(null, "sub"), LIMITS);
        // Its certificate is for localhost.
        URI elsewhere = URI.create(oidc.issuer().toString().replace("localhost", "127.0.0.1"));
        Oidc ofAnotherName =
                new Oidc(
                        elsewhere, oidc.audience(), oidc.authority(), "sub", "groups", List.of(), List.of(), List.of());
        assertNotBelieved("No subject alternative", ofAnotherName, LIMITS);
        Path text = Files.writeString(folder.resolve("text"), "not PEM");
        for (Path file : List.of(text, folder.resolve("missing"), folder)) {
            assertThatThrownBy(() -> fixture.tokens(fixture.issuer.oidc(file, "sub"), LIMITS, Clock.systemUTC()))
                    .isInstanceOfSatisfying(
                            HindsightException.class,
                            refused -> assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_CONFIGURATION))
                    .hasMessageContaining("oidc-ca=" + file);
        }
    }
}
