package io.hindsight.hub.http;

import static io.hindsight.hub.http.TestApi.assertProblem;
import static io.hindsight.hub.testing.TestIssuer.signed;
import static io.hindsight.hub.testing.TestIssuer.time;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import io.hindsight.config.HubConfig;
import io.hindsight.hub.testing.LogLines;
import io.hindsight.hub.testing.TestHub;
import io.hindsight.hub.testing.TestIssuer;
import io.hindsight.testing.TestCertificates;
import io.vertx.core.Vertx;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens of OpenID Connect at a real Hub, over HTTP. */
final class OidcApiTest {
    private static final RSAKey KEY = TestIssuer.rsa("key");

    @TempDir private Path folder = Path.of("");

    private final Vertx vertx = Vertx.vertx();
    private TestIssuer issuer;
    private TestHub hub;
    private TestApi api;

    @BeforeEach
    void start() throws Exception {
        Path tls = Files.createDirectory(folder.resolve("tls"));
        TestCertificates made = new TestCertificates(tls);
        issuer = new TestIssuer(vertx, made.issued("issuer", "san=dns:localhost"), made.authority());
        issuer.published.add(KEY);
        issuer.start();
        HubConfig config = TestHub.config(folder.resolve("volume"), 32, 32L << 20).withAccess(issuer.access());
        hub = new TestHub(config);
        api = new TestApi(hub.vertx(), config, HttpLimits.DEFAULTS);
    }

    @AfterEach
    void stop() {
        api.close();
        hub.close();
        issuer.close();
        vertx.close().await();
    }

    private HttpResponse<byte[]> get(String path, String token) {
        return api.get(path, "Authorization", "Bearer " + token);
    }

    private String token(String... groups) {
        return signed(KEY, issuer.claims("alice", groups).build());
    }

    @Test
    void shouldLetInWhoHasARoleAndTellTheOthersApart() {
        assertThat(get("/api/v1/snapshots", token("readers")).statusCode()).isEqualTo(200);
        assertThat(get("/api/v1/snapshots", token("owners")).statusCode()).isEqualTo(200);
        assertProblem(get("/api/v1/snapshots", token("others")), 403, "FORBIDDEN", "Authorization");
        JWTClaimsSet.Builder claims = issuer.claims("alice", "owners");
        List<String> refused = new ArrayList<>();
        refused.add(signed(KEY, claims.expirationTime(time(Duration.ofMinutes(-2))).build()));
        refused.add(signed(KEY, issuer.claims("alice", "owners").audience("other").build()));
        refused.add(signed(KEY, issuer.claims("alice", "owners").issuer("https://other.example").build()));
        refused.add(signed(TestIssuer.rsa("key"), issuer.claims("alice", "owners").build()));
        refused.add(token("owners") + "x");
        for (String each : refused) {
            HttpResponse<byte[]> answer = get("/api/v1/snapshots", each);
            assertProblem(answer, 401, "UNAUTHENTICATED", "Authorization");
            assertThat(new String(answer.body(), StandardCharsets.UTF_8)).doesNotContain(each);
        }
        assertThat(get("/api/v1/snapshots", token("owners", "x".repeat(20_000))).statusCode()).isEqualTo(431);
        String metrics = new String(get("/metrics", token("readers")).body(), StandardCharsets.UTF_8);
        assertThat(metrics)
                .contains("hindsight_oidc_refusals_total{cause=\"expired\"} 1.0")
                .contains("hindsight_oidc_refusals_total{cause=\"audience\"} 1.0")
                .contains("hindsight_oidc_refusals_total{cause=\"signature\"}")
                .contains("hindsight_oidc_keys 1.0")
                .contains("hindsight_oidc_issuer_up 1.0");
    }

    @Test
    void shouldStartWithoutTheIssuerAndSaySo() {
        api.close();
        issuer.stop();
        try (LogLines log = new LogLines()) {
            HubConfig config = TestHub.config(hub.folder(), 32, 32L << 20).withAccess(issuer.access());
            api = new TestApi(hub.vertx(), config, HttpLimits.DEFAULTS);
            await().until(() -> !log.with("cannot be asked for its keys").isEmpty());
            String token = token("owners");
            HttpResponse<byte[]> answer = get("/api/v1/snapshots", token);
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(TestApi.json(answer).getString("code")).isEqualTo("UPSTREAM_UNREACHABLE");
            assertThat(api.get("/api/v1/snapshots").statusCode()).isEqualTo(401);
            assertThat(api.get("/health/live").statusCode()).isEqualTo(200);
            assertThat(log.all()).doesNotContain(token);
        }
    }
}
