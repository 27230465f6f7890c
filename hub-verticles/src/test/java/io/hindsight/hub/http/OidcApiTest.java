package io.hindsight.hub.http;

import static io.hindsight.hub.http.TestApi.assertProblem;
import static io.hindsight.hub.testing.TestIssuer.signed;
import static io.hindsight.hub.testing.TestIssuer.time;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.PlainJWT;
import io.hindsight.api.SnapshotState;
import io.hindsight.config.HubConfig;
import io.hindsight.hub.http.AccessTable.Column;
import io.hindsight.hub.http.AccessTable.Endpoint;
import io.hindsight.hub.http.AccessTable.Standing;
import io.hindsight.hub.testing.LogLines;
import io.hindsight.hub.testing.ScriptedAgent;
import io.hindsight.hub.testing.TestChunks;
import io.hindsight.hub.testing.TestHub;
import io.hindsight.hub.testing.TestIssuer;
import io.hindsight.json.JsonMapping;
import io.hindsight.testing.TestCertificates;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Tokens of OpenID Connect over HTTP: every endpoint by every kind of them, a snapshot's life by three people, a Hub whose issuer is away. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class OidcApiTest {
    private static final RSAKey KEY = TestIssuer.rsa("key");

    @TempDir private static Path folder = Path.of("");

    private final Vertx vertx = Vertx.vertx();
    private TestIssuer issuer;

    @BeforeAll
    void start() throws IOException {
        TestCertificates made = new TestCertificates(Files.createDirectory(folder.resolve("tls")));
        issuer = new TestIssuer(vertx, made.issued("issuer", "san=dns:localhost"), made.authority());
        issuer.published.add(KEY);
        issuer.start();
    }

    @AfterAll
    void stop() {
        issuer.close();
        vertx.close().await();
    }

    private String token(String... groups) {
        return signed(KEY, issuer.claims("alice", groups).build());
    }

    private List<Column> columns() {
        return List.of(
                Column.ofToken("viewer", token("readers"), Standing.VIEWER),
                Column.ofToken("analyst", token("responders", "readers"), Standing.ANALYST),
                Column.ofToken("admin", token("x", "owners"), Standing.ADMIN),
                Column.ofToken("no role", token("x"), Standing.NOBODY),
                Column.ofToken(
                        "expired",
                        signed(
                                KEY,
                                issuer.claims("alice", "owners").expirationTime(time(Duration.ofMinutes(-2))).build()),
                        Standing.UNKNOWN),
                Column.ofToken(
                        "not yet valid",
                        signed(
                                KEY,
                                issuer.claims("alice", "owners").notBeforeTime(time(Duration.ofMinutes(2))).build()),
                        Standing.UNKNOWN),
                Column.ofToken(
                        "wrong audience",
                        signed(KEY, issuer.claims("alice", "owners").audience("grafana").build()),
                        Standing.UNKNOWN),
                Column.ofToken(
                        "wrong issuer",
                        signed(KEY, issuer.claims("alice", "owners").issuer("https://other.example").build()),
                        Standing.UNKNOWN),
                Column.ofToken(
                        "forged",
                        signed(TestIssuer.rsa("key"), issuer.claims("alice", "owners").build()),
                        Standing.UNKNOWN),
                Column.ofToken(
                        "unsigned",
                        new PlainJWT(issuer.claims("alice", "owners").build()).serialize(),
                        Standing.UNKNOWN));
    }

    @Test
    void shouldLetInWhomTheTableLetsInAndNeverTellATokenToTheLog() throws IOException {
        HubDouble hub = new HubDouble(vertx);
        HubConfig config = HubConfig.withDefaults(folder, 0).withAccess(issuer.access());
        List<Column> columns = columns();
        try (LogLines log = new LogLines().debug();
                TestApi api = new TestApi(vertx, config, HttpLimits.DEFAULTS)) {
            for (Column column : columns) {
                for (Endpoint endpoint : AccessTable.endpoints()) {
                    hub.snapshots.put(
                            AccessTable.SNAPSHOT, HubDouble.snapshot(AccessTable.SNAPSHOT, SnapshotState.COMPLETE, 1));
                    AccessTable.requireAnswer(api.port(), api.laneTokens(), endpoint, column);
                }
            }
            assertThat(log.text()).contains("cause=expired", "cause=audience", "cause=signature");
            for (Column column : columns) {
                String token = column.headers().getFirst().substring("Authorization: Bearer ".length());
                assertThat(log.text()).doesNotContain(token).doesNotContain(token.split("\\.", 3)[1]);
                assertThat(hub.recorded.toString()).doesNotContain(token);
            }
            assertThat(metrics(api, token("readers")))
                    .contains("hindsight_oidc_refusals_total{cause=\"expired\"}")
                    .contains("hindsight_oidc_keys 1.0")
                    .contains("hindsight_oidc_issuer_up 1.0");
        }
    }

    private static String metrics(TestApi api, String token) {
        return new String(get(api, "/metrics", token).body(), StandardCharsets.UTF_8);
    }

    private static HttpResponse<byte[]> get(TestApi api, String path, String token) {
        return api.get(path, "Authorization", "Bearer " + token);
    }

    @Test
    void shouldLetAViewerSeeAnAnalystCreateAndAnAdminDelete() throws IOException {
        HubConfig config = TestHub.config(folder.resolve("volume"), 32, 32L << 20).withAccess(issuer.access());
        try (TestHub hub = new TestHub(config);
                TestApi api = new TestApi(hub.vertx(), config, HttpLimits.DEFAULTS)) {
            ScriptedAgent agent = hub.agent("node-1", TestChunks.packets("node-1", 3, 20));
            String request = JsonMapping.toJson(TestHub.everything("one")).encode();
            String viewer = token("readers");
            String analyst = token("responders");
            String admin = token("owners");
            assertProblem(
                    api.post("/api/v1/snapshots", request, "Authorization", "Bearer " + viewer),
                    403,
                    "FORBIDDEN",
                    "Authorization");
            agent.report();
            HttpResponse<byte[]> created = api.post("/api/v1/snapshots", request, "Authorization", "Bearer " + analyst);
            assertThat(created.statusCode()).as(new String(created.body(), StandardCharsets.UTF_8)).isEqualTo(202);
            assertThat(TestApi.json(created).getString("createdBy")).isEqualTo("oidc:alice");
            String path = "/api/v1/snapshots/" + TestApi.json(created).getString("id");
            hub.ended(TestApi.json(created).getString("id"));
            assertThat(get(api, path, viewer).statusCode()).isEqualTo(200);
            assertThat(get(api, path + "/pcap", viewer).statusCode()).isEqualTo(403);
            assertThat(get(api, path + "/pcap", analyst).statusCode()).isEqualTo(200);
            assertThat(api.send("DELETE", path, null, "Authorization", "Bearer " + analyst).statusCode())
                    .isEqualTo(403);
            assertThat(api.send("DELETE", path, null, "Authorization", "Bearer " + admin).statusCode()).isEqualTo(204);
        }
    }

    @Test
    void shouldStartWithoutTheIssuerAndSaySo() throws IOException {
        TestIssuer away =
                new TestIssuer(
                        vertx, new TestCertificates.Pem(folder, folder), folder.resolve("tls").resolve("ca.crt"));
        HubConfig config = HubConfig.withDefaults(folder, 0).withAccess(away.access());
        try (LogLines log = new LogLines();
                TestApi api = new TestApi(vertx, config, HttpLimits.DEFAULTS)) {
            await().until(() -> !log.with("cannot be asked for its keys").isEmpty());
            String token = signed(KEY, away.claims("alice", "owners").build());
            for (Endpoint endpoint : AccessTable.endpoints()) {
                AccessTable.requireAnswer(
                        api.port(),
                        api.laneTokens(),
                        endpoint,
                        Column.ofToken("issuer away", token, Standing.UNDECIDED));
            }
            assertThat(TestApi.problem(get(api, "/api/v1/snapshots", token)).getString("code"))
                    .isEqualTo("UPSTREAM_UNREACHABLE");
            assertThat(get(api, "/api/v1/snapshots", token("owners")).statusCode()).isEqualTo(401);
            assertThat(log.with("is not logged until it answers")).hasSize(1);
            assertThat(log.text()).doesNotContain(token);
        }
    }
}
