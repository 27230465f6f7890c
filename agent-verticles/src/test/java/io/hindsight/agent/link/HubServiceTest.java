package io.hindsight.agent.link;

import static io.hindsight.agent.link.Futures.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hindsight.bus.StreamRequest;
import io.hindsight.config.LinkConfig;
import io.hindsight.config.TlsFiles;
import io.hindsight.error.HindsightException;
import io.hindsight.kubernetes.ApiAccess;
import io.hindsight.testing.TestCertificates;
import io.hindsight.testing.TestCertificates.Pem;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Hub that is found by its service, against an API server over real HTTPS. */
class HubServiceTest {
    /** Longer than a busy machine takes for the first handshake of TLS. */
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String NAME = EndpointsServer.SERVICE + "." + EndpointsServer.NAMESPACE + ".svc";
    private static final String OPEN = "kubernetes+http://" + EndpointsServer.NAMESPACE + "/" + EndpointsServer.SERVICE;
    private static final String SECRET = "kubernetes://" + EndpointsServer.NAMESPACE + "/" + EndpointsServer.SERVICE;

    @TempDir private Path serviceAccount = Path.of(".");
    @TempDir static Path folder = Path.of(".");

    @SuppressWarnings("NullAway.Init") // before all tests
    private static TestCertificates certificates;

    @SuppressWarnings("NullAway.Init") // before all tests
    private static Pem apiServer;

    private final Vertx vertx = Vertx.vertx();
    private @Nullable EndpointsServer running;

    /** Keys take their time. */
    @BeforeAll
    static void makeAuthority() {
        certificates = new TestCertificates(folder);
        apiServer = certificates.issued("api-server", "san=dns:localhost");
    }

    @AfterEach
    void close() {
        if (running != null) {
            running.close();
        }
        result(vertx.close());
    }

    private EndpointsServer kubernetes(int port) {
        EndpointsServer started = new EndpointsServer(certificates.authority(), apiServer, serviceAccount, port);
        running = started;
        return started;
    }

    private HubLocator locator(LinkConfig config, Map<String, String> environment) {
        return new ServiceLocator(
                vertx,
                Optional.ofNullable(config.service()).orElseThrow(),
                () -> ApiAccess.require(null, "hub", environment, serviceAccount),
                PATIENCE);
    }

    private static LinkConfig config(String hub, TlsFiles tls) {
        return new LinkConfig(URI.create(hub), null, tls, hub.startsWith("kubernetes+http"));
    }

    private Links agent(EndpointsServer kubernetes, LinkConfig config) {
        return new Links(Links.NODE, config, Links.TIMING, locator(config, kubernetes.environment())).beat();
    }

    private SocketAddress located(EndpointsServer kubernetes, String hub) {
        return result(locator(config(hub, TlsFiles.NONE), kubernetes.environment()).locate());
    }

    private static BridgeHub hubAt(String address) {
        return new BridgeHub(new HttpServerOptions().setHost(address));
    }

    private static boolean isLinked(BridgeHub hub) {
        return hub.heartbeats.stream().anyMatch(beat -> beat.containsKey("clock"));
    }

    @Test
    void shouldFollowAHubThatMovesToAnotherAddress() {
        EndpointsServer kubernetes = kubernetes(0);
        BridgeHub first = hubAt("127.0.0.1");
        try (BridgeHub second = hubAt("127.0.0.2")) {
            kubernetes.set("addresses", List.of("127.0.0.1"), first.port());
            try (Links agent = agent(kubernetes, config(OPEN, TlsFiles.NONE))) {
                await().atMost(SOON).until(() -> isLinked(first));
                assertThat(agent.link.remoteAddress())
                        .isEqualTo(SocketAddress.inetSocketAddress(first.port(), "127.0.0.1"));
                assertThat(first.dials.getFirst().get("Host")).isEqualTo(NAME);

                kubernetes.showToken("token-that-was-rotated");
                kubernetes.set("addresses", List.of("127.0.0.2"), second.port());
                first.close();
                await().atMost(SOON).until(() -> isLinked(second));

                assertThat(agent.link.remoteAddress())
                        .isEqualTo(SocketAddress.inetSocketAddress(second.port(), "127.0.0.2"));
                assertThat(kubernetes.lists.getFirst()).isEqualTo("Bearer token-of-the-pod");
                assertThat(kubernetes.lists.getLast()).isEqualTo("Bearer token-that-was-rotated");
            }
        } finally {
            first.close();
        }
    }

