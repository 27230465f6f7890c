package io.hindsight.hub.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hindsight.bus.Addresses;
import io.hindsight.bus.BusFailures;
import io.hindsight.bus.LinkProtocol;
import io.hindsight.chunk.NodeId;
import io.hindsight.config.HubConfig;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.link.LinkLimits;
import io.hindsight.hub.link.LinkRegistry;
import io.hindsight.hub.nodes.NodeRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketFrame;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an agent may do once it is linked, and what becomes of one that does something else. */
final class LinkBridgeTest {
    private static final NodeId NODE = new NodeId("n1");
    private static final LinkLimits LIMITS =
            LinkLimits.DEFAULTS
                    .withMemory(300, 6 << 20, 1 << 20)
                    .withTimes(Duration.ofSeconds(1), Duration.ofMillis(500), Duration.ofSeconds(4));

    @TempDir private Path folder = Path.of("");

    private final Vertx vertx = Vertx.vertx();
    private final Vertx agents = Vertx.vertx();
    private final LinkRegistry registry = new LinkRegistry(Clock.systemUTC(), NodeRegistry.REACHABLE_FOR);
    private TestApi api = new TestApi(vertx, HubConfig.withDefaults(folder, 0), HttpLimits.DEFAULTS);

    @BeforeEach
    void start() {
        api.close();
        api = new TestApi(vertx, HubConfig.withDefaults(folder, 0), HttpLimits.DEFAULTS, registry, LIMITS);
    }

    @AfterEach
    void stop() {
        agents.close().await();
        api.close();
        vertx.close().await();
    }

    private LinkClient link() {
        return LinkClient.open(agents, api.port(), NODE.name(), "i-1");
    }

    private double refused(String cause) {
        return metric("hindsight_link_refusals_total{cause=\"" + cause + "\"}");
    }

    private double metric(String name) {
        String metrics = new String(api.get("/metrics").body(), StandardCharsets.UTF_8);
        return metrics.lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElse(-1);
    }

    private Future<JsonObject> ask(JsonObject body) {
        return vertx.eventBus()
                .<JsonObject>request(
                        Addresses.agent(NODE),
                        body,
                        new DeliveryOptions().addHeader("action", "PLAN").setSendTimeout(5_000))
                .map(BusFailures::body);
    }

    /** Asks until the agent's registration has arrived, and gives what it received. */
    private static JsonObject delivered(LinkClient agent) {
        return await().atMost(Duration.ofSeconds(5))
                .until(
                        () ->
                                agent.received.stream()
                                        .filter(message -> "rec".equals(message.getString("type")))
                                        .findFirst()
                                        .orElse(new JsonObject()),
                        message -> !message.isEmpty());
    }

    /** The bridge answers a message of its own only after the registration before it. */
    private void registered(LinkClient agent) {
        agent.register();
        vertx.eventBus().<JsonObject>localConsumer(Addresses.HEARTBEATS, beat -> beat.reply(new JsonObject()));
        agent.request(Addresses.HEARTBEATS, agent.heartbeat("i-1"));
        agent.received.clear();
    }

    @Test
    void shouldCarryRequestsToTheAgentAndItsAnswersBack() {
        try (LinkClient agent = link()) {
            registered(agent);

            Future<JsonObject> answer = ask(new JsonObject().put("from", 1));
            JsonObject request = delivered(agent);
            assertThat(request.getJsonObject("body")).isEqualTo(new JsonObject().put("from", 1));
            assertThat(request.getJsonObject("headers")).isEqualTo(new JsonObject().put("action", "PLAN"));
            agent.send(request.getString("replyAddress"), new JsonObject().put("chunks", 7));

            assertThat(answer.await(5, TimeUnit.SECONDS)).isEqualTo(new JsonObject().put("chunks", 7));
        } catch (TimeoutException late) {
            throw new AssertionError(late);
        }
    }

    @Test
    void shouldCarryTheAgentsFailures() {
        try (LinkClient agent = link()) {
            registered(agent);

            Future<JsonObject> answer = ask(new JsonObject());
            agent.send(
                    new JsonObject()
                            .put("type", "send")
                            .put("address", delivered(agent).getString("replyAddress"))
                            .put(
                                    "headers",
                                    new JsonObject()
                                            .put(
                                                    BusFailures.FAILURE_HEADER,
                                                    String.valueOf(ErrorCode.EMPTY_WINDOW.number())))
                            .put("body", new JsonObject().put("message", "Nothing is there.")));

            assertThatThrownBy(answer::await)
                    .isInstanceOfSatisfying(
                            HindsightException.class,
                            failed -> assertThat(failed.code()).isEqualTo(ErrorCode.EMPTY_WINDOW))
                    .hasMessage("Nothing is there.");
        }
    }

