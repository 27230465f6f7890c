package io.hindsight.hub.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.api.SnapshotState;
import io.hindsight.chunk.NodeId;
import io.hindsight.config.HubConfig;
import io.hindsight.hub.access.Authenticator;
import io.hindsight.hub.access.Caller;
import io.hindsight.hub.access.Role;
import io.hindsight.hub.http.AccessTable.Column;
import io.hindsight.hub.http.AccessTable.Endpoint;
import io.hindsight.hub.http.AccessTable.Standing;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests of every kind whose sender is known only after a while, or not at all. */
final class LateAuthenticationTest {
    private static final String ADMIN = "admin-token";
    private static final String BODY = "{\"last\": \"5m\"}";

    /** A connection whose body is owed ends only when it is idle. */
    private static final HttpLimits IMPATIENT =
            HttpLimits.DEFAULTS.withTimes(
                    Duration.ofMillis(500), Duration.ofSeconds(1), Duration.ofSeconds(5), Duration.ofSeconds(5));

    @TempDir private Path folder = Path.of("");

    private final Vertx vertx = Vertx.vertx();
    private final HubDouble hub = new HubDouble(vertx);
    private final LateAuthenticator authenticator =
            new LateAuthenticator(
                    Map.of(
                            ADMIN,
                            Caller.ofUser("otto", Role.ADMIN.permissions()),
                            "viewer-token",
                            Caller.ofUser("vera", Role.VIEWER.permissions()),
                            "nobody-token",
                            Caller.ofUser("nobody", Set.of()),
                            "agent-token",
                            Caller.ofAgent("agent", new NodeId(AccessTable.NODE)),
                            "other-token",
                            Caller.ofAgent("other", new NodeId("node-b"))));

    @AfterEach
    void stop() {
        vertx.close().await();
    }

    private TestApi api(HttpLimits limits, Authenticator... authenticators) {
        return new TestApi(vertx, HubConfig.withDefaults(folder, 0), limits, List.of(authenticators));
    }

    private TestApi api() {
        return api(HttpLimits.DEFAULTS, authenticator);
    }

