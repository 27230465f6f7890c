package io.hindsight.hub.http;

import static io.hindsight.hub.http.TestApi.assertProblem;
import static io.hindsight.hub.http.TestApi.header;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.config.AccessConfig;
import io.hindsight.config.HubConfig;
import io.hindsight.config.TlsFiles;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.testing.TestCertificates;
import io.hindsight.testing.TestCertificates.Pem;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may use the API, and where it may listen. */
final class AuthenticationTest {
    private static final String TOKEN = "correct-horse-battery-staple";

    @TempDir private Path folder = Path.of("");

    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void stop() {
        vertx.close().await();
    }

    private HubConfig config(String host, @Nullable Path tokenFile) {
        return config(host, tokenFile, TlsFiles.NONE, true);
    }

    private HubConfig config(String host, @Nullable Path tokenFile, TlsFiles tls, boolean insecure) {
        HubConfig plain = HubConfig.withDefaults(folder, 0);
        return new HubConfig(
                plain.snapshotDirectory(),
                host,
                0,
                tokenFile,
                plain.maxConcurrentSnapshots(),
                plain.streamCredit(),
                plain.syncInterval(),
                plain.syncBytes(),
                plain.reserveFree(),
                plain.scrubRate(),
                plain.scrubInterval(),
                tls,
                insecure,
                plain.laneMemory(),
                plain.nodePatience());
    }

    private Path tokens(String content) throws IOException {
        return Files.writeString(folder.resolve("tokens"), content);
    }

    private TestApi api(HubConfig config) {
        return new TestApi(vertx, config, HttpLimits.DEFAULTS);
    }

    @Test
    void shouldTakeATokenEverywhereButForHealth() throws IOException {
        HubDouble hub = new HubDouble(vertx);
        Path file = tokens("# people\n\nalice:" + TOKEN + "\nanother-token-of-length\n");
        try (TestApi api = api(config("0.0.0.0", file))) {
            for (String path :
                    new String[] {
                        "/api/v1/nodes",
                        "/api/v1/snapshots",
                        "/api/v1/events",
                        "/api/v1/openapi.yaml",
                        "/metrics",
                        "/nowhere",
                        "/api/v1/x"
                    }) {
                HttpResponse<byte[]> response = api.get(path);
                assertProblem(response, 401, "UNAUTHENTICATED", "Authorization");
                assertThat(header(response, "WWW-Authenticate")).isEqualTo("Bearer realm=\"hindsight\"");
            }
            assertThat(api.get("/health/live").statusCode()).isEqualTo(200);
            assertThat(api.get("/health/ready").statusCode()).isEqualTo(200);

            assertThat(api.get("/api/v1/snapshots", "Authorization", "Bearer " + TOKEN).statusCode()).isEqualTo(200);
            assertThat(api.get("/api/v1/snapshots", "Authorization", "bearer another-token-of-length").statusCode())
                    .isEqualTo(200);
            assertThat(api.get("/metrics", "Authorization", "Bearer " + TOKEN).statusCode()).isEqualTo(200);
            assertThat(hub.requests).contains("LIST by alice", "LIST by token");

            for (String wrong :
                    new String[] {
                        "Bearer " + TOKEN + "x",
                        "Bearer " + TOKEN.substring(1),
                        "Bearer ",
                        "Bearer",
                        "Basic " + TOKEN,
                        TOKEN,
                        "Bearer alice:" + TOKEN
                    }) {
                assertProblem(
                        api.get("/api/v1/nodes", "Authorization", wrong), 401, "UNAUTHENTICATED", "Authorization");
            }
        }
    }

    @Test
    void shouldNotAskOnLoopbackWithoutATokenFile() {
        HubDouble hub = new HubDouble(vertx);
        try (TestApi api = api(config("localhost", null))) {
            assertThat(api.get("/api/v1/snapshots").statusCode()).isEqualTo(200);
            assertThat(hub.requests).contains("LIST by local");
        }
    }

    @Test
    void shouldRefuseToBeReachedWithoutAuthentication() {
        for (String host : new String[] {"0.0.0.0", "::"}) {
            assertRefused(config(host, null), "host=" + host, "token-file");
        }
        assertRefused(config("no-such-host.invalid", null), "host=no-such-host.invalid", "no address");
    }

