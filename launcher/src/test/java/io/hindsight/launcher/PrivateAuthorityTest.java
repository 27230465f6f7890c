package io.hindsight.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Hub whose certificate the system does not trust. */
final class PrivateAuthorityTest {
    private static final char[] PASSWORD = "changeit".toCharArray();

    @TempDir private Path directory = Path.of("");

    private HttpsServer hub = start(Path.of(""));

    private static HttpsServer start(Path keys) {
        try {
            HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            if (!keys.toString().isEmpty()) {
                server.setHttpsConfigurator(new HttpsConfigurator(context(keys)));
                server.createContext(
                        "/api/v1/nodes",
                        exchange -> {
                            byte[] body = "{\"nodes\": []}".getBytes(StandardCharsets.UTF_8);
                            exchange.sendResponseHeaders(200, body.length);
                            exchange.getResponseBody().write(body);
                            exchange.close();
                        });
                server.start();
            }
            return server;
        } catch (IOException | GeneralSecurityException broken) {
            throw new AssertionError(broken);
        }
    }

    private static SSLContext context(Path keys) throws IOException, GeneralSecurityException {
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(load(keys), PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }

    private static KeyStore load(Path keys) throws IOException, GeneralSecurityException {
        try (InputStream in = Files.newInputStream(keys)) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(in, PASSWORD);
            return store;
        }
    }

    @BeforeEach
    void serve() throws IOException, InterruptedException, GeneralSecurityException {
        Path keys = directory.resolve("keys.p12");
        Process keytool =
                new ProcessBuilder(
                                List.of(
                                        Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                                        "-genkeypair",
                                        "-alias",
                                        "hub",
                                        "-keyalg",
                                        "EC",
                                        "-dname",
                                        "CN=hub",
                                        "-ext",
                                        "san=ip:127.0.0.1",
                                        "-validity",
                                        "10",
                                        "-storetype",
                                        "PKCS12",
                                        "-keystore",
                                        keys.toString(),
                                        "-storepass",
                                        "changeit"))
                        .inheritIO()
                        .start();
        assertThat(keytool.waitFor()).isZero();
        Files.writeString(
                directory.resolve("ca.pem"),
                "-----BEGIN CERTIFICATE-----\n"
                        + Base64.getMimeEncoder().encodeToString(load(keys).getCertificate("hub").getEncoded())
                        + "\n-----END CERTIFICATE-----\n");
        hub = start(keys);
    }

    @AfterEach
    void stop() {
        hub.stop(0);
    }

    private String url() {
        return "https://127.0.0.1:" + hub.getAddress().getPort();
    }

    @Test
    void shouldTrustTheAuthorityThatIsNamed() {
        Program nodes =
                Program.run("nodes", "--json", "--hub", url(), "--tls-ca", directory.resolve("ca.pem").toString());

        assertThat(nodes.err()).isEmpty();
        assertThat(nodes.exit()).isZero();
    }

    @Test
    void shouldNotTrustTheHubWithoutIt() {
        Program nodes = Program.run("nodes", "--hub", url());

        assertThat(nodes.exit()).isEqualTo(5);
        assertThat(nodes.err()).contains("There is no TLS with the Hub at " + url(), "--tls-ca FILE");
    }

    @Test
    void shouldSayWhatIsWrongWithTheFile() throws IOException {
        Path text = Files.writeString(directory.resolve("text"), "not PEM");

        Program withText = Program.run("nodes", "--hub", url(), "--tls-ca", text.toString());
        Program withAbsent = Program.run("nodes", "--hub", url(), "--tls-ca", directory + "/absent");

        assertThat(withText.exit()).isEqualTo(2);
        assertThat(withText.err()).contains("--tls-ca " + text);
        assertThat(withAbsent.exit()).isEqualTo(2);
        assertThat(withAbsent.err()).contains("absent", "cannot be read");
    }
}