    @Test
    void shouldAskOnceForEachDialAndKeepNoWatch() {
        EndpointsServer kubernetes = kubernetes(0);
        kubernetes.set("addresses", List.of("127.0.0.1"), 8899);
        HubLocator locator = locator(config(SECRET, TlsFiles.NONE), kubernetes.environment());
        for (int dial = 1; dial <= 3; dial++) {
            String address = "127.0.0." + dial;
            kubernetes.set("addresses", List.of(address), 8899);

            assertThat(result(locator.locate())).isEqualTo(SocketAddress.inetSocketAddress(8899, address));
            assertThat(kubernetes.lists).hasSize(dial);
        }
        await().atMost(SOON).until(() -> kubernetes.watches.get() == 3 && kubernetes.openWatches.get() == 0);
    }

    @Test
    void shouldDoWithoutPermissionToWatch() {
        EndpointsServer kubernetes = kubernetes(0);
        kubernetes.refuseWatches();
        kubernetes.set("addresses", List.of("127.0.0.1"), 8899);

        assertThat(located(kubernetes, SECRET).host()).isEqualTo("127.0.0.1");

        await().during(Duration.ofMillis(800)).atMost(SOON).until(() -> kubernetes.watches.get() == 1);
    }

    @Test
    void shouldTakeTheNamedPortOfSeveral() {
        EndpointsServer kubernetes = kubernetes(0);
        kubernetes.set("addresses", List.of("127.0.0.1"), 9090, 8899);

        assertThat(located(kubernetes, SECRET + ":8899").port()).isEqualTo(8899);
        assertThatThrownBy(() -> located(kubernetes, SECRET))
                .hasMessageContaining("has several ports: name one of 9090, 8899");
        assertThatThrownBy(() -> located(kubernetes, SECRET + ":1"))
                .hasMessageContaining("no ready endpoint at port=1, only at 9090, 8899");
    }

    @Test
    void shouldSayThatNoEndpointIsReady() {
        EndpointsServer kubernetes = kubernetes(0);
        assertThatThrownBy(() -> located(kubernetes, SECRET))
                .hasMessageContaining("The service tools/hindsight-hub is not there, or selects no pod");

        kubernetes.set("notReadyAddresses", List.of("127.0.0.1"), 8899);
        assertThatThrownBy(() -> located(kubernetes, SECRET))
                .hasMessageContaining("The service tools/hindsight-hub has no ready endpoint");

        kubernetes.setNone();
        assertThatThrownBy(() -> located(kubernetes, SECRET))
                .hasMessageContaining("The service tools/hindsight-hub has no ready endpoint");
    }

    @Test
    void shouldSayWhatIsMissingAndGoOnDialling() {
        EndpointsServer kubernetes = kubernetes(0);
        kubernetes.setNone();
        try (LogLines log = new LogLines();
                BridgeHub hub = hubAt("127.0.0.1");
                Links agent = agent(kubernetes, config(OPEN, TlsFiles.NONE))) {
            await().atMost(SOON).until(() -> !log.with("tools/hindsight-hub has no ready endpoint").isEmpty());
            assertThat(agent.link.remoteAddress()).isNull();
            kubernetes.set("addresses", List.of("127.0.0.1"), hub.port());

            await().atMost(SOON).until(() -> isLinked(hub));
        }
    }

    @Test
    void shouldSayThatItMayNotListEndpoints() {
        EndpointsServer kubernetes = kubernetes(0);
        kubernetes.refuse(403);

        assertThatThrownBy(() -> located(kubernetes, SECRET))
                .hasCauseInstanceOf(HindsightException.class)
                .hasMessageContaining("does not list the endpoints of namespace=tools: HTTP status 403")
                .hasMessageContaining("endpoints is forbidden: agents may not")
                .hasMessageNotContaining("token-of-the-pod");
    }

