package io.hindsight.hub.http;

import static io.hindsight.hub.http.TestApi.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hindsight.api.CapturePolicy;
import io.hindsight.bus.LinkProtocol;
import io.hindsight.chunk.NodeId;
import io.hindsight.config.AccessConfig;
import io.hindsight.config.AccessConfig.KubernetesTokens;
import io.hindsight.config.ClusterConfig;
import io.hindsight.config.HubConfig;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.lane.LaneOrder;
import io.hindsight.hub.testing.LogLines;
import io.hindsight.hub.testing.ReviewServer;
import io.hindsight.hub.testing.TestHub;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole Hub whose callers show tokens of Kubernetes. */
final class KubernetesTokensTest {
    private static final String AGENT = "system:serviceaccount:hindsight:hindsight-agent";
    private static final String RECORDER = "system:serviceaccount:hindsight:hindsight-recorder";
    private static final String NODE = "authentication.kubernetes.io/node-name";

    @TempDir private Path folder = Path.of("");

    private final Vertx agents = Vertx.vertx();
    private final ReviewServer kubernetes = new ReviewServer();
    private TestHub hub;
    private TestApi api;

    @BeforeEach
    void start() {
        HubConfig config = config(kubernetes.kubeconfig(folder));
        hub = new TestHub(config);
        api = new TestApi(hub.vertx(), config, HttpLimits.DEFAULTS);
    }

    private HubConfig config(@Nullable Path kubeconfig) {
        KubernetesTokens tokens =
                new KubernetesTokens(
                        ReviewServer.AUDIENCE,
                        List.of("hindsight/hindsight-agent"),
                        List.of("hindsight/hindsight-recorder"));
        return TestHub.config(folder, 32, 32L << 20)
                .withAccess(new AccessConfig(tokens, null))
                .withCluster(new ClusterConfig(CapturePolicy.EVERYTHING, kubeconfig, null));
    }

    @AfterEach
    void stop() {
        api.close();
        hub.close();
        agents.close().await();
        kubernetes.close();
        assertThat(kubernetes.violations).isEmpty();
    }

    private HttpResponse<byte[]> list(String token) {
        return api.get("/api/v1/snapshots", "Authorization", "Bearer " + token);
    }

    private JsonObject refusedLink(String node, String token) {
        return LinkClient.refusal(
                agents,
                new WebSocketClientOptions(),
                LinkClient.withToken(LinkClient.request(api.port(), node, "i-1"), token));
    }

    private void assertLinks(String node, String token) {
        LinkClient.open(
                        agents,
                        new WebSocketClientOptions(),
                        LinkClient.withToken(LinkClient.request(api.port(), node, "i-1"), token))
                .close();
    }

    private static void assertRefusal(JsonObject problem, int status, String code) {
        assertThat(problem.getInteger("status")).as(problem.encode()).isEqualTo(status);
        assertThat(problem.getString("code")).isEqualTo(code);
    }

    @Test
    void shouldServeWhomRbacAllowsAndRefuseEverybodyElse() {
        kubernetes.allow("alice", "get");
        String alice = kubernetes.token("alice");
        assertThat(list(alice).statusCode()).isEqualTo(200);
        assertThat(list(alice).statusCode()).isEqualTo(200);
        assertThat(kubernetes.tokenReviews).containsExactly(alice);

        HttpResponse<byte[]> noPermission = list(kubernetes.token("mallory"));
        assertProblem(noPermission, 403, "FORBIDDEN", "Authorization");
        assertThat(new String(noPermission.body(), StandardCharsets.UTF_8)).contains("mallory");
        String expired = kubernetes.token("alice");
        kubernetes.expire(expired);
        String elsewhere = kubernetes.token("alice", List.of("elsewhere"), Instant.now().plusSeconds(60), Map.of());
        for (String refused : List.of(expired, elsewhere, "garbage", "a.b.c", alice.substring(1))) {
            assertProblem(list(refused), 401, "UNAUTHENTICATED", "Authorization");
        }
        assertProblem(api.get("/api/v1/snapshots"), 401, "UNAUTHENTICATED", "Authorization");
        assertRefusal(refusedLink("n1", alice), 403, "FORBIDDEN");
        assertThat(metrics(alice))
                .contains("hindsight_token_reviews_total{outcome=\"accepted\"} 1.0")
                .contains("hindsight_token_reviews_total{outcome=\"no_permission\"} 1.0")
                .contains("hindsight_token_reviews_total{outcome=\"refused\"} 2.0");
    }

    private String metrics(String token) {
        return new String(api.get("/metrics", "Authorization", "Bearer " + token).body(), StandardCharsets.UTF_8);
    }

    @Test
    void shouldLinkAnAgentAsItsOwnNodeAlone() {
        kubernetes.allow(AGENT, "get", "create", "delete");
        String agent = kubernetes.token(AGENT, Map.of(NODE, List.of("n1")));
        assertLinks("n1", agent);
        assertRefusal(refusedLink("n2", agent), 403, "FORBIDDEN");
        assertRefusal(refusedLink("cluster-recorder", agent), 403, "FORBIDDEN");
        assertProblem(list(agent), 403, "FORBIDDEN", "Authorization");

        String recorder = kubernetes.token(RECORDER, Map.of(NODE, List.of("n1")));
        assertLinks("cluster-recorder", recorder);
        assertRefusal(refusedLink("n1", recorder), 403, "FORBIDDEN");

        kubernetes.pod("hindsight", "agent-a", "u-1", "n3");
        Map<String, List<String>> pod =
                Map.of(
                        "authentication.kubernetes.io/pod-name",
                        List.of("agent-a"),
                        "authentication.kubernetes.io/pod-uid",
                        List.of("u-1"));
        assertLinks("n3", kubernetes.token(AGENT, pod));
        kubernetes.deletePod("hindsight", "agent-a");
        assertRefusal(refusedLink("n3", kubernetes.token(AGENT, pod)), 403, "FORBIDDEN");
    }

