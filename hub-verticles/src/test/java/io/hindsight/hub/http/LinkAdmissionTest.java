package io.hindsight.hub.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hindsight.bus.LinkProtocol;
import io.hindsight.config.HubConfig;
import io.hindsight.config.TlsFiles;
import io.hindsight.testing.TestCertificates;
import io.hindsight.testing.TestCertificates.Pem;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may link, before the WebSocket opens. */
final class LinkAdmissionTest {
    private static final String API_TOKEN = "alice-has-a-long-token";
    private static final String AGENT_TOKEN = "agents-have-a-long-token";
    private static final String NODE_TOKEN = "node-n1-has-a-long-token";
    private static final String BARE_TOKEN = "nameless-has-a-long-token";

    @TempDir private Path folder = Path.of("");

    private final Vertx vertx = Vertx.vertx();
    private final Vertx agents = Vertx.vertx();

    @AfterEach
    void stop() {
        agents.close().await();
        vertx.close().await();
    }

    private HubConfig config(boolean tokens, TlsFiles tls) throws IOException {
        Path file = folder.resolve("tokens");
        Files.writeString(
                file,
                "alice:%s%nagent:%s%nagent@n1:%s%n%s%n".formatted(API_TOKEN, AGENT_TOKEN, NODE_TOKEN, BARE_TOKEN));
        HubConfig plain = HubConfig.withDefaults(folder, 0);
        return new HubConfig(
                plain.snapshotDirectory(),
                plain.host(),
                0,
                tokens ? file : null,
                plain.maxConcurrentSnapshots(),
                plain.streamCredit(),
                plain.syncInterval(),
                plain.syncBytes(),
                plain.reserveFree(),
                plain.scrubRate(),
                plain.scrubInterval(),
                tls,
                plain.insecure(),
                plain.laneMemory(),
                plain.nodePatience());
    }

    private TestApi api(boolean tokens, TlsFiles tls) throws IOException {
        return new TestApi(vertx, config(tokens, tls), HttpLimits.DEFAULTS);
    }

    private static WebSocketConnectOptions as(TestApi api, String node, @Nullable String token) {
        WebSocketConnectOptions request = LinkClient.request(api.port(), node, "i-1");
        return token == null ? request : LinkClient.withToken(request, token);
    }

    private void assertLinks(TestApi api, String node, @Nullable String token) {
        assertLinks(new WebSocketClientOptions(), as(api, node, token));
    }

    private void assertLinks(WebSocketClientOptions options, WebSocketConnectOptions request) {
        try (LinkClient agent = LinkClient.open(agents, options, request)) {
            assertThat(agent.isClosed()).isFalse();
        }
    }

    private void assertRefused(WebSocketConnectOptions request, int status, String code, String... words) {
        assertRefused(new WebSocketClientOptions(), request, status, code, words);
    }

    private void assertRefused(
            WebSocketClientOptions options, WebSocketConnectOptions request, int status, String code, String... words) {
        JsonObject problem = LinkClient.refusal(agents, options, request);
        assertThat(problem.getInteger("status")).as(problem.encode()).isEqualTo(status);
        assertThat(problem.getString("code")).isEqualTo(code);
        for (String word : words) {
            assertThat(problem.getString("detail")).contains(word);
        }
    }

    @Test
    void shouldLinkByToken() throws IOException {
        try (TestApi api = api(true, TlsFiles.NONE)) {
            assertLinks(api, "n1", AGENT_TOKEN);
            assertLinks(api, "n2", AGENT_TOKEN);
            assertLinks(api, "n1", NODE_TOKEN);
            assertLinks(api, "n2", BARE_TOKEN);

            assertRefused(as(api, "n1", null), 401, "UNAUTHENTICATED");
            assertRefused(as(api, "n1", AGENT_TOKEN + "x"), 401, "UNAUTHENTICATED");
            assertRefused(as(api, "n1", API_TOKEN), 403, "FORBIDDEN", "alice", "agent@NODE");
            assertRefused(as(api, "n2", NODE_TOKEN), 403, "FORBIDDEN", "agent@n1", "node=n2");
            String metrics =
                    new String(
                            api.get("/metrics", "Authorization", "Bearer " + BARE_TOKEN).body(),
                            StandardCharsets.UTF_8);
            assertThat(metrics)
                    .contains("hindsight_link_refusals_total{cause=\"unauthenticated\"} 2.0")
                    .contains("hindsight_link_refusals_total{cause=\"forbidden\"} 2.0");
        }
    }