    @Test
    void shouldWaitForAnApiServerThatComesLater() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Files.writeString(serviceAccount.resolve("token"), "early");
        Files.copy(certificates.authority(), serviceAccount.resolve("ca.crt"));
        LinkConfig config = config(OPEN, TlsFiles.NONE);
        try (LogLines log = new LogLines();
                BridgeHub hub = hubAt("127.0.0.1");
                Links agent =
                        new Links(Links.NODE, config, Links.TIMING, locator(config, EndpointsServer.environment(port)))
                                .beat()) {
            await().atMost(SOON).until(() -> !log.with("cannot be asked where the Hub is").isEmpty());
            kubernetes(port).set("addresses", List.of("127.0.0.1"), hub.port());

            await().atMost(SOON).until(() -> isLinked(hub));
            assertThat(agent.identity.instance()).isNotEmpty();
        }
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

    /** As an order would have it opened; the Hub of these tests has no lanes. */
    private void lane(HubEndpoint endpoint, @Nullable SocketAddress address) {
        NetClient client = vertx.createNetClient(endpoint.socketOptions());
        LaneChannels lanes =
                new LaneChannels(
                        vertx,
                        client,
                        () -> address,
                        endpoint.hostHeader(),
                        endpoint::credentials,
                        (to, end) -> Future.succeededFuture());
        result(lanes.open(new StreamRequest("s", "hindsight.chunks.a", 1, Map.of(), "lane-token")));
    }

    @Test
    void shouldVerifyTheNameOfTheServiceOverLinkAndLane() {
        EndpointsServer kubernetes = kubernetes(0);
        TlsFiles trust = new TlsFiles(null, null, certificates.authority());
        try (BridgeHub hub = new BridgeHub(tls(certificates.issued("hub", "san=dns:" + NAME)))) {
            kubernetes.set("addresses", List.of("127.0.0.1"), hub.port());
            LinkConfig config = config(SECRET + ":" + hub.port(), trust);
            try (Links agent = agent(kubernetes, config)) {
                await().atMost(SOON).until(() -> isLinked(hub));
                assertThat(hub.dials.getFirst().get("Host")).isEqualTo(NAME + ":" + hub.port());

                HubEndpoint endpoint =
                        result(HubEndpoint.load(vertx, config, Links.NODE, locator(config, kubernetes.environment())));
                SocketAddress lane = endpoint.laneAddress(agent.link.remoteAddress());
                assertThat(lane).isNotNull();
                assertThatThrownBy(() -> lane(endpoint, lane)).hasMessageContaining("refuses the lane with status=404");
                assertThat(endpoint.hostHeader()).isEqualTo(NAME + ":" + hub.port());
                assertThat(endpoint.laneAddress(null)).isNull();
            }
        }
    }

    /** The address alone, even, is not enough: anybody may get a pod's address later. */
    @Test
    void shouldRefuseACertificateThatNamesAnotherServiceOrOnlyTheAddress() {
        EndpointsServer kubernetes = kubernetes(0);
        TlsFiles trust = new TlsFiles(null, null, certificates.authority());
        String names = "san=ip:127.0.0.1,dns:hindsight-hub.other.svc";
        try (LogLines log = new LogLines();
                BridgeHub hub = new BridgeHub(tls(certificates.issued("other", names)))) {
            kubernetes.set("addresses", List.of("127.0.0.1"), hub.port());
            LinkConfig config = config(SECRET, trust);
            try (Links agent = agent(kubernetes, config)) {
                await().atMost(SOON).until(() -> !log.with("cannot be reached").isEmpty());

                assertThat(log.with("cannot be reached").getFirst()).contains(NAME);
                assertThat(hub.dials).isEmpty();
                assertThat(agent.link.remoteAddress()).isNull();
            }
            HubEndpoint endpoint =
                    result(HubEndpoint.load(vertx, config, Links.NODE, locator(config, kubernetes.environment())));
            SocketAddress address = SocketAddress.inetSocketAddress(hub.port(), "127.0.0.1");
            assertThatThrownBy(() -> lane(endpoint, address)).hasStackTraceContaining(NAME);
        }
    }
}
