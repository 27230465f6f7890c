package io.hindsight.hub.nodes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.api.NodeStatus;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.NodeAction;
import io.hindsight.hub.link.LinkRegistry;
import io.hindsight.json.JsonMapping;
import io.hindsight.kubernetes.ApiAccess;
import io.hindsight.kubernetes.KubernetesApi;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which nodes should have an agent, from an API server over real HTTP to the list of nodes. */
class DaemonSetWatchTest {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final Duration OFTEN = Duration.ofMillis(50);

    @TempDir private Path folder = Path.of(".");

    private final Vertx vertx = Vertx.vertx();
    private final DaemonSetServer server = new DaemonSetServer();
    private final NodeRegistry nodes =
            new NodeRegistry(
                    vertx,
                    Clock.systemUTC(),
                    System::nanoTime,
                    new LinkRegistry(Clock.systemUTC(), NodeRegistry.REACHABLE_FOR));
    private final List<JsonObject> events = new CopyOnWriteArrayList<>();

    private @Nullable DaemonSetWatch watch;

    @BeforeEach
    void listen() {
        vertx.eventBus()
                .<JsonObject>consumer(Addresses.EVENTS, event -> events.add(event.body().getJsonObject("node")));
    }

    @AfterEach
    void stop() {
        DaemonSetWatch started = watch;
        if (started != null) {
            vertx.runOnContext(now -> started.stop());
        }
        vertx.close().await();
        server.close();
    }

    private void start() {
        KubernetesApi api =
                new KubernetesApi(
                        vertx, ApiAccess.require(server.kubeconfig(folder), "agent-daemonset", Map.of(), folder));
        DaemonSetWatch made = new DaemonSetWatch(vertx, api, Clock.systemUTC(), DaemonSetServer.NAME, OFTEN, nodes);
        watch = made;
        vertx.runOnContext(now -> {
            nodes.start();
            made.start();
        });
        await().atMost(SOON).until(() -> !server.requests.isEmpty());
    }

    private void beat(String node) {
        NodeStatus status = new NodeStatus(node, "i", "1.0.0", Instant.now(), Instant.now(), List.of(), null, null);
        vertx.eventBus().request(Addresses.HEARTBEATS, JsonMapping.toJson(status)).await();
    }

    private JsonObject list() {
        DeliveryOptions list = new DeliveryOptions().addHeader(Addresses.ACTION_HEADER, NodeAction.LIST.name());
        return vertx.eventBus().<JsonObject>request(Addresses.NODES, new JsonObject(), list).await().body();
    }

    private List<JsonObject> listed() {
        return list().getJsonArray("nodes").stream().map(JsonObject.class::cast).toList();
    }

    private JsonObject listed(String node) {
        return listed().stream().filter(one -> node.equals(one.getString("node"))).findFirst().orElse(new JsonObject());
    }

    private JsonObject expected() {
        return list().getJsonObject("expected");
    }

    @Test
    void shouldListANodeWithoutAnAgentWithThePodsReason() {
        server.desire(3);
        server.add(DaemonSetServer.running("worker-1"));
        server.add(DaemonSetServer.pending("worker-2"));
        server.add(DaemonSetServer.running("worker-3").put("metadata", new JsonObject().put("name", "not-of-the-set")));
        start();
        await().atMost(SOON).until(() -> listed("worker-2").getBoolean("missing", false));

        assertThat(listed("worker-2").getString("reason"))
                .isEqualTo(
                        "Its pod agent-worker-2 is not scheduled: Unschedulable: 0/3 nodes are available: 1 Insufficient memory.");
        assertThat(Instant.parse(listed("worker-2").getString("since"))).isBefore(Instant.now().plusSeconds(1));
        assertThat(listed("worker-2").getBoolean("reachable")).isFalse();
        assertThat(listed("worker-1").getString("reason")).contains("runs since 2026-11-25T10:00:00Z");
        assertThat(listed()).hasSize(2);
        assertThat(expected().getInteger("desired")).isEqualTo(3);
        assertThat(expected().getInteger("missing")).isEqualTo(2);
        assertThat(expected().getInteger("unplaced")).isEqualTo(1);
        assertThat(expected().getString("note")).contains("has no pod yet for nodes=1");
        assertThat(server.requests.get(1))
                .contains("labelSelector=app.kubernetes.io%2Fname%3Dhindsight%2Ctier%20in%20%28a%2Cb%29");
    }

    @Test
    void shouldTellWhenANodeComesAndGoes() {
        server.desire(1);
        server.add(DaemonSetServer.running("worker-1"));
        start();
        await().atMost(SOON).until(() -> events.stream().anyMatch(event -> event.getBoolean("missing", false)));
        events.clear();

        beat("worker-1");
        assertThat(listed("worker-1").getBoolean("missing")).isNull();
        assertThat(expected().getInteger("missing")).isZero();
        assertThat(events).isNotEmpty().allSatisfy(event -> assertThat(event.getBoolean("reachable")).isTrue());

        await().atMost(SOON).until(() -> events.stream().anyMatch(event -> event.getBoolean("missing", false)));
        assertThat(listed("worker-1").getString("instance")).isEqualTo("i");
        assertThat(listed("worker-1").getString("reason")).contains("not linked to this Hub");

        server.clear();
        server.desire(0);
        await().atMost(SOON).until(() -> listed("worker-1").getBoolean("missing") == null);
    }

    @Test
    void shouldKeepWhatItKnewWhileTheApiServerIsAway() {
        server.desire(1);
        server.add(DaemonSetServer.pending("worker-1"));
        start();
        await().atMost(SOON).until(() -> listed("worker-1").getBoolean("missing", false));
        server.goAway();
        await().atMost(SOON).until(() -> expected().getString("problem") != null);

        String readAt = expected().getString("readAt");
        assertThat(Instant.parse(readAt)).isBefore(Instant.now());
        assertThat(expected().getInteger("desired")).isEqualTo(1);
        await().atMost(SOON).until(() -> listed("worker-1").getString("reason").contains("as of " + readAt));
        assertThat(listed("worker-1").getString("reason"))
                .startsWith("Its pod agent-worker-1 is not scheduled")
                .contains("gives no answer");

        server.start();
        await().atMost(SOON).until(() -> expected().getString("problem") == null);
    }

    @Test
    void shouldSayThatItMayNotLook() {
        server.refuse(403);
        start();

        await().atMost(SOON).until(() -> expected().getString("problem") != null);

        assertThat(expected().getString("problem"))
                .contains("does not let the Hub get the DaemonSet tools/hindsight-agent: HTTP status 403")
                .contains("daemonsets.apps is forbidden")
                .doesNotContain("a-token");
        assertThat(expected().getString("readAt")).isNull();
        assertThat(listed()).isEmpty();
    }

    @Test
    void shouldReadAsManyPagesAsThereAreNodes() {
        server.desire(NodeRegistry.MAX_NODES + 7);
        for (int node = 0; node < NodeRegistry.MAX_NODES + 7; node++) {
            server.add(DaemonSetServer.running("worker-" + node));
        }
        start();

        await().atMost(SOON).until(() -> listed().size() == NodeRegistry.MAX_NODES);
        assertThat(expected().getString("note")).contains("more pods than limit=" + NodeRegistry.MAX_NODES);
    }
}