    @Test
    void shouldKeepTokensOfAgentsOutOfTheApi() throws IOException {
        try (TestApi api = api(true, TlsFiles.NONE)) {
            for (String token : new String[] {AGENT_TOKEN, NODE_TOKEN}) {
                for (String path :
                        new String[] {"/api/v1/nodes", "/api/v1/events", "/metrics", "/api/v1/openapi.yaml"}) {
                    TestApi.assertProblem(
                            api.get(path, "Authorization", "Bearer " + token), 403, "FORBIDDEN", "Authorization");
                }
            }
            assertThat(api.get("/api/v1/openapi.yaml", "Authorization", "Bearer " + API_TOKEN).statusCode())
                    .isEqualTo(200);
            assertThat(api.get("/api/v1/openapi.yaml", "Authorization", "Bearer " + BARE_TOKEN).statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void shouldAskForNothingOnLoopbackWithoutATokenFile() throws IOException {
        try (TestApi api = api(false, TlsFiles.NONE)) {
            assertLinks(api, "n1", null);
            assertLinks(api, "n1", "any-token-will-do-here");
        }
    }

    @Test
    void shouldRefuseHeadersThatAreMissingMalformedOrDouble() throws IOException {
        try (TestApi api = api(false, TlsFiles.NONE)) {
            for (String header :
                    List.of(LinkProtocol.NODE_HEADER, LinkProtocol.INSTANCE_HEADER, LinkProtocol.VERSION_HEADER)) {
                assertHeadersRefused(api, header, "");
                assertHeadersRefused(api, header, header + ": n2\r\n" + header + ": n2\r\n");
                for (String wrong : new String[] {"", " ", "../x", "a b", "\u00e4", "x".repeat(300), "\"", "-"}) {
                    assertHeadersRefused(api, header, header + ": " + wrong + "\r\n");
                }
            }
        }
    }

    /** Where these lines stand in the place of the header's own. */
    private static void assertHeadersRefused(TestApi api, String header, String lines) throws IOException {
        String answer =
                RawLink.refusal(api.port(), RawLink.request("n1", "i-1").replaceFirst(header + ": [^\r]*\r\n", lines));
        assertThat(RawHttp.status(answer)).as(lines).isEqualTo(400);
        assertThat(RawHttp.json(answer).getString("field")).isEqualTo(header);
    }

    @Test
    void shouldSayWhatIsTakenHere() throws IOException {
        try (TestApi api = api(false, TlsFiles.NONE)) {
            TestApi.assertProblem(api.get(LinkProtocol.LINK_PATH), 426, "INVALID_REQUEST", "Upgrade");
            for (String path : new String[] {"", "/", "/info", "/iframe.html", "/abc/def/websocket", "/abc/def/xhr"}) {
                assertThat(api.get(LinkProtocol.LINK_PREFIX + path).statusCode()).as(path).isEqualTo(404);
            }
        }
    }

    @Test
    void shouldRefuseVersionsTooFarApart() throws IOException {
        try (TestApi api = api(false, TlsFiles.NONE)) {
            for (String near : new String[] {"1.1.0", "1.2.9", "1.3.0"}) {
                WebSocketConnectOptions request = as(api, "n1", null);
                request.getHeaders().set(LinkProtocol.VERSION_HEADER, near);
                assertLinks(new WebSocketClientOptions(), request);
            }
            for (String far : new String[] {"1.0.0", "1.4.0", "2.2.3", "unpackaged"}) {
                WebSocketConnectOptions request = as(api, "n1", null);
                request.getHeaders().set(LinkProtocol.VERSION_HEADER, far);
                assertRefused(
                        request, 400, "VERSION_MISMATCH", "version=" + far, "version=1.2.3-test", "Bring both to one");
            }
        }
    }

    @Test
    void shouldKeepWebPagesOut() throws IOException {
        try (TestApi api = api(false, TlsFiles.NONE)) {
            String answer =
                    RawLink.refusal(
                            api.port(), RawLink.head("n1", "i-1") + "Origin: https://elsewhere.example\r\n\r\n");
            assertThat(RawHttp.status(answer)).isEqualTo(403);
            assertThat(RawHttp.json(answer).getString("field")).isEqualTo("Origin");
        }
    }

    @Test
    void shouldCloseAnUpgradeThatTricklesIn() throws IOException {
        HttpLimits hasty =
                HttpLimits.DEFAULTS.withTimes(
                        Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(15), Duration.ofSeconds(60));
        try (TestApi api = new TestApi(vertx, config(false, TlsFiles.NONE), hasty);
                Socket slow = new Socket(InetAddress.getLoopbackAddress(), api.port())) {
            slow.getOutputStream().write(RawLink.head("n1", "i-1").getBytes(StandardCharsets.US_ASCII));
            slow.setSoTimeout(10_000);
            assertThat(slow.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void shouldLinkByCertificateOverTls() throws IOException {
        TestCertificates made = new TestCertificates(folder);
        Pem server = made.issued("hub", "san=dns:localhost,ip:127.0.0.1");
        try (TestApi api = api(true, new TlsFiles(server.certificate(), server.key(), made.authority()))) {
            assertLinks(tls(made, made.issued("n1", "")), as(api, "n1", null).setSsl(true));
            assertLinks(tls(made, made.issued("other", "san=dns:n2")), as(api, "n2", null).setSsl(true));
            assertLinks(tls(made, null), as(api, "n1", AGENT_TOKEN).setSsl(true));
            assertLinks(tls(made, made.issued("n3", "")), as(api, "n1", AGENT_TOKEN).setSsl(true));

            assertRefused(
                    tls(made, made.issued("n4", "")), as(api, "n1", null).setSsl(true), 403, "FORBIDDEN", "as n4");
            assertRefused(tls(made, null), as(api, "n1", null).setSsl(true), 401, "UNAUTHENTICATED");
            assertHandshakeFails(api, tls(made, made.selfSigned("n1")));
            assertHandshakeFails(api, tls(made, made.issued("n1", "", "-20d", 5)));
        }
    }

    private static WebSocketClientOptions tls(TestCertificates made, @Nullable Pem own) {
        WebSocketClientOptions options =
                new WebSocketClientOptions()
                        .setSsl(true)
                        .setTrustOptions(new PemTrustOptions().addCertPath(made.authority().toString()));
        if (own != null) {
            options.setKeyCertOptions(
                    new PemKeyCertOptions().addCertPath(own.certificate().toString()).addKeyPath(own.key().toString()));
        }
        return options;
    }

    private void assertHandshakeFails(TestApi api, WebSocketClientOptions options) {
        assertThatThrownBy(() -> LinkClient.open(agents, options, as(api, "n1", null).setSsl(true)))
                .isNotInstanceOf(AssertionError.class);
    }

    @Test
    void shouldNotLetACertificateUseTheApi() throws IOException {
        TestCertificates made = new TestCertificates(folder);
        Pem server = made.issued("hub", "san=ip:127.0.0.1");
        try (TestApi api = api(true, new TlsFiles(server.certificate(), server.key(), made.authority()))) {
            WebSocketConnectOptions events =
                    new WebSocketConnectOptions()
                            .setHost("127.0.0.1")
                            .setPort(api.port())
                            .setSsl(true)
                            .setURI("/api/v1/events")
                            .addHeader(LinkProtocol.NODE_HEADER, "n1");
            assertRefused(tls(made, made.issued("n1", "")), events, 401, "UNAUTHENTICATED");
        }
    }

    @Test
    void shouldCloseAReaderOfEventsThatSendsMuch() throws IOException {
        try (TestApi api = api(false, TlsFiles.NONE)) {
            WebSocketConnectOptions events =
                    new WebSocketConnectOptions()
                            .setHost("127.0.0.1")
                            .setPort(api.port())
                            .setURI("/api/v1/events")
                            .setAllowOriginHeader(false)
                            .addHeader(LinkProtocol.NODE_HEADER, "n1");
            LinkClient reader = LinkClient.open(agents, new WebSocketClientOptions(), events);
            reader.socket().writeFinalTextFrame("x".repeat(4 << 10)).await();
            reader.socket().writeFinalTextFrame("x".repeat((4 << 10) + 1)).await();
            await().atMost(Duration.ofSeconds(5)).until(reader::isClosed);
        }
    }

    @Test
    void shouldRefuseAnotherInstanceWhileTheFirstLivesAndLetTheSameOneTakeOver() throws IOException {
        try (TestApi api = api(false, TlsFiles.NONE)) {
            LinkClient first = LinkClient.open(agents, api.port(), "n1", "i-1");
            for (int i = 0; i < 3; i++) {
                assertRefused(
                        LinkClient.request(api.port(), "n1", "i-2"),
                        409,
                        "NODE_CONFLICT",
                        "node=n1",
                        "instance=i-1 from=127.0.0.1 since=2",
                        "--node");
            }
            assertThat(first.isClosed()).isFalse();

            try (LinkClient again = LinkClient.open(agents, api.port(), "n1", "i-1")) {
                await().atMost(Duration.ofSeconds(5)).until(first::isClosed);
                assertThat(again.isClosed()).isFalse();
            }
            LinkClient.open(agents, api.port(), "n1", "i-2").close();
        }
    }
}
