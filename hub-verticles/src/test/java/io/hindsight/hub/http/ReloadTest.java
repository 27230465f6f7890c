package io.hindsight.hub.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.config.HubConfig;
import io.hindsight.config.TlsFiles;
import io.hindsight.hub.testing.LogLines;
import io.hindsight.testing.TestCertificates;
import io.hindsight.testing.TestCertificates.Pem;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that change while the Hub runs, as Kubernetes changes them: by a symbolic link to another folder. */
final class ReloadTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String OTTO = "otto:admin:otto-token-0123456789\n";

    @TempDir private Path folder = Path.of("");

    private final Vertx vertx = Vertx.vertx();
    private final Vertx agents = Vertx.vertx();
    private Path mounted = folder;
    private int version;

    @BeforeEach
    void mount() throws IOException {
        mounted = Files.createDirectory(folder.resolve("mounted"));
        new HubDouble(vertx);
    }

    @AfterEach
    void stop() {
        agents.close().await();
        vertx.close().await();
    }

    /** What Kubernetes' kubelet does with a volume of a secret. */
    private void swap(String... namesAndContents) throws IOException {
        Path data = Files.createDirectory(mounted.resolve("..v" + ++version));
        for (int i = 0; i < namesAndContents.length; i += 2) {
            Files.writeString(data.resolve(namesAndContents[i]), namesAndContents[i + 1]);
            Path link = mounted.resolve(namesAndContents[i]);
            if (!Files.isSymbolicLink(link)) {
                Files.createSymbolicLink(link, Path.of("..data", namesAndContents[i]));
            }
        }
        Path next = Files.createSymbolicLink(mounted.resolve("..data_tmp"), data.getFileName());
        Files.move(next, mounted.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    }

    private static int status(TestApi api, String token) {
        return api.get("/api/v1/nodes", "Authorization", "Bearer " + token).statusCode();
    }

    private static String metrics(TestApi api, String token) {
        return new String(api.get("/metrics", "Authorization", "Bearer " + token).body(), StandardCharsets.UTF_8);
    }

    @Test
    void shouldTakeTheTokensOfAChangedFileAndKeepThemWhereItIsBroken() throws IOException {
        swap("tokens", OTTO + "alice:alice-token-0123456789\n");
        HubConfig config = TestApi.withTokens(HubConfig.withDefaults(folder, 0), mounted.resolve("tokens"));
        try (TestApi api = new TestApi(vertx, config, HttpLimits.DEFAULTS);
                LogLines log = new LogLines()) {
            assertThat(status(api, "alice-token-0123456789")).isEqualTo(200);

            swap("tokens", OTTO + "bob:viewer:bob-token-0123456789\n");
            await().atMost(SOON).until(() -> status(api, "bob-token-0123456789") == 200);
            assertThat(status(api, "alice-token-0123456789")).isEqualTo(401);

            swap("tokens", OTTO + "bob:king:bob-token-0123456789\n");
            await().atMost(SOON)
                    .until(() ->
                            metrics(api, "otto-token-0123456789")
                                    .contains("hindsight_file_reload_failures_total{files=\"token-file\"} 1.0"));
            assertThat(status(api, "bob-token-0123456789")).isEqualTo(200);
            assertThat(new String(api.get("/health/ready").body(), StandardCharsets.UTF_8))
                    .contains("\"status\":\"UP\"", "\"token-file\":\"changed, and cannot be used: the log says why\"");

            swap("tokens", OTTO);
            await().atMost(SOON).until(() -> status(api, "bob-token-0123456789") == 401);
            assertThat(metrics(api, "otto-token-0123456789"))
                    .contains("hindsight_file_reload_failures_total{files=\"token-file\"} 1.0")
                    .contains("hindsight_file_reloads_total{files=\"token-file\"} 2.0");
            assertThat(log.with("cannot be used")).hasSize(1);
            assertThat(log.with("bob-token")).isEmpty();
        }
    }

    @Test
    void shouldShowAChangedCertificateToNewConnectionsAndKeepTheOthers() throws IOException {
        TestCertificates made = new TestCertificates(folder);
        Pem first = made.issued("first", "san=ip:127.0.0.1");
        Pem second = made.issued("second", "san=ip:127.0.0.1");
        swapCertificate(Files.readString(first.certificate()), Files.readString(first.key()));
        TlsFiles tls = new TlsFiles(mounted.resolve("tls.crt"), mounted.resolve("tls.key"), null);
        HubConfig config = TestApi.with(HubConfig.withDefaults(folder, 0), null, tls);
        WebSocketClientOptions trusting =
                new WebSocketClientOptions()
                        .setSsl(true)
                        .setTrustOptions(new PemTrustOptions().addCertPath(made.authority().toString()));
        try (TestApi api = new TestApi(vertx, config, HttpLimits.DEFAULTS);
                LinkClient link = LinkClient.open(agents, trusting, LinkClient.request(api.port(), "n1", "i-1"))) {
            assertThat(shownName(api.port())).isEqualTo("CN=first");

            swapCertificate(Files.readString(second.certificate()), Files.readString(second.key()));
            await().atMost(SOON).until(() -> shownName(api.port()).equals("CN=second"));

            swapCertificate(Files.readString(first.certificate()), Files.readString(second.key()));
            await().atMost(SOON)
                    .until(() ->
                            get(api.port(), "/metrics")
                                    .contains("hindsight_file_reload_failures_total{files=\"tls\"} 1.0"));
            assertThat(shownName(api.port())).isEqualTo("CN=second");
            String ready = get(api.port(), "/health/ready");
            assertThat(ready)
                    .startsWith("HTTP/1.1 200")
                    .contains("\"tls\":\"changed, and cannot be used: the log says why\"", "certificateExpires");
            assertThat(get(api.port(), "/metrics")).contains("hindsight_tls_certificate_expiry_seconds 7");

            assertThat(link.isClosed()).isFalse();
            link.register();
            link.send("hindsight.heartbeats", link.heartbeat("i-1"));
            assertThat(link.isClosed()).isFalse();
        }
    }

    private void swapCertificate(String certificate, String key) throws IOException {
        swap("tls.crt", certificate, "tls.key", key);
    }

    private static String shownName(int port) throws IOException {
        try (SSLSocket socket = connect(port)) {
            return ((X509Certificate) socket.getSession().getPeerCertificates()[0]).getSubjectX500Principal().getName();
        }
    }

    private static String get(int port, String path) throws IOException {
        try (SSLSocket socket = connect(port)) {
            socket.getOutputStream()
                    .write(
                            ("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                                    .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static SSLSocket connect(int port) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new TrustsAll()}, new SecureRandom());
            SSLSocket socket =
                    (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
            socket.setSoTimeout(10_000);
            socket.startHandshake();
            return socket;
        } catch (GeneralSecurityException broken) {
            throw new AssertionError(broken);
        }
    }

    /** To see whatever is shown. */
    private static final class TrustsAll implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
