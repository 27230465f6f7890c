package io.hindsight.hub.http;

import static io.hindsight.hub.http.TestApi.assertProblem;
import static io.hindsight.hub.http.TestApi.header;
import static io.hindsight.hub.http.TestApi.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.config.HubConfig;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes wrong before, in and after a route: each time problem details with a code, never a page, a trace or a 5xx for a caller's mistake. */
final class HttpErrorsTest {
    private static final HttpLimits LIMITS =
            HttpLimits.DEFAULTS
                    .withConcurrency(20, 2, 2)
                    .withTimes(
                            Duration.ofSeconds(2),
                            Duration.ofSeconds(1),
                            Duration.ofSeconds(15),
                            Duration.ofSeconds(60));

    @TempDir private Path folder = Path.of("");

    private final Vertx vertx = Vertx.vertx();
    private TestApi api;
    private HubDouble hub;

    @BeforeEach
    void start() {
        hub = new HubDouble(vertx);
        api = new TestApi(vertx, HubConfig.withDefaults(folder, 0), LIMITS);
    }

    @AfterEach
    void stop() {
        api.close();
        vertx.close().await();
    }

    @Test
    void shouldAnswerWhatTheRouterRefuses() {
        assertProblem(api.get("/"), 404, "NOT_FOUND", null);
        assertProblem(api.get("/api/v1/nothing"), 404, "NOT_FOUND", null);
        assertProblem(api.get("/api/v2/nodes"), 404, "NOT_FOUND", null);
        assertProblem(api.get("/index.html"), 404, "NOT_FOUND", null);
        HttpResponse<byte[]> method = api.send("PUT", "/api/v1/snapshots", "{}", "Content-Type", "application/json");
        assertProblem(method, 405, "METHOD_NOT_ALLOWED", null);
        assertThat(header(method, "Allow")).isEqualTo("GET, POST");
        assertProblem(api.send("DELETE", "/api/v1/nodes", null), 405, "METHOD_NOT_ALLOWED", null);
        assertProblem(api.send("POST", "/metrics", null), 405, "METHOD_NOT_ALLOWED", null);
        assertProblem(api.send("OPTIONS", "/api/v1/snapshots", null), 405, "METHOD_NOT_ALLOWED", null);
        assertProblem(api.get("/api/v1/nodes", "Accept", "text/html"), 406, "INVALID_REQUEST", "Accept");
        assertProblem(api.get("/api/v1/events", "Accept", "image/png"), 406, "INVALID_REQUEST", "Accept");
        assertProblem(api.get("/api/v1/nodes", "Accept", "application/json;q=0"), 406, "INVALID_REQUEST", "Accept");
        assertThat(api.get("/api/v1/nodes", "Accept", "text/html, */*;q=0.1").statusCode()).isEqualTo(200);
    }

    @Test
    void shouldRefuseBodiesThatAreTooLargeOrOfAnotherType() {
        String large = "{\"last\": \"" + "5".repeat(1 << 20) + "\"}";
        assertProblem(api.post("/api/v1/snapshots", large), 413, "PAYLOAD_TOO_LARGE", "body");
        String request = "{\"last\": \"5m\"}";
        assertProblem(api.send("POST", "/api/v1/snapshots", request), 415, "UNSUPPORTED_MEDIA_TYPE", "Content-Type");
        for (String type :
                List.of(
                        "text/plain",
                        "application/x-www-form-urlencoded",
                        "multipart/form-data; boundary=x",
                        "a",
                        "")) {
            assertProblem(
                    api.send("POST", "/api/v1/snapshots", request, "Content-Type", type),
                    415,
                    "UNSUPPORTED_MEDIA_TYPE",
                    "Content-Type");
        }
        // Of a request that takes no body too: a form on a GET was once a 500.
        assertProblem(
                api.get("/api/v1/nodes", "Content-Type", "multipart/form-data; boundary=x"),
                415,
                "UNSUPPORTED_MEDIA_TYPE",
                "Content-Type");
        assertProblem(
                api.post("/api/v1/snapshots", request, "Content-Encoding", "gzip"),
                415,
                "UNSUPPORTED_MEDIA_TYPE",
                "Content-Encoding");
        assertThat(
                        api.send(
                                        "POST",
                                        "/api/v1/snapshots",
                                        request,
                                        "Content-Type",
                                        "application/json; charset=utf-8")
                                .statusCode())
                .isEqualTo(202);
    }