    /** Whatever the configuration says: it counts who is asked. */
    @Test
    void shouldRefuseToBeReachedWhereNobodyIsAskedAfterAll() throws IOException {
        HubConfig config = config("0.0.0.0", tokens("alice:" + TOKEN));
        assertThatThrownBy(() -> new TestApi(vertx, config, HttpLimits.DEFAULTS, List.of()).close())
                .hasMessageContaining("host=0.0.0.0")
                .hasMessageContaining("takes authentication");
    }

    /** Another authenticator does not make plain HTTP any safer. */
    @Test
    void shouldAskForTlsWhoeverIsAsked() {
        AccessConfig kubernetes =
                new AccessConfig(new AccessConfig.KubernetesTokens("hindsight", List.of(), List.of()), null);
        assertRefused(
                config("0.0.0.0", null, TlsFiles.NONE, false).withAccess(kubernetes), "tls-cert", "insecure=true");
    }

    @Test
    void shouldServeOthersOverTlsOrOnlyIfInsecureIsSaid() throws IOException {
        Path tokens = tokens(TOKEN);
        assertRefused(
                config("0.0.0.0", tokens, TlsFiles.NONE, false),
                "host=0.0.0.0",
                "tls-cert",
                "tls-key",
                "insecure=true");
        api(config("0.0.0.0", tokens, TlsFiles.NONE, true)).close();
        Pem server = new TestCertificates(folder).issued("hub", "");
        api(config("0.0.0.0", tokens, new TlsFiles(server.certificate(), server.key(), null), false)).close();
    }

    @Test
    void shouldSayWhichFileOfTlsCannotBeUsed() throws IOException {
        TestCertificates made = new TestCertificates(folder);
        Pem server = made.issued("hub", "");
        Pem other = made.issued("other", "");
        Path text = Files.writeString(folder.resolve("text"), "not PEM");
        Path missing = folder.resolve("missing");
        assertTlsRefused(new TlsFiles(missing, server.key(), null), "tls-cert=" + missing, "cannot be read");
        assertTlsRefused(new TlsFiles(text, server.key(), null), "tls-cert=" + text, "no certificate");
        assertTlsRefused(new TlsFiles(server.certificate(), missing, null), "tls-key=" + missing, "cannot be read");
        assertTlsRefused(new TlsFiles(server.certificate(), text, null), "tls-key=" + text, "no private key");
        assertTlsRefused(
                new TlsFiles(server.certificate(), other.key(), null), "tls-key=" + other.key(), "is not the key");
        assertTlsRefused(new TlsFiles(server.certificate(), server.key(), text), "tls-ca=" + text, "no certificate");
    }

    private void assertTlsRefused(TlsFiles files, String... words) {
        assertRefused(config("127.0.0.1", null, files, false), words);
    }

    @Test
    void shouldSayWhatIsWrongWithATokenFile() throws IOException {
        assertRefused(config("127.0.0.1", folder.resolve("missing")), "token-file=", "cannot be read");
        assertRefused(config("127.0.0.1", tokens("# nothing\n")), "it holds no token");
        assertRefused(
                config("127.0.0.1", tokens("alice:" + TOKEN + "\nbob:short\n")),
                "line=2",
                "5 characters",
                "at least 16");
        assertRefused(config("127.0.0.1", tokens("a b:" + TOKEN)), "line=1", "name");
        assertRefused(config("127.0.0.1", tokens("agent@-x:" + TOKEN)), "line=1", "agent@");
        assertRefused(config("127.0.0.1", tokens("alice:root:" + TOKEN)), "line=1", "viewer, analyst or admin");
        assertRefused(config("127.0.0.1", tokens("alice:" + TOKEN + ":admin")), "line=1", "role");
        assertRefused(config("127.0.0.1", tokens("alice:admin:x:" + TOKEN)), "line=1", "no colon");
        assertRefused(config("127.0.0.1", tokens("alice:admin:short")), "line=1", "5 characters");
        assertRefused(config("127.0.0.1", tokens("agent:admin:" + TOKEN)), "line=1", "role to an agent");
        assertRefused(config("127.0.0.1", tokens("agent@n1:viewer:" + TOKEN)), "line=1", "role to an agent");
        assertRefused(config("127.0.0.1", tokens("alice:with spaces in the token")), "line=1");
    }

    private void assertRefused(HubConfig config, String... words) {
        assertThatThrownBy(() -> api(config).close())
                .isInstanceOfSatisfying(
                        HindsightException.class,
                        refused -> {
                            assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_CONFIGURATION);
                            assertThat(refused.getMessage())
                                    .contains(words)
                                    .doesNotContain(TOKEN)
                                    .doesNotContain("short");
                        });
    }
}