    @Test
    void shouldFailWhatAnAgentWillNotAnswerAnyMore() {
        LinkClient agent = link();
        registered(agent);
        Future<JsonObject> answer = ask(new JsonObject());
        delivered(agent);

        agent.close();

        assertThatThrownBy(answer::await)
                .isInstanceOfSatisfying(
                        HindsightException.class,
                        failed -> assertThat(failed.code()).isEqualTo(ErrorCode.AGENT_UNREACHABLE))
                .hasMessageContaining("node=n1");
        await().atMost(Duration.ofSeconds(5)).until(() -> metric("hindsight_links") == 0);
    }

    @Test
    void shouldTakeHeartbeatsAndStreamEndsOfTheNodeAlone() {
        List<JsonObject> heard = new CopyOnWriteArrayList<>();
        for (String address : new String[] {Addresses.HEARTBEATS, Addresses.chunks("s1", NODE, 1)}) {
            vertx.eventBus()
                    .<JsonObject>localConsumer(
                            address,
                            message -> {
                                heard.add(message.body());
                                message.reply(new JsonObject().put("hubTimeNs", 5));
                            });
        }
        try (LinkClient agent = link()) {
            JsonObject beat = agent.heartbeat("i-1");
            assertThat(agent.request(Addresses.HEARTBEATS, beat).getJsonObject("body"))
                    .isEqualTo(new JsonObject().put("hubTimeNs", 5));
            assertThat(agent.request(Addresses.chunks("s1", NODE, 1), new JsonObject().put("end", 1)).getString("type"))
                    .isEqualTo("rec");
            assertThat(heard).hasSize(2);
            assertThat(refused("address")).isZero();
        }
    }

    @Test
    void shouldRefuseEveryOtherAddressAndCountIt() {
        List<Object> reached = new CopyOnWriteArrayList<>();
        for (String address :
                new String[] {
                    Addresses.EVENTS,
                    Addresses.HEARTBEATS,
                    Addresses.agent(new NodeId("n2")),
                    Addresses.chunks("s1", new NodeId("n2"), 1),
                    Addresses.chunks("s1", NODE, 1)
                }) {
            vertx.eventBus().localConsumer(address, message -> reached.add(message.address()));
        }
        try (LinkClient agent = link()) {
            JsonObject beat = agent.heartbeat("i-1");
            List<JsonObject> wrong =
                    List.of(
                            message("register", Addresses.agent(new NodeId("n2")), null),
                            message("register", Addresses.agent(NODE) + "x", null),
                            message("register", Addresses.HEARTBEATS, null),
                            message("register", Addresses.EVENTS, null),
                            message("unregister", Addresses.agent(new NodeId("n2")), null),
                            message("send", Addresses.SNAPSHOTS, new JsonObject()),
                            message("send", Addresses.NODES, new JsonObject()),
                            message("send", Addresses.EVENTS, new JsonObject()),
                            message("send", Addresses.agent(new NodeId("n2")), new JsonObject()),
                            message("send", Addresses.agent(NODE), new JsonObject()),
                            message("send", Addresses.chunks("s1", new NodeId("n2"), 1), new JsonObject()),
                            message("send", "hindsight.chunks.n1x/s1.1", new JsonObject()),
                            message("send", Addresses.HEARTBEATS, null),
                            message("send", Addresses.HEARTBEATS, beat.copy().put("node", "n2")),
                            message("send", Addresses.HEARTBEATS, beat.copy().put("instance", "i-2")),
                            message("send", Addresses.chunks("s1", NODE, 1), new JsonObject())
                                    .put("headers", new JsonObject().put(Addresses.LANE_BROKEN_HEADER, "INTERNAL")),
                            message("publish", Addresses.HEARTBEATS, beat),
                            message("publish", Addresses.EVENTS, new JsonObject()));

            wrong.forEach(agent::send);

            await().atMost(Duration.ofSeconds(5)).until(() -> agent.received.size() == wrong.size());
            assertThat(agent.received).containsOnly(new JsonObject().put("type", "err").put("body", "rejected"));
            assertThat(refused("address")).isEqualTo(wrong.size());
            assertThat(reached).isEmpty();
            assertThat(agent.isClosed()).isFalse();
        }
    }

