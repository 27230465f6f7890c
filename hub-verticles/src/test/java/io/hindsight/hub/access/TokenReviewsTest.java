package io.hindsight.hub.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hindsight.chunk.NodeId;
import io.hindsight.config.AccessConfig.KubernetesTokens;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.testing.LogLines;
import io.hindsight.hub.testing.ReviewServer;
import io.hindsight.kubernetes.ApiAccess;
import io.hindsight.kubernetes.KubernetesApi;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against {@link ReviewServer}, over real HTTP. */
final class TokenReviewsTest {
    private static final String AGENT = "system:serviceaccount:hindsight:hindsight-agent";
    private static final String RECORDER = "system:serviceaccount:hindsight:hindsight-recorder";
    private static final int PERMISSIONS = Permission.values().length;

    @TempDir private Path folder = Path.of("");

    private final Vertx vertx = Vertx.vertx();
    private final ReviewServer server = new ReviewServer();
    private final AtomicLong aheadNs = new AtomicLong();
    private TokenReviews reviews;

    @BeforeEach
    void start() {
        KubernetesApi api =
                new KubernetesApi(
                        vertx,
                        ApiAccess.require(
                                server.kubeconfig(folder), "kubernetes-tokens=true", Map.of(), Path.of("/nowhere")));
        reviews =
                new TokenReviews(
                        vertx,
                        api,
                        new KubernetesTokens(
                                ReviewServer.AUDIENCE,
                                List.of("hindsight/hindsight-agent"),
                                List.of("hindsight/hindsight-recorder")),
                        () -> System.nanoTime() + aheadNs.get(),
                        () -> Instant.now().plusNanos(aheadNs.get()));
    }

    @AfterEach
    void stop() {
        reviews.close();
        server.close();
        vertx.close().await();
        assertThat(server.violations).isEmpty();
    }

    private Optional<Caller> ask(String token) {
        return reviews.authenticate(token).await();
    }

    private Caller caller(String token) {
        return ask(token).orElseThrow();
    }

    private void later(Duration time) {
        aheadNs.addAndGet(time.toNanos());
    }

    private void assertUnreachable(String token, String... words) {
        assertThatThrownBy(() -> ask(token))
                .isInstanceOfSatisfying(
                        HindsightException.class,
                        failure -> {
                            assertThat(failure.code()).isEqualTo(ErrorCode.UPSTREAM_UNREACHABLE);
                            assertThat(failure.getMessage()).contains(words).doesNotContain(token);
                        });
    }

    @Test
    void shouldTakePermissionsFromRbac() {
        server.allow("alice", "get");
        server.allow("bob", "get", "create", "export", "verify");
        server.allow("carol", "get", "create", "export", "verify", "delete", "lock", "capture", "audit");
        assertThat(caller(server.token("alice", Map.of("scopes", List.of("a", "b")))))
                .isEqualTo(Caller.ofUser("alice", Role.VIEWER.permissions()));
        assertThat(caller(server.token("bob"))).isEqualTo(Caller.ofUser("bob", Role.ANALYST.permissions()));
        assertThat(caller(server.token("carol"))).isEqualTo(Caller.ofUser("carol", Role.ADMIN.permissions()));
        assertThat(server.accessReviews).hasSize(3 * PERMISSIONS).contains("alice get", "carol audit");
    }

    @Test
    void shouldKnowACallerWhomRbacAllowsNothing() {
        assertThat(caller(server.token("mallory"))).isEqualTo(Caller.ofUser("mallory", Set.of()));
        assertThat(reviews.counted(ReviewOutcome.NO_PERMISSION)).isEqualTo(1);
    }

    @Test
    void shouldPassOverWhatIsNoTokenForItsAudienceWithoutACall() {
        String elsewhere =
                server.token(
                        "alice", List.of("https://kubernetes.default.svc"), Instant.now().plusSeconds(60), Map.of());
        List<String> others =
                List.of(
                        elsewhere,
                        "",
                        "correct-horse-battery-staple",
                        "a.b.c",
                        "a.b",
                        "..",
                        server.token("alice") + ".more",
                        server.token("alice").replace('.', ':'),
                        " " + server.token("alice"),
                        "e30." + "x".repeat(20) + "=.sig",
                        "e30.bnVsbA.c2ln",
                        "e30.W10.c2ln",
                        "e30." + "W1tb".repeat(2_000) + ".c2ln",
                        server.jwt(new JsonObject().put("aud", new JsonObject().put("hindsight", 1))),
                        server.jwt(new JsonObject().put("aud", "Hindsight")),
                        server.jwt(new JsonObject().put("aud", "hindsight").put("x", "x".repeat(16 << 10))));
        for (String other : others) {
            assertThat(ask(other)).as(other).isEmpty();
        }
        assertThat(server.questions()).isZero();
    }

