package io.hindsight.hub.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.config.HubConfig;
import io.hindsight.hub.access.Authenticator;
import io.hindsight.hub.access.Caller;
import io.hindsight.hub.access.Role;
import io.hindsight.hub.testing.LogLines;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.NotSslRecordException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Wherever a token comes, it goes nowhere: no log line from debug on, no answer, no line of the custody log and no metric has it. */
final class TokensNeverToldTest {
    /** In every token here, and in nothing else. */
    private static final String MARK = "s3cr3t";

    private static final String ADMIN = MARK + "-admin-0123456789";
    private static final String VIEWER = MARK + "-viewer-0123456789";
    private static final String AGENT = MARK + "-agent-0123456789";
    private static final String UNKNOWN = MARK + "-unknown-0123456789";

    @TempDir private Path folder = Path.of("");

    private final Vertx vertx = Vertx.vertx();
    private final HubDouble hub = new HubDouble(vertx);
    private final List<String> answers = new ArrayList<>();

    @AfterEach
    void stop() {
        vertx.close().await();
    }

    private static String request(String line, String... headers) {
        return line + " HTTP/1.1\r\nHost: localhost\r\n" + String.join("\r\n", headers) + "\r\n\r\n";
    }

    private static String bearer(String token) {
        return "Authorization: Bearer " + token;
    }

    private void send(TestApi api, String request) throws IOException {
        answers.add(AccessTable.answer(api.port(), request));
    }

    private static final String[] WEB_SOCKET = {
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    };

    private static String webSocket(String path, String... headers) {
        List<String> all = new ArrayList<>(List.of(WEB_SOCKET));
        all.addAll(List.of(headers));
        return request("GET " + path, all.toArray(String[]::new));
    }

    @Test
    void shouldNotTellTokensOfAnybody() throws IOException {
        Path tokens =
                Files.writeString(
                        folder.resolve("tokens"),
                        "otto:admin:%s%nvera:viewer:%s%nagent:%s%n".formatted(ADMIN, VIEWER, AGENT));
        HubConfig config = TestApi.withTokens(HubConfig.withDefaults(folder, 0), tokens);
        String log;
        try (LogLines lines = new LogLines().debug();
                TestApi api = new TestApi(vertx, config, HttpLimits.DEFAULTS)) {
            for (String token :
                    List.of(ADMIN, VIEWER, AGENT, UNKNOWN, ADMIN + "," + VIEWER, MARK + "\u00e9", MARK + ":x")) {
                send(api, request("GET /api/v1/snapshots", bearer(token)));
                send(api, request("DELETE /api/v1/snapshots/some-id", bearer(token)));
                send(api, request("GET /nowhere", bearer(token)));
                send(api, webSocket("/api/v1/events", bearer(token)));
                send(api, webSocket("/api/v1/link/websocket", bearer(token), "Hindsight-Node: n1"));
                send(api, request("GET /api/v1/lane", bearer(token), "Hindsight-Lane: " + token));
                send(api, request("GET /api/v1/snapshots", "Authorization: Basic " + token));
                send(api, request("GET /api/v1/snapshots", "Cookie: token=" + token));
                send(api, webSocket("/api/v1/events", "Sec-WebSocket-Protocol: bearer, " + token));
                send(api, webSocket("/api/v1/events?access_token=" + token));
            }
            for (String authorization : List.of(bearer(ADMIN), bearer(VIEWER), bearer(AGENT), "X: y")) {
                send(api, request("GET /api/v1/snapshots?access_token=" + ADMIN, authorization));
                send(api, request("GET /api/v1/events?token=" + ADMIN, authorization));
                send(api, webSocket("/api/v1/events?token=" + ADMIN, authorization));
                send(api, request("GET /metrics?token=" + ADMIN, authorization));
            }
            send(api, request("GET /api/v1/snapshots", bearer(ADMIN), "Origin: https://elsewhere.example"));
            send(api, request("GET /api/v1/snapshots", bearer(ADMIN), bearer(VIEWER)));
            send(api, request("GET /api/v1/snapshots", bearer(ADMIN), "no colon " + ADMIN));
            send(api, request("GET /api/v1/snapshots", bearer(ADMIN + "\u0000")));
            hub.failure = new IllegalStateException("broken");
            send(api, request("GET /api/v1/snapshots", bearer(ADMIN)));
            hub.failure = null;
            await().until(() -> hub.recorded.size() > 3);
            answers.add(metrics(api));
            log = lines.text();
        }
        assertThat(answers.stream().map(RawHttp::status)).contains(101, 200, 400, 401, 403, 404, 500);
        assertThat(log).contains("DEBUG").doesNotContain(MARK);
        assertThat(answers).allSatisfy(answer -> assertThat(answer).doesNotContain(MARK));
        assertThat(hub.recorded.toString()).contains("vera", "FORBIDDEN").doesNotContain(MARK);
    }

    private static String metrics(TestApi api) {
        return "HTTP/1.1 200\r\n"
                + new String(api.get("/metrics", "Authorization", "Bearer " + ADMIN).body(), StandardCharsets.UTF_8);
    }

    @Test
    void shouldNotTellWhatABrokenAuthenticatorSays() throws IOException {
        Authenticator broken = new Broken();
        String log;
        try (LogLines lines = new LogLines().debug();
                TestApi api =
                        new TestApi(vertx, HubConfig.withDefaults(folder, 0), HttpLimits.DEFAULTS, List.of(broken))) {
            send(api, request("GET /api/v1/snapshots", bearer(MARK + "-throws")));
            send(api, request("GET /api/v1/snapshots", bearer(MARK + "-fails")));
            log = lines.text();
        }
        assertThat(answers).allSatisfy(answer -> assertThat(RawHttp.status(answer)).isEqualTo(500));
        assertThat(log).contains("An authenticator failed with java.lang.IllegalStateException").doesNotContain(MARK);
        assertThat(answers.toString()).doesNotContain(MARK);
    }

    /** Of Netty: a request in the open to a port that speaks TLS is shown in hexadecimal digits, a malformed header as it is. */
    @Test
    void shouldNotTellWhatDecodersSay() {
        assertThat(ConnectionGuard.told(new DecoderException(new NotSslRecordException("not an SSL/TLS record: 4745"))))
                .isEqualTo(NotSslRecordException.class.getName());
        assertThat(ConnectionGuard.told(new IllegalArgumentException("prohibited character: " + ADMIN)))
                .isEqualTo(IllegalArgumentException.class.getName());
        assertThat(ConnectionGuard.told(new DecoderException(new SSLHandshakeException("certificate_unknown"))))
                .contains("certificate_unknown");
    }

    /** Fails with the token in its words. */
    private static final class Broken implements Authenticator {
        @Override
        public Future<Optional<Caller>> authenticate(String token) {
            if (token.endsWith("throws")) {
                throw new IllegalStateException("cannot read " + token);
            }
            return token.endsWith("fails")
                    ? Future.failedFuture(new IllegalStateException("cannot read " + token))
                    : Future.succeededFuture(Optional.of(Caller.ofUser("a", Role.ADMIN.permissions())));
        }

        @Override
        public void close() {}
    }
}
