package io.hindsight.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.testing.Root;
import io.hindsight.testing.Tools;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hub and agents as in a cluster: the agents show the tokens of their service account, and each is its own node alone. */
class KubernetesTokensIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String ACCOUNT = "hindsight/hindsight-agent";

    @TempDir private Path folder = Path.of(".");

    @BeforeEach
    void root() {
        Root.require("packet sockets");
        Tools.require("curl");
    }

    private RunningProgram agent(String hub, String node, String token) throws IOException {
        Path own = Files.createDirectories(folder.resolve(node));
        return RunningProgram.agentHere(
                own.resolve("data"),
                List.of(
                        "--hub",
                        hub,
                        "--node",
                        node,
                        "--interface",
                        "lo",
                        "--storage-size",
                        "64Mi",
                        "--slot-size",
                        "1Mi",
                        "--token-file",
                        Files.writeString(own.resolve("token"), token).toString()));
    }

    private static List<String> reachable(Api api) {
        return api.request("GET", "nodes").json().getJsonArray("nodes").stream()
                .map(JsonObject.class::cast)
                .filter(node -> node.getBoolean("reachable"))
                .map(node -> node.getString("node"))
                .toList();
    }

    @Test
    void shouldLinkAnAgentAsTheNodeOfItsPodAlone() throws IOException {
        try (TokenReviewer kubernetes = new TokenReviewer();
                RunningProgram hub =
                        RunningProgram.hubHere(
                                folder.resolve("hub"),
                                List.of(
                                        "--kubernetes-tokens",
                                        "--kubeconfig",
                                        kubernetes.kubeconfig(folder).toString(),
                                        "--agent-accounts",
                                        ACCOUNT))) {
            String viewer = kubernetes.user("vera", "get");
            Api api = new Api(null, hub.address(), List.of("-H", "Authorization: Bearer " + viewer));
            String stolen = kubernetes.agent(ACCOUNT, "node-1");
            try (RunningProgram own = agent(hub.address(), "node-1", kubernetes.agent(ACCOUNT, "node-1"));
                    RunningProgram other = agent(hub.address(), "node-2", stolen)) {
                own.awaitReady();
                other.awaitReady();
                await().atMost(PATIENCE).ignoreExceptions().until(() -> reachable(api).contains("node-1"));
                await().atMost(PATIENCE).until(() -> other.stderr().contains("does not join as node=node-2"));

                assertThat(reachable(api)).containsExactly("node-1");
                assertThat(api.request("DELETE", "snapshots/some-id").status()).isEqualTo(403);
                Api unknown = new Api(null, hub.address(), List.of("-H", "Authorization: Bearer " + viewer + "x"));
                assertThat(unknown.request("GET", "nodes").status()).isEqualTo(401);
                for (RunningProgram program : List.of(hub, own, other)) {
                    assertThat(program.stderr()).doesNotContain(stolen).doesNotContain(viewer);
                }
            }
        }
    }
}
