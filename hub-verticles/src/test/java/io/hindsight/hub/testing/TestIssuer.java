package io.hindsight.hub.testing;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.hindsight.config.AccessConfig;
import io.hindsight.config.AccessConfig.Oidc;
import io.hindsight.testing.TestCertificates.Pem;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.PemKeyCertOptions;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A small OpenID Connect issuer over real HTTPS. What it answers, a test can bend. */
public final class TestIssuer implements AutoCloseable {
    public static final String AUDIENCE = "hindsight";

    private static final String DISCOVERY = "/.well-known/openid-configuration";
    private static final String KEYS = "/keys";

    private final Vertx vertx;
    private final Pem certificate;
    private final Path authority;
    private @Nullable HttpServer server;
    private int port;

    /** Keys that it tells of; those that sign may be others. */
    public final List<JWK> published = new CopyOnWriteArrayList<>();

    /** Requests for keys. */
    public final AtomicInteger keyRequests = new AtomicInteger();

    /** How a discovery document is answered; null: as it should be. */
    public volatile @Nullable Consumer<HttpServerRequest> discovery;

    /** How a request for keys is answered; null: as it should be. */
    public volatile @Nullable Consumer<HttpServerRequest> keys;

    /** Of the answer with keys. */
    public volatile String cacheControl = "";

    public TestIssuer(Vertx vertx, Pem certificate, Path authority) {
        this.vertx = vertx;
        this.certificate = certificate;
        this.authority = authority;
    }

    /** Listens, again on the same port. */
    public TestIssuer start() {
        HttpServer started =
                vertx.createHttpServer(
                                new HttpServerOptions()
                                        .setSsl(true)
                                        .setKeyCertOptions(
                                                new PemKeyCertOptions()
                                                        .addCertPath(certificate.certificate().toString())
                                                        .addKeyPath(certificate.key().toString())))
                        .requestHandler(this::answer)
                        .listen(port, "127.0.0.1")
                        .await();
        server = started;
        port = started.actualPort();
        return this;
    }

    private void answer(HttpServerRequest request) {
        boolean ofKeys = request.path().equals(KEYS);
        if (ofKeys) {
            keyRequests.incrementAndGet();
        }
        Consumer<HttpServerRequest> bent = ofKeys ? keys : discovery;
        if (bent != null) {
            bent.accept(request);
        } else if (ofKeys) {
            if (!cacheControl.isEmpty()) {
                request.response().putHeader("Cache-Control", cacheControl);
            }
            request.response().end(keySet().encode());
        } else if (request.path().equals(DISCOVERY)) {
            request.response().end(document().encode());
        } else {
            request.response().setStatusCode(404).end();
        }
    }

    /** What it says of itself. */
    public JsonObject document() {
        return new JsonObject().put("issuer", issuer().toString()).put("jwks_uri", issuer() + KEYS);
    }

    /** Its keys. */
    public JsonObject keySet() {
        JsonArray all = new JsonArray();
        published.forEach(key -> all.add(new JsonObject(key.toPublicJWK().toJSONObject())));
        return new JsonObject().put("keys", all);
    }

    public URI issuer() {
        return URI.create("https://localhost:" + port);
    }

    /** A configuration that trusts it. */
    public Oidc oidc() {
        return oidc(authority, "sub");
    }

    /** With another authority, or none, and another claim for names. */
    public Oidc oidc(@Nullable Path trusted, String nameClaim) {
        return new Oidc(
                issuer(),
                AUDIENCE,
                trusted,
                nameClaim,
                "groups",
                List.of("readers"),
                List.of("responders"),
                List.of("owners"));
    }

    /** The same for a whole Hub. */
    public AccessConfig access() {
        return new AccessConfig(null, oidc());
    }

    public static RSAKey rsa(String id) {
        return rsa(id, 2_048);
    }

    public static RSAKey rsa(String id, int bits) {
        try {
            return new RSAKeyGenerator(bits, true).keyID(id).generate();
        } catch (JOSEException broken) {
            throw new AssertionError(broken);
        }
    }

    public static ECKey ec(String id, Curve curve) {
        try {
            return new ECKeyGenerator(curve).keyID(id).generate();
        } catch (JOSEException broken) {
            throw new AssertionError(broken);
        }
    }

    /** Claims of a token that is valid for five minutes, with these groups. */
    public JWTClaimsSet.Builder claims(String subject, String... groups) {
        return new JWTClaimsSet.Builder()
                .issuer(issuer().toString())
                .audience(AUDIENCE)
                .subject(subject)
                .issueTime(time(Duration.ZERO))
                .expirationTime(time(Duration.ofMinutes(5)))
                .claim("groups", List.of(groups));
    }

    /** So long from now. */
    public static Date time(Duration fromNow) {
        return Date.from(Instant.now().plus(fromNow));
    }

    /** A token with the key's usual algorithm, and its id. */
    public static String signed(JWK key, JWTClaimsSet claims) {
        return signed(key, new JWSHeader.Builder(algorithm(key)).keyID(key.getKeyID()).build(), claims);
    }

    public static String signed(JWK key, JWSHeader header, JWTClaimsSet claims) {
        return signed(signer(key), header, claims);
    }

    public static String signed(JWSSigner signer, JWSHeader header, JWTClaimsSet claims) {
        try {
            SignedJWT jwt = new SignedJWT(header, claims);
            jwt.sign(signer);
            return jwt.serialize();
        } catch (JOSEException broken) {
            throw new AssertionError(broken);
        }
    }

    private static JWSAlgorithm algorithm(JWK key) {
        if (key instanceof ECKey ec) {
            return Curve.P_256.equals(ec.getCurve())
                    ? JWSAlgorithm.ES256
                    : Curve.P_384.equals(ec.getCurve()) ? JWSAlgorithm.ES384 : JWSAlgorithm.ES512;
        }
        return JWSAlgorithm.RS256;
    }

    private static JWSSigner signer(JWK key) {
        try {
            return key instanceof ECKey ec ? new ECDSASigner(ec) : new RSASSASigner(key.toRSAKey());
        } catch (JOSEException broken) {
            throw new AssertionError(broken);
        }
    }

    /** Does not answer any more. */
    public void stop() {
        HttpServer running = server;
        if (running != null) {
            running.close().await();
            server = null;
        }
    }

    @Override
    public void close() {
        stop();
    }
}