    @Test
    void shouldRefuseWhatTheApiServerDoesNotAccept() {
        String expired = server.token("alice");
        server.expire(expired);
        server.allow("alice", "get");
        assertThat(ask(expired)).isEmpty();
        assertThat(ask(server.jwt(new JsonObject().put("aud", "hindsight").put("sub", "alice")))).isEmpty();
        assertThat(server.tokenReviews).hasSize(2);
        assertThat(server.accessReviews).isEmpty();
        assertThat(reviews.counted(ReviewOutcome.REFUSED)).isEqualTo(2);
    }

    @Test
    void shouldRefuseATokenWhoseAudienceTheApiServerDoesNotConfirm() {
        server.allow("alice", "get");
        server.ignoreAudiences();
        assertThat(ask(server.token("alice"))).isEmpty();
        assertThat(server.tokenReviews).hasSize(1);
        assertThat(server.accessReviews).isEmpty();
    }

    @Test
    void shouldBindAnAgentToTheNodeThatTheReviewNames() {
        server.allow(AGENT, "get", "delete");
        Caller agent = caller(server.token(AGENT, Map.of("authentication.kubernetes.io/node-name", List.of("n1"))));
        assertThat(agent).isEqualTo(Caller.ofAgent(AGENT, new NodeId("n1")));
        assertThat(agent.usesApi()).as("whatever RBAC says").isFalse();
        assertThat(server.questions()).isEqualTo(1);
    }

    private String tokenOfPod(String pod, String uid) {
        return server.token(
                AGENT,
                Map.of(
                        "authentication.kubernetes.io/pod-name",
                        List.of(pod),
                        "authentication.kubernetes.io/pod-uid",
                        List.of(uid)));
    }

    @Test
    void shouldBindAnAgentToTheNodeOfItsPodWhereTheReviewNamesNoNode() {
        server.pod("hindsight", "agent-x", "u-1", "n2");
        assertThat(caller(tokenOfPod("agent-x", "u-1")).joinsAs()).containsExactly("n2");
        assertThat(server.podReads).containsExactly("/api/v1/namespaces/hindsight/pods/agent-x");
    }

    @Test
    void shouldLetNoAgentInThatIsBoundToNoNode() {
        server.pod("hindsight", "agent-x", "u-2", "n2");
        server.pod("hindsight", "pending", "u-3", null);
        try (LogLines log = new LogLines()) {
            List<String> unbound =
                    List.of(
                            server.token(AGENT),
                            tokenOfPod("agent-x", "u-1"),
                            tokenOfPod("gone", "u-1"),
                            tokenOfPod("pending", "u-3"),
                            tokenOfPod("../../../../apis", "u-1"),
                            server.token(AGENT, Map.of("authentication.kubernetes.io/node-name", List.of("n 1"))),
                            server.token(AGENT, Map.of("authentication.kubernetes.io/node-name", List.of("n1", "n2"))));
            for (String token : unbound) {
                Caller agent = caller(token);
                assertThat(agent.joins()).isFalse();
                assertThat(agent.usesApi()).isFalse();
            }
            assertThat(log.with("account=hindsight/hindsight-agent")).hasSize(1);
        }
        assertThat(server.podReads).hasSize(3).noneMatch(path -> path.contains(".."));
        assertThat(reviews.counted(ReviewOutcome.NO_NODE)).isEqualTo(7);
    }

    @Test
    void shouldLetARecorderJoinAsThatAlone() {
        server.allow(RECORDER, "get");
        Caller recorder =
                caller(server.token(RECORDER, Map.of("authentication.kubernetes.io/node-name", List.of("n1"))));
        assertThat(recorder).isEqualTo(Caller.ofAgent(RECORDER, new NodeId("cluster-recorder")));
    }

    @Test
    void shouldTakeNoOtherAccountForAnAgent() {
        for (String user :
                List.of(
                        "system:serviceaccount:other:hindsight-agent",
                        "system:serviceaccount:hindsight:hindsight-agent:x",
                        "system:serviceaccount:hindsight/hindsight-agent",
                        "system:node:hindsight-agent",
                        "hindsight/hindsight-agent")) {
            assertThat(
                            caller(server.token(user, Map.of("authentication.kubernetes.io/node-name", List.of("n1"))))
                                    .joins())
                    .as(user)
                    .isFalse();
        }
    }

