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
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens and certificates that change while the agent runs, as Kubernetes changes projected ones: by a symbolic link to another folder. */
class RotatedCredentialsTest {
    private static final Duration SOON = Duration.ofSeconds(15);
    private static final String FIRST = "Bearer first-token-0123456789";
    private static final String SECOND = "Bearer second-token-0123456789";

    @TempDir private Path folder = Path.of(".");

    private final Vertx vertx = Vertx.vertx();
    private final BridgeHub hub = new BridgeHub();
    private int version;

    @AfterEach
    void close() {
        hub.close();
        result(vertx.close());
    }

    private Path swap(String name, String content) throws IOException {
        Path data = Files.createDirectory(folder.resolve("..v" + ++version));
        Files.writeString(data.resolve(name), content);
        Path link = folder.resolve(name);
        if (!Files.isSymbolicLink(link)) {
            Files.createSymbolicLink(link, Path.of("..data", name));
        }
        Path next = Files.createSymbolicLink(folder.resolve("..data_tmp"), data.getFileName());
        Files.move(next, folder.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
        return link;
    }

    private Future<?> lane(HubEndpoint endpoint, NetClient client) {
        LaneChannels lanes =
                new LaneChannels(
                        vertx,
                        client,
                        endpoint::address,
                        endpoint.hostHeader(),
                        endpoint::credentials,
                        (address, end) -> Future.succeededFuture());
        return lanes.open(new StreamRequest("s", "hindsight.chunks.a", 1, Map.of(), "lane-token"));
    }

    private @Nullable String lastShown() {
        return hub.dials.getLast().get("Authorization");
    }

    @Test
    void shouldShowANewTokenAtTheNextDial() throws IOException {
        Path token = swap("token", "first-token-0123456789");
        LinkConfig config = new LinkConfig(URI.create("http://127.0.0.1:" + hub.port()), token, TlsFiles.NONE, false);
        try (Links agent = new Links(Links.NODE, config, Links.TIMING).beat()) {
            await().atMost(SOON).until(() -> !hub.heartbeats.isEmpty());
            assertThat(lastShown()).isEqualTo(FIRST);
            swap("token", "second-token-0123456789\n");

            hub.close();
            hub.dials.clear();
            hub.start();

            await().atMost(SOON).until(() -> !hub.dials.isEmpty());
            assertThat(lastShown()).isEqualTo(SECOND);
            assertThat(agent.identity.instance()).isNotEmpty();
        }
    }

    @Test
    void shouldShowANewTokenOnTheNextLaneAndTheOldOneWhereTheFileIsBroken() throws IOException {
        Path token = swap("token", "first-token-0123456789");
        try (LogLines log = new LogLines()) {
            LinkConfig config =
                    new LinkConfig(URI.create("http://127.0.0.1:" + hub.port()), token, TlsFiles.NONE, false);
            HubEndpoint endpoint = result(HubEndpoint.load(vertx, config, Links.NODE));
            NetClient client = vertx.createNetClient(endpoint.socketOptions());
            assertThatThrownBy(() -> result(lane(endpoint, client))).hasMessageContaining("refuses the lane");
            assertThat(lastShown()).isEqualTo(FIRST);

            swap("token", "second-token-0123456789");
            assertThatThrownBy(() -> result(lane(endpoint, client))).hasMessageContaining("refuses the lane");
            assertThat(lastShown()).isEqualTo(SECOND);

            for (String broken : new String[] {"", "short", ""}) {
                swap("token", broken);
                assertThatThrownBy(() -> result(lane(endpoint, client))).hasMessageContaining("refuses the lane");
                assertThatThrownBy(() -> result(lane(endpoint, client))).hasMessageContaining("refuses the lane");
                assertThat(lastShown()).isEqualTo(SECOND);
            }
            assertThat(log.with("is shown what was read before")).hasSize(3);
        }
    }

    @Test
    void shouldTrustANewAuthorityOnTheNextConnection() throws IOException {
        TestCertificates ours = new TestCertificates(Files.createDirectory(folder.resolve("ours")));
        TestCertificates others = new TestCertificates(Files.createDirectory(folder.resolve("others")));
        Path authority = swap("ca.crt", Files.readString(others.authority()));
        Pem server = ours.issued("hub", "san=ip:127.0.0.1");
        HttpServerOptions tls =
                new HttpServerOptions()
                        .setHost("127.0.0.1")
                        .setSsl(true)
                        .setKeyCertOptions(
                                new PemKeyCertOptions()
                                        .setCertPath(server.certificate().toString())
                                        .setKeyPath(server.key().toString()));
        try (BridgeHub secure = new BridgeHub(tls);
                LogLines log = new LogLines()) {
            LinkConfig config =
                    new LinkConfig(
                            URI.create("https://127.0.0.1:" + secure.port()),
                            null,
                            new TlsFiles(null, null, authority),
                            false);
            HubEndpoint endpoint = result(HubEndpoint.load(vertx, config, Links.NODE));
            NetClient client = vertx.createNetClient(endpoint.socketOptions());
            try (Links agent = new Links(Links.NODE, config, LinkTiming.DEFAULTS).beat()) {
                await().atMost(SOON).until(() -> !log.with("cannot be reached").isEmpty());
                assertThatThrownBy(() -> result(lane(endpoint, client)))
                        .hasMessageContaining("Failed to create SSL connection");

                swap("ca.crt", Files.readString(ours.authority()));

                await().atMost(SOON).until(() -> !secure.heartbeats.isEmpty());
                assertThatThrownBy(() -> result(lane(endpoint, client))).hasMessageContaining("refuses the lane");
                assertThat(agent.identity.instance()).isNotEmpty();
            }
        }
    }
}