    @Test
    void shouldOpenALaneForTheOrdersNodeAlone() throws IOException {
        String order = api.laneTokens().issue(new LaneOrder("snapshot-1", new NodeId("n1"), "nobody", 1 << 20));
        String other = kubernetes.token(AGENT, Map.of(NODE, List.of("n2")));
        String refused = answer(lane(order, other), "}");
        assertThat(RawHttp.status(refused)).isEqualTo(403);
        assertThat(RawHttp.json(refused).getString("detail")).contains("of a node that the caller does not join as");

        String own = kubernetes.token(AGENT, Map.of(NODE, List.of("n1")));
        assertThat(RawHttp.status(answer(lane(order, own), "\r\n\r\n"))).isEqualTo(101);
        kubernetes.allow("alice", "get");
        assertThat(metrics(kubernetes.token("alice")))
                .contains("hindsight_lane_refusals_total{cause=\"other-node\"} 1.0");
    }

    /** Until these words: the connection stays open. */
    private String answer(String request, String end) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), api.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            StringBuilder answer = new StringBuilder();
            while (answer.indexOf(end) < 0) {
                answer.append((char) socket.getInputStream().read());
            }
            return answer.toString();
        }
    }

    private static String lane(String order, String token) {
        return "GET "
                + LinkProtocol.LANE_PATH
                + " HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: "
                + LinkProtocol.LANE_UPGRADE
                + "\r\nAuthorization: Bearer "
                + token
                + "\r\n"
                + LinkProtocol.LANE_HEADER
                + ": "
                + order
                + "\r\n\r\n";
    }

    @Test
    void shouldServeThoseItKnowsWhileTheApiServerIsAway() {
        kubernetes.allow("alice", "get");
        String known = kubernetes.token("alice");
        String stranger = kubernetes.token("alice");
        assertThat(list(known).statusCode()).isEqualTo(200);
        kubernetes.stop();
        assertThat(list(known).statusCode()).isEqualTo(200);
        assertProblem(list(stranger), 503, "UPSTREAM_UNREACHABLE", null);
        assertProblem(list("garbage"), 401, "UNAUTHENTICATED", "Authorization");
        assertThat(TestApi.header(list(stranger), "Retry-After")).isNotEmpty();
        kubernetes.start();
        assertThat(list(stranger).statusCode()).isEqualTo(200);
    }

    @Test
    void shouldServeThoseItKnowsWhileOthersWaitForTheApiServer() {
        api.close();
        HttpLimits tight = HttpLimits.DEFAULTS.withAuthentication(1, Duration.ofSeconds(30));
        api = new TestApi(hub.vertx(), config(kubernetes.kubeconfig(folder)), tight);
        kubernetes.allow("alice", "get");
        String known = kubernetes.token("alice");
        assertThat(list(known).statusCode()).isEqualTo(200);
        kubernetes.hold();
        String stranger = kubernetes.token("alice");
        CompletableFuture<HttpResponse<byte[]>> waiting = CompletableFuture.supplyAsync(() -> list(stranger));
        await().until(() -> kubernetes.tokenReviews.contains(stranger));

        assertThat(list(known).statusCode()).isEqualTo(200);
        assertThat(list(kubernetes.token("alice")).statusCode()).isEqualTo(429);
        assertThat(list("garbage").statusCode()).isEqualTo(401);
        kubernetes.release();
        assertThat(waiting.join().statusCode()).isEqualTo(200);
    }

    @Test
    void shouldLogNoToken() {
        try (LogLines log = new LogLines()) {
            kubernetes.allow("alice", "get");
            String alice = kubernetes.token("alice");
            String agent = kubernetes.token(AGENT);
            String unknown = kubernetes.jwt(new JsonObject().put("aud", "hindsight"));
            for (String token : List.of(alice, agent, unknown, alice + "x")) {
                list(token);
                refusedLink("n1", token);
            }
            kubernetes.refuse("/apis/authentication.k8s.io/", 422);
            String invalid = kubernetes.token("bob");
            list(invalid);
            kubernetes.stop();
            list(invalid);
            kubernetes.start();
            assertThat(log.text()).contains("account=hindsight/hindsight-agent", "HTTP status 422");
            for (String token : List.of(alice, agent, unknown, invalid)) {
                for (String part :
                        List.of(
                                token.substring(token.indexOf('.') + 1, token.lastIndexOf('.')),
                                token.substring(token.lastIndexOf('.') + 1))) {
                    assertThat(log.text()).doesNotContain(part);
                }
            }
        }
    }

    @Test
    void shouldNotStartWithoutAWayToTheApiServer() {
        Vertx vertx = Vertx.vertx();
        try {
            assertThatThrownBy(() -> new TestApi(vertx, config(null), HttpLimits.DEFAULTS))
                    .isInstanceOfSatisfying(
                            HindsightException.class,
                            failure -> {
                                assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_CONFIGURATION);
                                assertThat(failure.getMessage()).contains("kubernetes-tokens=true", "kubeconfig");
                            });
        } finally {
            vertx.close().await();
        }
    }
}