    @Test
    void shouldAskOnceForATokenUntilItsTimeIsOver() {
        server.allow("alice", "get");
        String token = server.token("alice");
        String refused = server.jwt(new JsonObject().put("aud", new JsonArray().add("hindsight")));
        for (int i = 0; i < 3; i++) {
            assertThat(caller(token).usesApi()).isTrue();
            assertThat(ask(refused)).isEmpty();
        }
        assertThat(server.tokenReviews).containsExactly(token, refused);
        later(Duration.ofSeconds(11));
        assertThat(ask(refused)).isEmpty();
        assertThat(server.tokenReviews).containsExactly(token, refused, refused);
        later(Duration.ofSeconds(48));
        server.allow("alice");
        assertThat(caller(token).usesApi()).as("within its time").isTrue();
        later(Duration.ofSeconds(2));
        assertThat(caller(token).usesApi()).isFalse();
        server.allow("alice", "get");
        later(Duration.ofSeconds(11));
        assertThat(caller(token).usesApi()).as("just granted").isTrue();
        assertThat(server.accessReviews).hasSize(3 * PERMISSIONS);
        assertThat(reviews.counted(ReviewOutcome.CACHED)).isEqualTo(5);
    }

    @Test
    void shouldRememberNoTokenBeyondItsOwnTime() {
        server.allow("alice", "get");
        String brief = server.token("alice", List.of("hindsight"), Instant.now().plusSeconds(20), Map.of());
        assertThat(caller(brief).usesApi()).isTrue();
        later(Duration.ofSeconds(21));
        server.expire(brief);
        assertThat(ask(brief)).isEmpty();
        for (Object odd : new Object[] {1e300, -1e300, "soon", Long.MIN_VALUE, 0}) {
            assertThat(ask(server.jwt(new JsonObject().put("aud", "hindsight").put("exp", odd)))).isEmpty();
        }
    }

    @Test
    void shouldShareAReviewAmongThoseWhoShowTheSameToken() {
        server.allow("alice", "get");
        String token = server.token("alice");
        server.hold();
        List<Future<Optional<Caller>>> all = IntStream.range(0, 50).mapToObj(i -> reviews.authenticate(token)).toList();
        await().until(() -> server.tokenReviews.size() == 1);
        server.release();
        for (Future<Optional<Caller>> one : all) {
            assertThat(one.await()).contains(Caller.ofUser("alice", Set.of(Permission.GET)));
        }
        assertThat(server.tokenReviews).hasSize(1);
        assertThat(server.accessReviews).hasSize(PERMISSIONS);
    }

    @Test
    void shouldBoundReviewsUnderWayAndWaiting() {
        server.hold();
        List<Future<Optional<Caller>>> all = new ArrayList<>();
        for (int i = 0; i < ReviewTurns.MAX_UNDER_WAY + ReviewTurns.MAX_WAITING + 10; i++) {
            all.add(reviews.authenticate(server.jwt(new JsonObject().put("aud", "hindsight").put("jti", i))));
        }
        await().until(() -> server.tokenReviews.size() == ReviewTurns.MAX_UNDER_WAY);
        await().until(() -> reviews.counted(ReviewOutcome.TOO_MANY) == 10);
        assertThatThrownBy(() -> all.getLast().await())
                .isInstanceOfSatisfying(
                        HindsightException.class,
                        failure -> assertThat(failure.code()).isEqualTo(ErrorCode.TOO_MANY_REQUESTS));
        server.release();
        for (Future<Optional<Caller>> one : all.subList(0, all.size() - 10)) {
            assertThat(one.await()).isEmpty();
        }
    }

    @Test
    void shouldKeepWhoIsAcceptedWhateverOthersTry() {
        ReviewCache cache = new ReviewCache(() -> 0, Instant::now);
        cache.put("alice", Review.joining(Caller.LOCAL), null);
        for (int i = 0; i < 2 * ReviewCache.MAX_REMEMBERED; i++) {
            cache.put("m" + i, Review.REFUSED, null);
        }
        assertThat(cache.get("alice")).isPresent();
        assertThat(cache.get("m0")).isEmpty();
        assertThat(cache.get("m" + ReviewCache.MAX_REMEMBERED)).isPresent();
    }