    private static JsonObject message(String type, String address, @Nullable JsonObject body) {
        return new JsonObject().put("type", type).put("address", address).put("body", body);
    }

    @Test
    void shouldNotLetOneAgentAnswerForAnother() {
        try (LinkClient agent = link();
                LinkClient other = LinkClient.open(agents, api.port(), "n2", "i-2")) {
            registered(agent);
            Future<JsonObject> answer = ask(new JsonObject());
            String replyAddress = delivered(agent).getString("replyAddress");

            other.send(replyAddress, new JsonObject().put("forged", true));
            await().atMost(Duration.ofSeconds(5)).until(() -> other.received.size() == 1);
            agent.send(replyAddress, new JsonObject().put("true", true));
            agent.send(replyAddress, new JsonObject().put("again", true));

            assertThat(answer.await()).isEqualTo(new JsonObject().put("true", true));
            await().atMost(Duration.ofSeconds(5)).until(() -> refused("reply") == 2);
        }
    }

    @Test
    void shouldCloseASocketThatSendsGarbage() {
        String deep = "[".repeat(200_000);
        for (String garbage :
                new String[] {
                    "",
                    "{",
                    "null",
                    "[]",
                    "\u0000\u0001\u0002",
                    deep,
                    "{\"type\":\"send\",\"address\":\"hindsight.heartbeats\",\"body\":" + deep,
                    "{}",
                    "{\"type\":7}",
                    "{\"type\":\"dance\",\"address\":\"x\"}",
                    "{\"type\":\"send\"}",
                    "{\"type\":\"send\",\"address\":{}}",
                    "{\"type\":\"send\",\"address\":\"hindsight.heartbeats\",\"headers\":[]}",
                    "{\"type\":\"send\",\"address\":\"hindsight.heartbeats\",\"headers\":{\"a\":null}}",
                    "{\"type\":\"send\",\"address\":\"hindsight.heartbeats\",\"body\":\"text\"}",
                    "{\"type\":\"send\",\"address\":\"hindsight.heartbeats\",\"replyAddress\":5}"
                }) {
            double before = refused("malformed");
            LinkClient agent = link();
            agent.frame(Buffer.buffer(garbage));
            await().atMost(Duration.ofSeconds(5)).until(agent::isClosed);
            assertThat(refused("malformed")).as(garbage.length() > 99 ? "deep" : garbage).isEqualTo(before + 1);
        }
        assertStillWorks();
    }

    private void assertStillWorks() {
        await().atMost(Duration.ofSeconds(5)).until(() -> metric("hindsight_links") == 0);
        try (LinkClient agent = link()) {
            registered(agent);
        }
    }

    @Test
    void shouldTakeALongMessageAndCloseASocketThatSendsALongerOne() {
        List<JsonObject> heard = new CopyOnWriteArrayList<>();
        vertx.eventBus()
                .<JsonObject>localConsumer(
                        Addresses.HEARTBEATS,
                        message -> {
                            heard.add(message.body());
                            message.reply(new JsonObject());
                        });
        try (LinkClient agent = link()) {
            agent.send(Addresses.HEARTBEATS, agent.heartbeat("i-1").put("pad", "x".repeat(4_000_000)));
            await().atMost(Duration.ofSeconds(10)).until(() -> heard.size() == 1);
            assertThat(metric("hindsight_link_partial_bytes")).isZero();
        }
        LinkClient agent = link();
        agent.frame(Buffer.buffer("x".repeat(LinkProtocol.MAX_MESSAGE_BYTES + 1)));
        await().atMost(Duration.ofSeconds(10)).until(agent::isClosed);
        assertThat(refused("too_large")).isEqualTo(1);
        assertThat(metric("hindsight_link_partial_bytes")).isZero();
        assertStillWorks();
    }

    @Test
    void shouldCloseASocketThatSendsAnOverlongFrame() {
        LinkClient agent = link();
        agent.socket().writeFrame(WebSocketFrame.textFrame("x".repeat(LinkProtocol.MAX_FRAME_BYTES + 1), true));
        await().atMost(Duration.ofSeconds(5)).until(agent::isClosed);
        assertThat(refused("too_large")).isEqualTo(1);
        assertStillWorks();
    }