    private static String post(int length, String... headers) {
        return "POST /api/v1/snapshots HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer "
                + ADMIN
                + "\r\nContent-Type: application/json\r\nContent-Length: "
                + length
                + "\r\n"
                + (headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n")
                + "\r\n";
    }

    private static Socket send(TestApi api, String request) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), api.port());
        socket.setSoTimeout(10_000);
        write(socket, request);
        return socket;
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String rest(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private void awaitAsked(int count) {
        await().until(() -> authenticator.asked.size() == count);
    }

    @Test
    void shouldAnswerRequestsOfEveryKindAsIfItHadKnownAtOnce() throws IOException {
        authenticator.prompt = true;
        List<Column> columns =
                List.of(
                        Column.ofToken("admin", ADMIN, Standing.ADMIN),
                        Column.ofToken("viewer", "viewer-token", Standing.VIEWER),
                        Column.ofToken("nobody", "nobody-token", Standing.NOBODY),
                        Column.ofToken("agent", "agent-token", Standing.AGENT_OF_NODE),
                        Column.ofToken("other", "other-token", Standing.AGENT_OF_OTHER_NODE),
                        Column.ofToken("unknown", "unknown-token", Standing.UNKNOWN));
        try (TestApi api = api()) {
            for (Column column : columns) {
                requireTable(api, column);
            }
            authenticator.unreachable = true;
            requireTable(api, Column.ofToken("undecided", ADMIN, Standing.UNDECIDED));
        }
        assertThat(authenticator.closed).isTrue();
    }

    private void requireTable(TestApi api, Column column) throws IOException {
        for (Endpoint endpoint : AccessTable.endpoints()) {
            hub.snapshots.put(
                    AccessTable.SNAPSHOT, HubDouble.snapshot(AccessTable.SNAPSHOT, SnapshotState.COMPLETE, 1));
            AccessTable.requireAnswer(api.port(), api.laneTokens(), endpoint, column);
        }
    }

    @Test
    void shouldKeepABodyThatComesWhileItAsks() throws IOException {
        try (TestApi api = api();
                Socket whole = send(api, post(BODY.length()) + BODY);
                Socket half = send(api, post(BODY.length()) + BODY.substring(0, 5))) {
            awaitAsked(2);
            assertThat(hub.requests).isEmpty();
            authenticator.answer();
            assertThat(RawHttp.status(rest(whole))).isEqualTo(202);
            write(half, BODY.substring(5));
            assertThat(RawHttp.status(rest(half))).isEqualTo(202);
            assertThat(hub.requests).containsExactly("CREATE by otto", "CREATE by otto");
        }
    }

    @Test
    void shouldAskForTheBodyWhenItKnowsWhoSendsIt() throws IOException {
        try (TestApi api = api(IMPATIENT, authenticator);
                Socket known = send(api, post(BODY.length(), "Expect: 100-continue"));
                Socket unknown =
                        send(api, post(BODY.length(), "Expect: 100-continue").replace(ADMIN, "unknown-token"))) {
            awaitAsked(2);
            authenticator.answer();
            String interim = "HTTP/1.1 100 Continue\r\n\r\n";
            assertThat(new String(known.getInputStream().readNBytes(interim.length()), StandardCharsets.US_ASCII))
                    .isEqualTo(interim);
            write(known, BODY);
            assertThat(RawHttp.status(rest(known))).isEqualTo(202);
            assertThat(RawHttp.status(rest(unknown))).isEqualTo(401);
        }
    }

    @Test
    void shouldBoundHowManyWaitAndLetOthersIn() throws IOException {
        Authenticator prompt = new AtOnce();
        try (TestApi api =
                api(HttpLimits.DEFAULTS.withAuthentication(2, Duration.ofSeconds(30)), prompt, authenticator)) {
            List<CompletableFuture<HttpResponse<byte[]>>> waiting =
                    List.of(later(api, "viewer-token"), later(api, "viewer-token"));
            awaitAsked(2);
            HttpResponse<byte[]> refused = api.get("/api/v1/nodes", "Authorization", "Bearer viewer-token");
            TestApi.assertProblem(refused, 429, "TOO_MANY_REQUESTS", null);
            assertThat(TestApi.header(refused, "Retry-After")).isNotEmpty();
            assertThat(api.get("/api/v1/nodes", "Authorization", "Bearer at-once").statusCode()).isEqualTo(200);
            assertThat(
                            new String(
                                    api.get("/metrics", "Authorization", "Bearer at-once").body(),
                                    StandardCharsets.UTF_8))
                    .contains("hindsight_authentication_waiting 2.0", "hindsight_authentication_refused_total 1.0");
            authenticator.answer();
            assertThat(waiting).allSatisfy(one -> assertThat(one.join().statusCode()).isEqualTo(200));
        }
    }

    private static String metrics(TestApi api) {
        return new String(api.get("/metrics", "Authorization", "Bearer " + ADMIN).body(), StandardCharsets.UTF_8);
    }

    private static CompletableFuture<HttpResponse<byte[]>> later(TestApi api, String token) {
        return CompletableFuture.supplyAsync(
                () -> api.get("/api/v1/nodes", "Authorization", "Bearer " + token), Thread::startVirtualThread);
    }

    /** As a token file answers. */
    private static final class AtOnce implements Authenticator {
        @Override
        public boolean answersAtOnce() {
            return true;
        }

        @Override
        public Future<Optional<Caller>> authenticate(String token) {
            return Future.succeededFuture(
                    token.equals("at-once")
                            ? Optional.of(Caller.ofUser("anna", Role.ANALYST.permissions()))
                            : Optional.empty());
        }

        @Override
        public void close() {}
    }

    @Test
    void shouldNotWaitForEver() {
        try (TestApi api = api(HttpLimits.DEFAULTS.withAuthentication(10, Duration.ofMillis(200)), authenticator)) {
            HttpResponse<byte[]> late = api.get("/api/v1/nodes", "Authorization", "Bearer " + ADMIN);
            TestApi.assertProblem(late, 503, "UPSTREAM_UNREACHABLE", null);
            assertThat(TestApi.header(late, "Retry-After")).isNotEmpty();
            authenticator.answer();
            authenticator.prompt = true;
            assertThat(metrics(api)).contains("hindsight_authentication_undecided_total 1.0");
        }
    }

    @Test
    void shouldDoNothingForAClientThatHasGone() throws IOException {
        try (TestApi api = api()) {
            send(api, post(BODY.length()) + BODY).close();
            awaitAsked(1);
            authenticator.prompt = true;
            await().until(() -> metrics(api).contains("hindsight_http_connections 1.0"));
            assertThat(metrics(api)).contains("hindsight_authentication_waiting 1.0");
            authenticator.answer();
            await().until(() -> metrics(api).contains("hindsight_authentication_waiting 0.0"));
            assertThat(hub.requests).noneMatch(request -> request.startsWith("CREATE"));
        }
    }

    /** The body's own bound goes on, and what is known afterwards is of no use. */
    @Test
    void shouldAnswerOnceWhereTheBodyIsLateToo() throws IOException {
        try (TestApi api = api(IMPATIENT, authenticator);
                Socket slow = send(api, post(BODY.length()) + "{")) {
            awaitAsked(1);
            assertThat(RawHttp.status(rest(slow))).isEqualTo(408);
            authenticator.answer();
            authenticator.prompt = true;
            assertThat(api.get("/api/v1/nodes", "Authorization", "Bearer " + ADMIN).statusCode()).isEqualTo(200);
            assertThat(hub.requests).noneMatch(request -> request.startsWith("CREATE"));
        }
    }
}
