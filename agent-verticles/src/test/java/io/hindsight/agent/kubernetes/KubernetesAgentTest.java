package io.hindsight.agent.kubernetes;

import static io.hindsight.agent.kubernetes.TestPods.uid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.agent.AgentIdentity;
import io.hindsight.agent.AgentSources;
import io.hindsight.agent.AgentVerticle;
import io.hindsight.api.NodeStatus;
import io.hindsight.api.NodeStatus.SourceStatus;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.AgentAction;
import io.hindsight.bus.KnownObjectsAnswer;
import io.hindsight.bus.KnownObjectsRequest;
import io.hindsight.chunk.NodeId;
import io.hindsight.config.AgentConfig;
import io.hindsight.config.DataSize;
import io.hindsight.config.EventsConfig;
import io.hindsight.config.EventsConfig.KubernetesEvents;
import io.hindsight.config.EventsConfig.OsEvents;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cluster's recorder as it is deployed, with a kubeconfig. */
class KubernetesAgentTest {
    private static final NodeId NODE = new NodeId("cluster");

    @TempDir Path folder;

    private final Vertx vertx = Vertx.vertx();
    private final FakeApiServer server = new FakeApiServer(vertx);

    @AfterEach
    void close() {
        FakeApiServer.result(vertx.close());
    }

    private AgentConfig config() throws IOException {
        String kubeconfig =
                """
                apiVersion: v1
                kind: Config
                clusters: [{name: c, cluster: {server: "%s"}}]
                users: [{name: u, user: {token: t-1}}]
                contexts: [{name: x, context: {cluster: c, user: u}}]
                current-context: x
                """
                        .formatted(server.url());
        Path file = Files.writeString(folder.resolve("kubeconfig"), kubeconfig);
        return new AgentConfig(
                NODE,
                folder,
                new DataSize(16L << 20),
                new DataSize(256 << 10),
                List.of("any"),
                0,
                "",
                AgentConfig.CaptureImplementation.AUTO,
                1,
                new DataSize(2L << 20),
                null,
                false,
                new DataSize(0),
                new EventsConfig(OsEvents.OFF, KubernetesEvents.ON, file, true));
    }

    private JsonObject ask(AgentAction action, JsonObject body) {
        DeliveryOptions options = new DeliveryOptions().addHeader(Addresses.ACTION_HEADER, action.name());
        return FakeApiServer.result(vertx.eventBus().<JsonObject>request(Addresses.agent(NODE), body, options)).body();
    }

    private SourceStatus status() {
        return JsonMapping.fromJson(ask(AgentAction.STATUS, new JsonObject()), NodeStatus.class).sources().getFirst();
    }

    @Test
    void shouldRecordTheClusterAndAnswerWhatIsThere() throws IOException {
        for (String name : List.of("cart", "web")) {
            JsonObject metadata = new JsonObject().put("name", name).put("namespace", "shop").put("uid", uid(name));
            server.put(ResourceKind.SERVICE, new JsonObject().put("metadata", metadata));
        }
        AgentConfig config = config();
        FakeApiServer.result(
                vertx.deployVerticle(
                        new AgentVerticle(
                                config, AgentIdentity.ofNewRun("0.1"), AgentSources.of(config, vertx), null)));
        await().until(() -> server.openWatches() == ResourceKind.OF_THE_CLUSTER.size());
        await().until(() -> status().healthy());

        assertThat(status().source()).isEqualTo("kubernetes");
        assertThat(status().records()).as("a checkpoint of two").isEqualTo(4);
        KnownObjectsAnswer first = known(null);
        assertThat(first.objects().stream().map(KnownObjectsAnswer.KnownObject::name)).containsExactly("cart");
        assertThat(first.left()).isEqualTo(1);
        assertThat(first.complete()).isTrue();
        KnownObjectsAnswer second = known(first.next());
        assertThat(second.objects().stream().map(KnownObjectsAnswer.KnownObject::name)).containsExactly("web");
        assertThat(second.next()).isNull();
        assertThat(server.requests()).allSatisfy(one -> assertThat(one.authorization()).isEqualTo("Bearer t-1"));
    }

    private KnownObjectsAnswer known(@Nullable String after) {
        JsonObject request = JsonMapping.toJson(new KnownObjectsRequest(after, 1));
        return JsonMapping.fromJson(ask(AgentAction.WORKLOADS, request), KnownObjectsAnswer.class);
    }
}
