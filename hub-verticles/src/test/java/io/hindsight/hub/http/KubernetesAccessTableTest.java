package io.hindsight.hub.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.api.CapturePolicy;
import io.hindsight.api.SnapshotState;
import io.hindsight.config.AccessConfig;
import io.hindsight.config.AccessConfig.KubernetesTokens;
import io.hindsight.config.ClusterConfig;
import io.hindsight.config.HubConfig;
import io.hindsight.hub.http.AccessTable.Column;
import io.hindsight.hub.http.AccessTable.Endpoint;
import io.hindsight.hub.http.AccessTable.Standing;
import io.hindsight.hub.testing.ReviewServer;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every endpoint and every kind of caller that shows a token of Kubernetes. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class KubernetesAccessTableTest {
    private static final String AGENT = "system:serviceaccount:hindsight:agent";
    private static final String RECORDER = "system:serviceaccount:hindsight:recorder";

    @TempDir private static Path folder = Path.of("");

    private final Vertx vertx = Vertx.vertx();
    private final ReviewServer kubernetes = new ReviewServer();
    private HubDouble hub;
    private TestApi api;

    @BeforeAll
    void start() {
        hub = new HubDouble(vertx);
        KubernetesTokens tokens =
                new KubernetesTokens(ReviewServer.AUDIENCE, List.of("hindsight/agent"), List.of("hindsight/recorder"));
        HubConfig config =
                HubConfig.withDefaults(folder, 0)
                        .withAccess(new AccessConfig(tokens, null))
                        .withCluster(new ClusterConfig(CapturePolicy.EVERYTHING, kubernetes.kubeconfig(folder), null));
        api = new TestApi(vertx, config, HttpLimits.DEFAULTS);
        kubernetes.allow("viewer", "get");
        kubernetes.allow("analyst", "get", "create", "export", "verify");
        kubernetes.allow("admin", "get", "create", "export", "verify", "delete", "lock", "capture", "audit");
        // Whatever RBAC says: they join, and nothing else.
        kubernetes.allow(AGENT, "get", "create", "export", "delete");
        kubernetes.allow(RECORDER, "get", "create", "export", "delete");
        kubernetes.pod("hindsight", "agent-1", "u-1", AccessTable.NODE);
    }

    @AfterAll
    void stop() {
        api.close();
        vertx.close().await();
        kubernetes.close();
        assertThat(kubernetes.violations).isEmpty();
    }

    Stream<Column> columns() {
        return Stream.of(
                Column.ofToken("viewer by RBAC", kubernetes.token("viewer"), Standing.VIEWER),
                Column.ofToken("analyst by RBAC", kubernetes.token("analyst"), Standing.ANALYST),
                Column.ofToken("admin by RBAC", kubernetes.token("admin"), Standing.ADMIN),
                Column.ofToken("nothing by RBAC", kubernetes.token("nobody"), Standing.NOBODY),
                Column.ofToken("expired", expired(), Standing.UNKNOWN),
                Column.ofToken("wrong audience", ofAudience("https://kubernetes.default.svc"), Standing.UNKNOWN),
                Column.ofToken("of another cluster", strange(), Standing.UNKNOWN),
                Column.ofToken("no JWT", "not-a-token-of-kubernetes", Standing.UNKNOWN),
                Column.ofToken("agent of the node", agentOf(AccessTable.NODE), Standing.AGENT_OF_NODE),
                Column.ofToken("agent of the node by its pod", agentOfPod("agent-1"), Standing.AGENT_OF_NODE),
                Column.ofToken("agent of another node", agentOf("node-b"), Standing.AGENT_OF_OTHER_NODE),
                Column.ofToken("agent of a pod that is gone", agentOfPod("agent-2"), Standing.NOBODY),
                Column.ofToken("agent without a pod", kubernetes.token(AGENT), Standing.NOBODY),
                Column.ofToken("recorder", kubernetes.token(RECORDER), Standing.AGENT_OF_OTHER_NODE));
    }

    private String expired() {
        String token = kubernetes.token("admin");
        kubernetes.expire(token);
        return token;
    }

    private String ofAudience(String audience) {
        return kubernetes.token("admin", List.of(audience), Instant.now().plusSeconds(600), Map.of());
    }

    private String strange() {
        return kubernetes.jwt(new JsonObject().put("sub", "admin").put("aud", ReviewServer.AUDIENCE));
    }

    private String agentOf(String node) {
        return kubernetes.token(AGENT, Map.of("authentication.kubernetes.io/node-name", List.of(node)));
    }

    private String agentOfPod(String pod) {
        return kubernetes.token(
                AGENT,
                Map.of(
                        "authentication.kubernetes.io/pod-name",
                        List.of(pod),
                        "authentication.kubernetes.io/pod-uid",
                        List.of("u-1")));
    }

    @ParameterizedTest
    @MethodSource("columns")
    void shouldLetInWhomTheTableLetsIn(Column column) throws IOException {
        for (Endpoint endpoint : AccessTable.endpoints()) {
            hub.snapshots.put(
                    AccessTable.SNAPSHOT, HubDouble.snapshot(AccessTable.SNAPSHOT, SnapshotState.COMPLETE, 1));
            AccessTable.requireAnswer(api.port(), api.laneTokens(), endpoint, column);
        }
    }
}