    @Test
    void shouldServeThoseItKnowsWhileTheApiServerIsAway() {
        server.allow("alice", "get");
        String known = server.token("alice");
        String stranger = server.token("alice");
        assertThat(caller(known).usesApi()).isTrue();
        server.stop();
        try (LogLines log = new LogLines()) {
            for (int i = 0; i < 3; i++) {
                assertThat(caller(known).usesApi()).isTrue();
                assertUnreachable(stranger, "gives no answer");
            }
            assertThat(log.with("cannot be reviewed")).hasSize(1);
        }
        later(Duration.ofSeconds(61));
        assertUnreachable(known, "gives no answer");
        server.start();
        assertThat(caller(stranger).usesApi()).isTrue();
        assertThat(caller(known).usesApi()).isTrue();
        server.stop();
        try (LogLines log = new LogLines()) {
            assertUnreachable(server.token("alice"), "gives no answer");
            assertThat(log.with("cannot be reviewed")).as("again").hasSize(1);
        }
    }

    @Test
    void shouldSayWhichRuleTheHubLacks() {
        server.allow("alice", "get");
        server.refuse("/apis/authorization.k8s.io/", 403);
        assertUnreachable(
                server.token("alice"),
                "HTTP 403",
                "apiGroups [authorization.k8s.io], resources [subjectaccessreviews], verbs [create]");
        server.refuse("/apis/authentication.k8s.io/", 403);
        assertUnreachable(
                server.token("alice"),
                "HTTP 403",
                "apiGroups [authentication.k8s.io], resources [tokenreviews], verbs [create]");
        server.refuse("/apis/", 0);
        server.refuse("/apis/authorization.k8s.io/", 0);
        server.refuse("/apis/authentication.k8s.io/", 0);
        server.refuse("/api/v1/namespaces/", 403);
        assertUnreachable(tokenOfPod("agent-x", "u-1"), "HTTP 403", "apiGroups [\"\"], resources [pods], verbs [get]");
        assertThat(reviews.counted(ReviewOutcome.UNREACHABLE)).isEqualTo(3);
        assertThat(caller(server.token("alice")).usesApi()).isTrue();
    }

    @Test
    void shouldNeitherTakeNorQuoteAnswersThatAreNone() {
        String token = server.token("alice");
        try (LogLines log = new LogLines()) {
            for (String body :
                    List.of(
                            "",
                            "null",
                            "[]",
                            "{}",
                            "{\"status\":true}",
                            "{\"status\":{\"token\":" + token,
                            token,
                            "{\"a\":".repeat(2_000))) {
                server.answer("/apis/authentication.k8s.io/", body);
                assertUnreachable(token, "gives no answer");
            }
            for (int status : new int[] {301, 307, 400, 401, 404, 422, 429, 500, 503}) {
                server.refuse("/apis/authentication.k8s.io/", status);
                assertUnreachable(token, "HTTP status " + status);
            }
            server.refuse("/apis/authentication.k8s.io/", 0);
            for (String status :
                    List.of(
                            "{\"authenticated\":\"true\",\"audiences\":[\"hindsight\"],\"user\":{\"username\":\"alice\"}}",
                            "{\"authenticated\":true,\"audiences\":\"hindsight\",\"user\":{\"username\":\"alice\"}}",
                            "{\"authenticated\":true,\"audiences\":[\"other\"],\"user\":{\"username\":\"alice\"}}",
                            "{\"authenticated\":true,\"audiences\":[\"hindsight\"]}",
                            "{\"authenticated\":true,\"audiences\":[\"hindsight\"],\"user\":{\"username\":\"\"}}",
                            "{\"authenticated\":true,\"audiences\":[\"hindsight\"],\"user\":{\"username\":\"a\\nb\"}}",
                            "{\"authenticated\":true,\"audiences\":[\"hindsight\"],\"user\":{\"username\":\"a\",\"groups\":[1]}}",
                            "{\"authenticated\":true,\"audiences\":[\"hindsight\"],\"user\":{\"username\":\"a\",\"extra\":{\"k\":\"v\"}}}",
                            "{\"authenticated\":true,\"audiences\":[\"hindsight\"],\"user\":{\"username\":\""
                                    + "a".repeat(513)
                                    + "\"}}",
                            "{\"authenticated\":true,\"audiences\":[\"hindsight\"],\"user\":{\"username\":\"a\",\"uid\":\""
                                    + "a".repeat(65 << 10)
                                    + "\"}}")) {
                server.answer("/apis/authentication.k8s.io/", "{\"status\":" + status + "}");
                later(Duration.ofSeconds(11));
                assertThat(ask(token)).as(status).isEmpty();
            }
            assertThat(log.text())
                    .doesNotContain(token.substring(token.lastIndexOf('.') + 1))
                    .doesNotContain(ReviewServer.OWN_TOKEN);
        }
        assertThat(server.accessReviews).isEmpty();
    }
}
