package io.hindsight.hub.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.api.SnapshotState;
import io.hindsight.config.HubConfig;
import io.hindsight.hub.store.Manifest;
import io.hindsight.hub.testing.ScriptedAgent;
import io.hindsight.hub.testing.TestChunks;
import io.hindsight.hub.testing.TestHub;
import io.hindsight.testing.ToolResult;
import io.hindsight.testing.Tools;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs of {@code docs/examples}, run as they stand against a Hub that asks for tokens. */
final class BridgeExamplesTest {
    private static final String TOKEN = "analyst-token-0123456789";
    private static final Path EXAMPLES = Path.of("..", "docs", "examples");
    private static final Duration INSTALL_TIMEOUT = Duration.ofMinutes(2);

    @TempDir private Path folder = Path.of("");

    @TempDir private Path scratch = Path.of("");

    private @Nullable TestHub hub;
    private @Nullable TestApi api;
    private @Nullable ScriptedAgent agent;
    private int tcpPort;

    @BeforeEach
    void start() throws IOException {
        Path tokens = Files.writeString(scratch.resolve("tokens"), "anna:analyst:" + TOKEN + "\n");
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            tcpPort = free.getLocalPort();
        }
        HubConfig config = TestApi.withTokens(TestHub.config(folder, 4, 32L << 20), tokens).withTcpBridge(tcpPort);
        TestHub started = new TestHub(config);
        hub = started;
        api = new TestApi(started.vertx(), config, HttpLimits.DEFAULTS);
        agent = started.agent("node-1", TestChunks.packets("node-1", 3, 20));
        // The agent is there for as long as a program takes to start.
        started.vertx().setPeriodic(500, timer -> started.vertx().executeBlocking(() -> agent().report()));
    }

    @AfterEach
    void stop() {
        Objects.requireNonNull(api).close();
        Objects.requireNonNull(hub).close();
    }

    private ScriptedAgent agent() {
        return Objects.requireNonNull(agent);
    }

    private String url() {
        return Objects.requireNonNull(api).uri("").toString();
    }

    private String[] window() {
        return new String[] {
            String.valueOf(TestHub.everything("any").from()), String.valueOf(TestHub.everything("any").to())
        };
    }

    private static ToolResult run(String token, String... command) {
        String[] all = new String[command.length + 2];
        all[0] = "env";
        all[1] = "HINDSIGHT_TOKEN=" + token;
        System.arraycopy(command, 0, all, 2, command.length);
        return Tools.run(all);
    }

    private void assertFrozen(ToolResult result, String name) {
        String text = result.stdout();
        assertThat(result.exit()).as(text + result.stderr()).isZero();
        assertThat(text).contains("node node-1").containsPattern("snapshot \\S+ ended: (COMPLETE|PARTIAL)");
        assertThat(Objects.requireNonNull(hub).all())
                .anySatisfy(snapshot -> {
                    assertThat(snapshot.name()).isEqualTo(name);
                    assertThat(snapshot.createdBy()).isEqualTo("anna");
                    assertThat(snapshot.state()).isIn(SnapshotState.COMPLETE, SnapshotState.PARTIAL);
                });
    }

    @Test
    void shouldFreezeAWindowFromNodeWithTheOfficialClient() {
        Tools.require("node", "npm");
        Path program = copyOf("node");
        Tools.require(
                Tools.run(
                        INSTALL_TIMEOUT,
                        "npm",
                        "--prefix",
                        program.toString(),
                        "ci",
                        "--no-audit",
                        "--no-fund",
                        "--ignore-scripts",
                        "--prefer-offline"),
                "needs the npm registry");
        String script = program.resolve("snapshot.js").toString();
        assertFrozen(run(TOKEN, "node", script, url(), window()[0], window()[1]), "from-node");
        ToolResult refused = run("wrong-token-0123456789", "node", script, url());
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.stderr()).contains("did not let us in");
    }

    private Path copyOf(String example) {
        Path copy = scratch.resolve(example);
        try {
            Files.createDirectory(copy);
            for (String file : new String[] {"package.json", "package-lock.json", "snapshot.js"}) {
                Files.copy(EXAMPLES.resolve(example).resolve(file), copy.resolve(file));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return copy;
    }

    @Test
    void shouldFreezeAWindowFromPythonOverAPlainWebSocketAndListItOverTcp() {
        String script = EXAMPLES.resolve("python/snapshot.py").toString();
        assertFrozen(run(TOKEN, "python3", "-B", script, url(), window()[0], window()[1]), "from-python");
        ToolResult refused = run("wrong-token-0123456789", "python3", "-B", script, url());
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.stderr()).contains("UNAUTHENTICATED");

        String tcp = EXAMPLES.resolve("python/tcp.py").toString();
        ToolResult listed = run(TOKEN, "python3", "-B", tcp, "127.0.0.1", Integer.toString(tcpPort));
        assertThat(listed.exit()).as(listed.stderr()).isZero();
        assertThat(listed.stdout()).contains("node node-1").contains("COMPLETE");
        ToolResult unknown =
                run("wrong-token-0123456789", "python3", "-B", tcp, "127.0.0.1", Integer.toString(tcpPort));
        assertThat(unknown.stderr()).contains("error 4:");
    }

    @Test
    void shouldReadASnapshotFromJava() throws IOException {
        Path token = Files.writeString(scratch.resolve("token"), TOKEN + "\n");
        ToolResult result =
                Tools.run(
                        "env",
                        "HINDSIGHT_TOKEN_FILE=" + token,
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        EXAMPLES.resolve("java-bridged/ReadSnapshot.java").toString(),
                        url(),
                        window()[0],
                        window()[1]);

        assertThat(result.exit()).as(result.stdout() + result.stderr()).isZero();
        TestHub asked = Objects.requireNonNull(hub);
        assertThat(asked.all())
                .anySatisfy(snapshot -> {
                    assertThat(snapshot.name()).isEqualTo("from-java");
                    Manifest.File data = asked.verticle().store().open(snapshot.id()).files().getFirst().node().data();
                    assertThat(result.stdout())
                            .contains("snapshot " + snapshot.id() + " ended: COMPLETE")
                            .contains("node node-1 sha256 " + Objects.requireNonNull(data).sha256());
                });
    }
}