    @Test
    void shouldAnswerWhatIsHardlyHttp() throws IOException {
        assertRaw(get("/" + "a".repeat(20_000), "Host: localhost"), 414, "uri");
        assertRaw(get("/api/v1/nodes", "Host: localhost", "X: " + "a".repeat(20_000)), 431, "headers");
        assertRaw(RawHttp.exchange(api.port(), "complete nonsense\r\n\r\n"), 400, "request");
        assertRaw(get("/api/v1/nodes", "Host: localhost", "Bad Header\u0001: x"), 400, "request");
        assertRaw(get("/api/v1/nodes", "Host: localhost", "Content-Length: -1"), 400, null);
        assertRaw(
                post("Host: localhost", "Content-Type: application/json", "Content-Length: 2", "Expect: magic"),
                417,
                "Expect");
        // Vert.x closes such a connection, as a rule before the answer is out.
        assertThat(RawHttp.status(brokenlyChunked())).isIn(0, 400);
        assertRaw(get("/api/v1/snapshots?search=%zz", "Host: localhost"), 400, null);
        assertRaw(get("/api/v1/snapshots/%00", "Host: localhost"), 400, "id");
    }

    private String brokenlyChunked() throws IOException {
        String request =
                """
                POST /api/v1/snapshots HTTP/1.1
                Host: localhost
                Content-Type: application/json
                Transfer-Encoding: chunked

                x
                {}
                """;
        return RawHttp.exchange(api.port(), request.replace("\n", "\r\n"));
    }

    private String get(String path, String... headers) throws IOException {
        return RawHttp.request(api.port(), "GET " + path + " HTTP/1.1", headers);
    }

    private String post(String... headers) throws IOException {
        return RawHttp.request(api.port(), "POST /api/v1/snapshots HTTP/1.1", headers);
    }

    private static void assertRaw(String response, int status, @Nullable String field) {
        assertThat(RawHttp.status(response)).as(response).isEqualTo(status);
        assertThat(response).containsIgnoringCase("content-type: application/problem+json");
        if (field != null) {
            assertThat(RawHttp.json(response).getString("field")).isEqualTo(field);
        }
    }

    @Test
    void shouldGiveUpOnABodyThatDoesNotCome() throws IOException {
        String response =
                RawHttp.exchange(
                        api.port(),
                        "POST /api/v1/snapshots HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{");
        assertRaw(response, 408, "body");
    }

