package io.hindsight.agent.link;

import static io.hindsight.agent.link.Futures.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hindsight.agent.filter.OwnTraffic;
import io.hindsight.api.ClockOffset;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.BusFailures;
import io.hindsight.bus.LinkProtocol;
import io.hindsight.chunk.NodeId;
import io.hindsight.config.LinkConfig;
import io.hindsight.config.TlsFiles;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinkVerticleTest {
    private static final String AGENT = Addresses.agent(Links.NODE);
    private static final Duration SOON = Duration.ofSeconds(15);

    @TempDir private Path folder = Path.of(".");

    private final BridgeHub hub = new BridgeHub();

    @AfterEach
    void close() {
        hub.close();
    }

    private static void answerOrders(Links agent) {
        agent.vertx
                .eventBus()
                .<JsonObject>localConsumer(
                        AGENT,
                        order ->
                                order.reply(
                                        new JsonObject()
                                                .put("did", order.headers().get(Addresses.ACTION_HEADER))
                                                .put("with", order.body())));
    }

    /** A heartbeat of this process has come over a link whose registration came before it. */
    private void awaitLinked() {
        hub.heartbeats.clear();
        await().atMost(SOON).until(() -> !hub.heartbeats.isEmpty());
    }

    @Test
    void shouldSayWhoItIsWhenItDials() throws IOException {
        Path token = Files.writeString(folder.resolve("tokens"), "agent:0123456789abcdef\n");
        LinkConfig config = new LinkConfig(URI.create("http://127.0.0.1:" + hub.port()), token, TlsFiles.NONE, false);
        try (Links agent = new Links(Links.NODE, config, Links.TIMING)) {
            await().atMost(SOON).until(() -> !hub.dials.isEmpty());

            MultiMap dial = hub.dials.getFirst();
            assertThat(dial.get(LinkProtocol.NODE_HEADER)).isEqualTo("node-1");
            assertThat(dial.get(LinkProtocol.INSTANCE_HEADER)).isEqualTo(agent.identity.instance());
            assertThat(dial.get(LinkProtocol.VERSION_HEADER)).isEqualTo("0.1.0");
            assertThat(dial.get("Authorization")).isEqualTo("Bearer 0123456789abcdef");
            assertThat(dial.contains("Origin")).isFalse();
        }
    }

    @Test
    void shouldHandOrdersToTheAgentAndAnswersBack() {
        try (Links agent = new Links(hub.port()).beat()) {
            answerOrders(agent);
            awaitLinked();

            JsonObject answer = hub.ask(AGENT, "PLAN", new JsonObject().put("a", 1)).body();

            assertThat(answer).isEqualTo(new JsonObject().put("did", "PLAN").put("with", new JsonObject().put("a", 1)));
        }
    }

    /** So that the agent's own traffic can be left out of what it records. */
    @Test
    void shouldTellWhereItsConnectionLeads() {
        List<JsonObject> told = new CopyOnWriteArrayList<>();
        LinkConfig config = Links.config("http://127.0.0.1:" + hub.port());
        Consumer<Vertx> listen =
                vertx ->
                        vertx.eventBus()
                                .<JsonObject>localConsumer(
                                        OwnTraffic.ADDRESS, connection -> told.add(connection.body()));
        try (Links agent = new Links(Links.NODE, config, Links.TIMING, listen)) {
            JsonObject expected = new JsonObject().put("address", "127.0.0.1").put("port", hub.port());
            await().atMost(SOON).untilAsserted(() -> assertThat(told).as(agent.identity.instance()).contains(expected));
        }
    }

    @Test
    void shouldCarryFailuresAsAnswers() {
        try (Links agent = new Links(hub.port()).beat()) {
            agent.vertx
                    .eventBus()
                    .<JsonObject>localConsumer(
                            AGENT,
                            order ->
                                    BusFailures.fail(
                                            order,
                                            HindsightException.ofField(
                                                    ErrorCode.INVALID_WINDOW, "toNs", "It ends early.")));
            awaitLinked();

            Message<JsonObject> answer = hub.ask(AGENT, "PLAN", new JsonObject());

            assertThatThrownBy(() -> BusFailures.body(answer))
                    .isInstanceOfSatisfying(
                            HindsightException.class,
                            failure -> {
                                assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_WINDOW);
                                assertThat(failure.field()).isEqualTo("toNs");
                                assertThat(failure).hasMessage("It ends early.");
                            });
        }
    }

    @Test
    void shouldSayThatNoAgentListens() {
        try (Links agent = new Links(hub.port()).beat()) {
            awaitLinked();

            Message<JsonObject> answer = hub.ask(AGENT, "PLAN", new JsonObject());

            assertThatThrownBy(() -> BusFailures.body(answer))
                    .isInstanceOfSatisfying(
                            HindsightException.class,
                            failure -> assertThat(failure.code()).isEqualTo(ErrorCode.AGENT_UNREACHABLE));
            assertThat(agent.identity.instance()).isNotEmpty();
        }
    }

    @Test
    void shouldForwardHeartbeatsWithTheOffsetOfTheClock() {
        hub.setClockAhead(Duration.ofSeconds(100));
        try (Links agent = new Links(hub.port()).beat()) {
            await().atMost(SOON).until(() -> hub.heartbeats.stream().anyMatch(beat -> beat.containsKey("clock")));

            JsonObject beat = hub.heartbeats.getLast();
            ClockOffset clock = JsonMapping.fromJson(beat.getJsonObject("clock"), ClockOffset.class);
            assertThat(beat.getString("instance")).isEqualTo(agent.identity.instance());
            assertThat(clock.offsetNs() - Duration.ofSeconds(100).toNanos())
                    .isBetween(-clock.errorNs(), clock.errorNs());
            assertThat(clock.errorNs()).isLessThan(Duration.ofSeconds(5).toNanos());
        }
    }

    @Test
    void shouldDialAgainWhenTheHubHasRestarted() {
        try (Links agent = new Links(hub.port()).beat()) {
            answerOrders(agent);
            awaitLinked();

            hub.close();
            hub.start();
            awaitLinked();

            assertThat(hub.ask(AGENT, "STATUS", new JsonObject()).body().getString("did")).isEqualTo("STATUS");
        }
    }

    @Test
    void shouldSayOnceWhyItIsRefusedAndTryAgain() {
        hub.refuse(409, new JsonObject().put("detail", "Another agent is linked as\nnode=node-1.").encode());
        try (LogLines log = new LogLines();
                Links agent = new Links(hub.port()).beat()) {
            await().atMost(SOON).until(() -> hub.dials.size() >= 5);

            assertThat(log.with("refuses this agent"))
                    .singleElement()
                    .asString()
                    .contains("Another agent is linked as node=node-1. (HTTP status 409)");

            hub.refuse(401, "");
            await().atMost(SOON).until(() -> log.with("HTTP status 401").size() == 1);

            hub.refuse(0, "");
            awaitLinked();
            assertThat(agent.link).isNotNull();
        }
    }

    @Test
    void shouldDialAnewWhenTheHubFallsSilent() {
        try (MutableProxy cable = new MutableProxy(hub.port());
                Links agent = new Links(cable.port()).beat()) {
            answerOrders(agent);
            awaitLinked();

            cable.mute(true);
            // The bound on silence has passed, as nothing of the old connection comes through, when it dials again.
            int dials = hub.dials.size();
            try (LogLines log = new LogLines()) {
                await().atMost(SOON).until(() -> !log.with("silent for 600 ms").isEmpty());
            }
            cable.mute(false);
            await().atMost(SOON).until(() -> hub.dials.size() > dials);
            awaitLinked();

            // Until the Hub has noticed that the old connection is closed, it may ask there.
            await().atMost(SOON)
                    .ignoreExceptions()
                    .until(() -> "STATUS".equals(hub.ask(AGENT, "STATUS", new JsonObject()).body().getString("did")));
        }
    }

    @Test
    void shouldDialAnewWhenHeartbeatsAreNotAnswered() {
        hub.answerHeartbeats(false);
        try (Links agent = new Links(hub.port()).beat()) {
            await().atMost(SOON).until(() -> hub.dials.size() >= 2);

            hub.answerHeartbeats(true);
            awaitLinked();
            assertThat(agent.link).isNotNull();
        }
    }

    @Test
    void shouldKeepALinkWithoutHeartbeatsAlive() {
        try (LogLines log = new LogLines();
                Links agent = new Links(hub.port())) {
            answerOrders(agent);
            await().atMost(SOON).until(() -> !hub.dials.isEmpty());

            await().during(Duration.ofMillis(1_500)).atMost(SOON).until(() -> hub.dials.size() == 1);
            assertThat(hub.ask(AGENT, "STATUS", new JsonObject()).body().getString("did")).isEqualTo("STATUS");
            assertThat(log.with("WARN")).isEmpty();
        }
    }

    @Test
    void shouldServeTwoAgentsOfOneHub() {
        NodeId other = new NodeId("node-2");
        LinkConfig config = Links.config("http://127.0.0.1:" + hub.port());
        try (Links first = new Links(hub.port()).beat();
                Links second = new Links(other, config, Links.TIMING).beat()) {
            answerOrders(first);
            second.vertx
                    .eventBus()
                    .<JsonObject>localConsumer(
                            Addresses.agent(other), order -> order.reply(new JsonObject().put("did", "second")));
            await().atMost(SOON)
                    .until(() -> hub.heartbeats.stream().map(beat -> beat.getString("node")).distinct().count() == 2);

            assertThat(hub.ask(AGENT, "STATUS", new JsonObject()).body().getString("did")).isEqualTo("STATUS");
            assertThat(hub.ask(Addresses.agent(other), "STATUS", new JsonObject()).body().getString("did"))
                    .isEqualTo("second");
        }
    }

    @Test
    void shouldBoundOrdersUnderWay() {
        List<Message<JsonObject>> held = new CopyOnWriteArrayList<>();
        try (Links agent = new Links(hub.port()).beat()) {
            agent.vertx.eventBus().<JsonObject>localConsumer(AGENT, held::add);
            awaitLinked();
            DeliveryOptions options = new DeliveryOptions().addHeader(Addresses.ACTION_HEADER, "STATUS");
            List<Future<Message<JsonObject>>> asked = new ArrayList<>();
            for (int i = 0; i < OrderRelay.MAX_UNDER_WAY; i++) {
                asked.add(hub.vertx().eventBus().request(AGENT, new JsonObject(), options));
            }
            await().atMost(SOON).until(() -> held.size() == OrderRelay.MAX_UNDER_WAY);

            Message<JsonObject> refused = hub.ask(AGENT, "STATUS", new JsonObject());

            assertThat(refused.headers().get(BusFailures.FAILURE_HEADER))
                    .isEqualTo(Integer.toString(ErrorCode.TOO_MANY_REQUESTS.number()));
            held.forEach(order -> order.reply(new JsonObject()));
            asked.forEach(Futures::result);
            assertThatThrownBy(() -> BusFailures.body(refused)).hasMessageContaining("orders=256");
        }
    }

    @Test
    void shouldRefuseToSendAnAnswerThatIsTooLong() {
        try (Links agent = new Links(hub.port()).beat()) {
            agent.vertx
                    .eventBus()
                    .<JsonObject>localConsumer(
                            AGENT,
                            order ->
                                    order.reply(
                                            new JsonObject().put("long", "x".repeat(LinkProtocol.MAX_MESSAGE_BYTES))));
            awaitLinked();

            Message<JsonObject> answer = hub.ask(AGENT, "STATUS", new JsonObject());

            assertThat(answer.headers().get(BusFailures.FAILURE_HEADER))
                    .isEqualTo(Integer.toString(ErrorCode.PAYLOAD_TOO_LARGE.number()));
        }
    }

    @Test
    void shouldSendToTheHubsBusWhileThereIsALink() {
        String address = Addresses.chunks("snapshot-1", Links.NODE, 1);
        List<JsonObject> ends = new CopyOnWriteArrayList<>();
        hub.vertx().eventBus().<JsonObject>consumer(address, end -> ends.add(end.body()));
        try (Links agent = new Links(hub.port()).beat()) {
            awaitLinked();

            result(agent.link.send(address, new JsonObject().put("chunks", 3)));

            await().atMost(SOON).until(() -> !ends.isEmpty());
            assertThat(ends).containsExactly(new JsonObject().put("chunks", 3));

            hub.close();
            await().atMost(SOON)
                    .untilAsserted(() ->
                            assertThatThrownBy(() -> result(agent.link.send(address, new JsonObject())))
                                    .isInstanceOf(CompletionException.class)
                                    .hasMessageContaining("There is no link to hub=http://127.0.0.1:" + hub.port()));
        }
    }
}