    @Test
    void shouldCloseASocketThatFloods() {
        LinkClient agent = link();
        for (int i = 0; i < 3_000; i++) {
            agent.frame(Buffer.buffer("{\"type\":\"ping\"}"));
        }
        await().atMost(Duration.ofSeconds(10)).until(agent::isClosed);
        assertThat(refused("flood")).isEqualTo(1);
        assertStillWorks();
    }

    @Test
    void shouldCloseASocketWhoseMessageDoesNotEndAndBoundThemAll() {
        List<LinkClient> halves = new ArrayList<>();
        String half = "x".repeat(LinkProtocol.MAX_FRAME_BYTES);
        for (int i = 0; i < 3; i++) {
            LinkClient agent = LinkClient.open(agents, api.port(), "half-" + i, "i-1");
            halves.add(agent);
            agent.socket().writeFrame(WebSocketFrame.textFrame(half, false));
            for (int frame = 0; frame < 47; frame++) {
                agent.socket().writeFrame(WebSocketFrame.continuationFrame(Buffer.buffer(half), false));
            }
        }
        assertThat(metric("hindsight_link_partial_bytes")).isLessThanOrEqualTo(6 << 20);
        await().atMost(Duration.ofSeconds(10)).until(() -> halves.stream().allMatch(LinkClient::isClosed));
        assertThat(refused("partial")).isEqualTo(3);
        assertThat(metric("hindsight_link_partial_bytes")).isZero();
        assertStillWorks();
    }

    @Test
    void shouldCloseASocketThatTakesNothing() {
        LinkClient agent = link();
        registered(agent);
        agent.socket().pause();
        JsonObject body = new JsonObject().put("pad", "x".repeat(100_000));
        await().atMost(Duration.ofSeconds(20))
                .until(() -> {
                    for (int i = 0; i < 20; i++) {
                        vertx.eventBus().send(Addresses.agent(NODE), body);
                    }
                    return refused("backlog") == 1;
                });
        await().atMost(Duration.ofSeconds(5)).until(() -> metric("hindsight_links") == 0);
    }

    @Test
    void shouldNoticeAPeerThatIsDead() throws IOException {
        try (Socket dead = new Socket(InetAddress.getLoopbackAddress(), api.port())) {
            dead.getOutputStream().write(RawLink.request("n1", "i-1").getBytes(StandardCharsets.US_ASCII));
            await().atMost(Duration.ofSeconds(5)).until(() -> metric("hindsight_links") == 1);
            await().atMost(Duration.ofSeconds(10)).until(() -> metric("hindsight_links") == 0);
            assertThat(refused("silent")).isEqualTo(1);
        }
    }

    @Test
    void shouldKeepALinkOpenThatAnswersPingsAlone() {
        try (LinkClient agent = link()) {
            await().during(Duration.ofSeconds(6)).atMost(Duration.ofSeconds(7)).until(() -> !agent.isClosed());
            assertThat(metric("hindsight_links")).isEqualTo(1);
        }
    }

    @Test
    void shouldKeepTwoHundredLinksBesideUsersAndRefuseMoreThanTheBound() {
        vertx.eventBus().<JsonObject>localConsumer(Addresses.HEARTBEATS, beat -> beat.reply(new JsonObject()));
        double connections = metric("hindsight_http_connections");
        List<LinkClient> links = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            links.add(LinkClient.open(agents, api.port(), "node-" + i, "i-1"));
        }
        links.forEach(agent -> agent.send(Addresses.HEARTBEATS, agent.heartbeat("i-1")));
        assertThat(metric("hindsight_links")).isEqualTo(200);
        assertThat(metric("hindsight_http_connections")).as("connections of users").isEqualTo(connections);
        for (int i = 200; i < 300; i++) {
            links.add(LinkClient.open(agents, api.port(), "node-" + i, "i-1"));
        }
        JsonObject refusal =
                LinkClient.refusal(
                        agents, new WebSocketClientOptions(), LinkClient.request(api.port(), "one-more", "i-1"));
        assertThat(refusal.getString("code")).isEqualTo("TOO_MANY_REQUESTS");
        assertThat(refused("too_many")).isEqualTo(1);
        links.forEach(LinkClient::close);
    }
}
