package io.hindsight.hub.nodes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hindsight.api.NodeStatus;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.BusFailures;
import io.hindsight.bus.NodeAction;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.link.Link;
import io.hindsight.hub.link.LinkIdentity;
import io.hindsight.hub.link.LinkRegistry;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the list of nodes and the events say of links. */
final class LinkedNodesTest {
    private static final NodeId NODE = new NodeId("n1");

    private final Vertx vertx = Vertx.vertx();
    private final LinkRegistry links = new LinkRegistry(Clock.systemUTC(), NodeRegistry.REACHABLE_FOR);
    private final List<JsonObject> events = new CopyOnWriteArrayList<>();

    @BeforeEach
    void start() {
        vertx.eventBus()
                .<JsonObject>consumer(Addresses.EVENTS, event -> events.add(event.body().getJsonObject("node")));
        new NodeRegistry(vertx, Clock.systemUTC(), System::nanoTime, links).start();
    }

    @AfterEach
    void stop() {
        vertx.close().await();
    }

    private Link claim(String instance) {
        return links.claim(new LinkIdentity(NODE, instance, "1.0.0"), "10.0.0.7");
    }

    private void beat(String instance) {
        NodeStatus status =
                new NodeStatus(NODE.name(), instance, "1.0.0", Instant.now(), Instant.now(), List.of(), null, null);
        vertx.eventBus().request(Addresses.HEARTBEATS, JsonMapping.toJson(status)).await();
    }

    private JsonObject listed() {
        DeliveryOptions list = new DeliveryOptions().addHeader(Addresses.ACTION_HEADER, NodeAction.LIST.name());
        return vertx.eventBus()
                .<JsonObject>request(Addresses.NODES, new JsonObject(), list)
                .await()
                .body()
                .getJsonArray("nodes")
                .getJsonObject(0);
    }

    @Test
    void shouldShowTheLinkAndKnowAtOnceWhenItHasGone() {
        Link link = claim("a");
        beat("a");
        assertThat(listed().getBoolean("reachable")).isTrue();
        assertThat(listed().getJsonObject("link").getString("from")).isEqualTo("10.0.0.7");
        await().atMost(Duration.ofSeconds(2)).until(() -> events.size() == 1);

        links.closed(link);

        await().atMost(Duration.ofSeconds(2)).until(() -> !listed().getBoolean("reachable"));
        assertThat(listed().containsKey("link")).isFalse();
        await().atMost(Duration.ofSeconds(2)).until(() -> events.size() == 2);
        assertThat(events.getLast().getBoolean("reachable")).isFalse();
        claim("b");
        beat("b");
        assertThat(listed().getBoolean("reachable")).isTrue();
    }

    @Test
    void shouldShowAndPublishThatAnotherAgentClaimsTheName() {
        claim("a");
        beat("a");

        assertThatThrownBy(() -> claim("b")).isInstanceOf(HindsightException.class);

        assertThat(listed().getString("conflict")).contains("instance=b", "from=10.0.0.7", "attempts=1");
        await().atMost(Duration.ofSeconds(2))
                .until(() -> events.stream().anyMatch(node -> node.getString("conflict", "").contains("instance=b")));
    }

    @Test
    void shouldTellAnAgentInTheSameProcessThatItsNameIsTaken() {
        claim("a");
        beat("a");

        assertThatThrownBy(() -> beat("embedded"))
                .satisfies(failure ->
                        assertThat(BusFailures.asHindsight(failure).code()).isEqualTo(ErrorCode.NODE_CONFLICT));

        assertThat(listed().getString("instance")).isEqualTo("a");
        assertThat(listed().getString("conflict")).contains("instance=embedded");
    }
}
