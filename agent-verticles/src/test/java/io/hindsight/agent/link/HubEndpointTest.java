package io.hindsight.agent.link;

import static io.hindsight.agent.link.Futures.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hindsight.bus.StreamRequest;
import io.hindsight.config.LinkConfig;
import io.hindsight.config.TlsFiles;
import io.hindsight.testing.TestCertificates;
import io.hindsight.testing.TestCertificates.Pem;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HubEndpointTest {
    private static final Duration SOON = Duration.ofSeconds(15);
    private static final String UNKNOWN_AUTHORITY = "unable to find valid certification path";

    @TempDir private Path folder = Path.of(".");

    private final Vertx vertx = Vertx.vertx();

    @SuppressWarnings("NullAway.Init") // before each test
    private TestCertificates certificates;

    @BeforeEach
    void makeAuthority() {
        certificates = new TestCertificates(folder);
    }

    @AfterEach
    void close() {
        result(vertx.close());
    }

    private static HttpServerOptions tls(Pem certificate) {
        return new HttpServerOptions()
                .setHost("127.0.0.1")
                .setSsl(true)
                .setKeyCertOptions(
                        new PemKeyCertOptions()
                                .setCertPath(certificate.certificate().toString())
                                .setKeyPath(certificate.key().toString()));
    }

    private HttpServerOptions mutual(Pem certificate) {
        return tls(certificate)
                .setClientAuth(ClientAuth.REQUIRED)
                .setTrustOptions(new PemTrustOptions().addCertPath(certificates.authority().toString()));
    }

    private TlsFiles trust() {
        return new TlsFiles(null, null, certificates.authority());
    }

    private static LinkConfig config(String host, int port, TlsFiles tls) {
        return new LinkConfig(URI.create("https://" + host + ":" + port), null, tls, false);
    }

    private static void assertLinks(BridgeHub hub, LinkConfig config) {
        try (Links agent = new Links(Links.NODE, config, LinkTiming.DEFAULTS).beat()) {
            await().atMost(SOON).until(() -> hub.heartbeats.stream().anyMatch(beat -> beat.containsKey("clock")));
            assertThat(agent.identity.instance()).isNotEmpty();
        }
    }

    /** Neither a link nor a lane comes about. */
    private void assertRefused(BridgeHub hub, LinkConfig config, String why) {
        try (LogLines log = new LogLines();
                Links agent = new Links(Links.NODE, config, LinkTiming.DEFAULTS).beat()) {
            await().atMost(SOON).until(() -> !log.with("cannot be reached").isEmpty());

            assertThat(log.with("cannot be reached").getFirst()).contains(why);
            assertThat(hub.dials).isEmpty();
            assertThat(agent.identity.instance()).isNotEmpty();
        }
        HubEndpoint endpoint = result(HubEndpoint.load(vertx, config, Links.NODE));
        assertThatThrownBy(() -> lane(endpoint)).hasStackTraceContaining(why);
    }

    /** As an order would have it opened. */
    private void lane(HubEndpoint endpoint) {
        NetClient client = vertx.createNetClient(endpoint.socketOptions());
        LaneChannels lanes =
                new LaneChannels(
                        vertx,
                        client,
                        endpoint::address,
                        endpoint.hostHeader(),
                        endpoint::credentials,
                        (address, end) -> Future.succeededFuture());
        result(lanes.open(new StreamRequest("s", "hindsight.chunks.a", 1, Map.of(), "lane-token")));
    }

    @Test
    void shouldTrustAHubOfItsAuthority() {
        try (BridgeHub hub = new BridgeHub(tls(certificates.issued("hub", "san=ip:127.0.0.1,dns:localhost")))) {
            assertLinks(hub, config("127.0.0.1", hub.port(), trust()));

            HubEndpoint lanes = result(HubEndpoint.load(vertx, config("localhost", hub.port(), trust()), Links.NODE));
            assertThatThrownBy(() -> lane(lanes)).hasMessageContaining("refuses the lane with status=404");
        }
    }

    @Test
    void shouldRefuseAHubThatNobodyVouchesFor() {
        try (BridgeHub hub = new BridgeHub(tls(certificates.selfSigned("hub")))) {
            assertRefused(hub, config("127.0.0.1", hub.port(), trust()), UNKNOWN_AUTHORITY);
            assertRefused(hub, config("127.0.0.1", hub.port(), TlsFiles.NONE), UNKNOWN_AUTHORITY);
        }
    }

    @Test
    void shouldRefuseAHubWithTheCertificateOfAnotherHost() {
        try (BridgeHub hub = new BridgeHub(tls(certificates.issued("hub", "san=dns:elsewhere.example")))) {
            assertRefused(hub, config("127.0.0.1", hub.port(), trust()), "127.0.0.1");
            assertRefused(hub, config("localhost", hub.port(), trust()), "localhost");
        }
    }

    @Test
    void shouldShowItsOwnCertificate() {
        Pem agent = certificates.issued("node-1", "");
        try (BridgeHub hub = new BridgeHub(mutual(certificates.issued("hub", "san=ip:127.0.0.1")))) {
            TlsFiles files = new TlsFiles(agent.certificate(), agent.key(), certificates.authority());

            assertLinks(hub, config("127.0.0.1", hub.port(), files));
        }
    }

    @Test
    void shouldNameTheFilesOfTlsThatCannotBeUsed() throws IOException {
        Path garbage = Files.writeString(folder.resolve("garbage.pem"), "no certificate");
        Pem good = certificates.issued("node-1", "");
        LinkConfig noAuthority = config("h", 1, new TlsFiles(null, null, garbage));
        LinkConfig noKey = config("h", 1, new TlsFiles(good.certificate(), garbage, null));

        assertThatThrownBy(() -> result(HubEndpoint.load(vertx, noAuthority, Links.NODE)))
                .hasMessageContaining("tls-ca=" + garbage + " cannot be used");
        assertThatThrownBy(() -> result(HubEndpoint.load(vertx, noKey, Links.NODE)))
                .hasMessageContaining("tls-key=" + garbage + " cannot be used");
    }

    @ParameterizedTest
    @CsvSource({
        "http://hub.example:1234, hub.example, 1234, hub.example:1234",
        "https://hub.example, hub.example, 443, hub.example:443",
        "http://[::1]:8899, ::1, 8899, [::1]:8899"
    })
    void shouldTellWhereTheHubIs(String uri, String host, int port, String header) {
        LinkConfig config = new LinkConfig(URI.create(uri), null, TlsFiles.NONE, true);

        HubEndpoint endpoint = result(HubEndpoint.load(vertx, config, Links.NODE));

        assertThat(endpoint.address().host()).isEqualTo(host);
        assertThat(endpoint.address().port()).isEqualTo(port);
        assertThat(endpoint.hostHeader()).isEqualTo(header);
        assertThat(result(endpoint.credentials()).authorization()).isNull();
    }

    @Test
    void shouldDialAnAddressOfSixteenBytes() {
        try (BridgeHub hub = new BridgeHub(new HttpServerOptions().setHost("::1"));
                Links agent =
                        new Links(Links.NODE, Links.config("http://[::1]:" + hub.port()), LinkTiming.DEFAULTS).beat()) {
            await().atMost(SOON).until(() -> !hub.heartbeats.isEmpty());
            assertThat(agent.identity.instance()).isNotEmpty();
        }
    }

    @Test
    void shouldWarnOfAHubThatIsReachedInTheOpen() {
        LinkConfig open = new LinkConfig(URI.create("http://hub.example:1"), null, TlsFiles.NONE, true);
        LinkConfig closed = new LinkConfig(URI.create("https://hub.example:1"), null, TlsFiles.NONE, true);
        try (LogLines log = new LogLines()) {
            result(HubEndpoint.load(vertx, closed, Links.NODE)).warnIfInsecure();
            assertThat(log.with("INSECURE")).isEmpty();

            result(HubEndpoint.load(vertx, open, Links.NODE)).warnIfInsecure();
            assertThat(log.with("INSECURE")).hasSize(1);
        }
    }
}