    @Test
    void shouldCloseConnectionsThatAreIdleOrTooMany() throws IOException {
        // The head of a request that never ends counts as idle too.
        assertThat(RawHttp.exchange(api.port(), "GET /api/v1/nodes HTTP/1.1\r\nHost: loc")).isEmpty();

        List<Socket> open = new ArrayList<>();
        try {
            for (int i = 0; i <= LIMITS.maxConnections(); i++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), api.port());
                socket.setSoTimeout(10_000);
                open.add(socket);
            }
            InputStream last = open.getLast().getInputStream();
            assertThat(last.read()).isEqualTo(-1);
        } finally {
            for (Socket socket : open) {
                socket.close();
            }
        }
        // And not because it was idle. The places of those that were closed may still be taken for a moment.
        await().ignoreExceptions()
                .untilAsserted(() ->
                        assertThat(new String(api.get("/metrics").body(), StandardCharsets.UTF_8))
                                .containsPattern("hindsight_http_connections_refused_total [1-9]"));
    }

    @Test
    void shouldKeepWebPagesOut() throws IOException {
        assertRaw(get("/api/v1/nodes", "Host: evil.example"), 403, "Host");
        assertRaw(get("/api/v1/nodes", "Host: evil.example:" + api.port()), 403, "Host");
        assertRaw(get("/api/v1/nodes", "Host: 127.0.0.1.evil.example"), 403, "Host");
        assertRaw(RawHttp.request(api.port(), "GET /api/v1/nodes HTTP/1.0"), 403, "Host");
        assertThat(RawHttp.status(get("/api/v1/nodes", "Host: LOCALHOST:1"))).isEqualTo(200);
        assertThat(RawHttp.status(get("/api/v1/nodes", "Host: [::1]:8899"))).isEqualTo(200);

        assertProblem(api.get("/api/v1/nodes", "Origin", "https://evil.example"), 403, "FORBIDDEN", "Origin");
        assertProblem(api.get("/api/v1/nodes", "Origin", "null"), 403, "FORBIDDEN", "Origin");
        assertProblem(
                api.send("POST", "/api/v1/snapshots/x/cancel", null, "Origin", "http://localhost:1"),
                403,
                "FORBIDDEN",
                "Origin");
        assertProblem(api.get("/api/v1/nodes", "Sec-Fetch-Site", "cross-site"), 403, "FORBIDDEN", "Origin");
        HttpResponse<byte[]> own = api.get("/api/v1/nodes", "Origin", "http://127.0.0.1:" + api.port());
        assertThat(own.statusCode()).isEqualTo(200);
        assertThat(own.headers().map()).doesNotContainKey("access-control-allow-origin");
        assertRaw(
                get(
                        "/api/v1/events",
                        "Host: localhost",
                        "Origin: http://evil.example",
                        "Upgrade: websocket",
                        "Sec-WebSocket-Version: 13",
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="),
                403,
                "Origin");
        assertThat(hub.requests).isEmpty();
    }

    @Test
    void shouldHideDefectsBehindAnId() {
        hub.failure = new IllegalStateException("secret detail of class io.hindsight.Foo");
        HttpResponse<byte[]> response = api.get("/api/v1/snapshots");
        assertProblem(response, 500, "INTERNAL", null);
        JsonObject problem = json(response);
        assertThat(problem.getString("instance")).matches("urn:uuid:[0-9a-f-]{36}");
        assertThat(problem.getString("detail"))
                .contains(problem.getString("instance").substring(9))
                .doesNotContain("secret");
    }

    @Test
    void shouldPassOnWhatTheHubRefuses() {
        hub.failure = HindsightException.ofField(ErrorCode.INSUFFICIENT_STORAGE, "last", "needed=2 free=1 bytes.");
        HttpResponse<byte[]> full = api.post("/api/v1/snapshots", "{\"last\": \"5m\"}");
        assertProblem(full, 507, "INSUFFICIENT_STORAGE", "last");
        assertThat(json(full).getBoolean("retryable")).isTrue();
        assertThat(header(full, "Retry-After")).isNotEmpty();
        for (ErrorCode code : ErrorCode.values()) {
            if (code != ErrorCode.INTERNAL) {
                hub.failure = new HindsightException(code, "As it is.");
                assertProblem(api.get("/api/v1/snapshots/some"), code.httpStatus(), code.name(), null);
            }
        }
    }

    @Test
    void shouldSayWhenTheHubIsNotThere() {
        Vertx alone = Vertx.vertx();
        try (TestApi lonely = new TestApi(alone, HubConfig.withDefaults(folder, 0), LIMITS)) {
            HttpResponse<byte[]> response = lonely.get("/api/v1/nodes");
            assertProblem(response, 503, "NOT_READY", null);
            assertThat(header(response, "Retry-After")).isNotEmpty();
            assertThat(lonely.get("/health/live").statusCode()).isEqualTo(200);
            assertThat(lonely.get("/metrics").statusCode()).isEqualTo(200);
        } finally {
            alone.close().await();
        }
    }

    @Test
    void shouldNotBeReadyWithoutAVolume() {
        Path missing = folder.resolve("missing");
        try (TestApi other = new TestApi(vertx, HubConfig.withDefaults(missing, 0), LIMITS)) {
            HttpResponse<byte[]> response = other.get("/health/ready");
            assertThat(response.statusCode()).isEqualTo(503);
            JsonObject volume = json(response).getJsonArray("checks").getJsonObject(0);
            assertThat(volume.getString("status")).isEqualTo("DOWN");
            assertThat(volume.getString("reason")).contains(missing.toString()).contains("does not exist");
        }
    }
}
