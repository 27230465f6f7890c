package io.hindsight.hub.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.api.CustodyEvent;
import io.hindsight.api.SnapshotState;
import io.hindsight.bus.Addresses;
import io.hindsight.config.HubConfig;
import io.hindsight.error.ErrorCode;
import io.hindsight.hub.bridge.BridgeLimits;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a program may do at the bridge, and what becomes of one that does something else. */
final class ProgramBridgeTest {
    private static final String VIEWER = "viewer-token-0123456789";
    private static final String ANALYST = "analyst-token-0123456789";
    private static final String AGENT = "agent-token-0123456789";
    private static final String OWN = Addresses.client("0123456789abcdef-own");
    private static final BridgeLimits LIMITS =
            new BridgeLimits(
                    4,
                    256 << 10,
                    512 << 10,
                    Duration.ofSeconds(1),
                    300,
                    1_000,
                    1 << 20,
                    2 << 20,
                    1 << 20,
                    4 << 20,
                    Duration.ofMillis(300),
                    Duration.ofMinutes(5),
                    4,
                    8,
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(2));

    @TempDir private Path folder = Path.of("");

    private final Vertx vertx = Vertx.vertx();
    private final Vertx programs = Vertx.vertx();
    private final HubDouble hub = new HubDouble(vertx);
    private @Nullable TestApi api;

    @BeforeEach
    void start() throws IOException {
        Path tokens =
                Files.writeString(
                        folder.resolve("tokens"),
                        "vera:viewer:" + VIEWER + "\nanna:analyst:" + ANALYST + "\nagent:" + AGENT + "\n");
        api =
                new TestApi(
                        vertx,
                        TestApi.withTokens(HubConfig.withDefaults(folder, 0), tokens),
                        HttpLimits.DEFAULTS,
                        LIMITS);
        hub.snapshots.put("s-1", HubDouble.snapshot("s-1", SnapshotState.COMPLETE, 7));
    }

    @AfterEach
    void stop() {
        programs.close().await();
        api().close();
        vertx.close().await();
    }

    private TestApi api() {
        if (api == null) {
            throw new IllegalStateException("It has not started.");
        }
        return api;
    }

    private ProgramClient open(String path, String token) {
        return ProgramClient.open(programs, api().port(), path, token);
    }

    private ProgramClient analyst() {
        return open(ProgramClient.PLAIN, ANALYST);
    }

    private double metric(String name) {
        String metrics =
                new String(api().get("/metrics", "Authorization", "Bearer " + VIEWER).body(), StandardCharsets.UTF_8);
        return metrics.lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElse(-1);
    }

    private double refused(String cause) {
        return metric("hindsight_bridge_refusals_total{cause=\"" + cause + "\"}");
    }

    private static JsonObject id(String id) {
        return new JsonObject().put("id", id);
    }

    @ParameterizedTest
    @ValueSource(strings = {ProgramClient.PLAIN, ProgramClient.SOCKJS})
    void shouldAnswerInTheNameOfWhoeverIsConnected(String path) {
        try (ProgramClient program = open(path, ANALYST)) {
            JsonObject answer = program.request(Addresses.SNAPSHOTS, "GET", id("s-1"));
            assertThat(answer.getString("type")).isEqualTo("rec");
            assertThat(answer.getJsonObject("body").getString("id")).isEqualTo("s-1");
            assertThat(program.request(Addresses.NODES, "LIST", new JsonObject()).getJsonObject("body"))
                    .isEqualTo(new JsonObject().put("nodes", new JsonArray()));
            assertThat(hub.requests).contains("GET by anna");
            program.send(new JsonObject().put("type", "ping"));
            program.next(came -> "pong".equals(came.getString("type")));
        }
    }

    @Test
    void shouldSayHowARequestFailed() {
        try (ProgramClient program = analyst()) {
            JsonObject failure = program.request(Addresses.SNAPSHOTS, "GET", id("none"));
            assertThat(failure.getString("type")).isEqualTo("err");
            assertThat(failure.getInteger("failureCode")).isEqualTo(ErrorCode.SNAPSHOT_NOT_FOUND.number());
            assertThat(new JsonObject(failure.getString("message")))
                    .isEqualTo(new JsonObject().put("message", "There is none.").put("field", "id"));
            hub.silent = true;
            assertThat(program.request(Addresses.SNAPSHOTS, "GET", id("s-1")).getInteger("failureCode"))
                    .isEqualTo(ErrorCode.TIMED_OUT.number());
        }
    }

    @Test
    void shouldTakeNobodysWordForWhoAsks() {
        CopyOnWriteArrayList<JsonObject> headers = new CopyOnWriteArrayList<>();
        vertx.eventBus()
                .<JsonObject>localConsumer(
                        Addresses.READS,
                        message -> {
                            JsonObject all = new JsonObject();
                            message.headers().forEach(all::put);
                            headers.add(all);
                            message.reply(new JsonObject());
                        });
        try (ProgramClient program = analyst()) {
            program.register(OWN);
            JsonObject forged =
                    ProgramClient.message(
                            Addresses.READS, "OPEN", new JsonObject().put("address", OWN).put("carrier", "BUFFERS"));
            forged.getJsonObject("headers")
                    .put("requested-by", "otto")
                    .put("Requested-By", "otto")
                    .put("requested-from", "10.0.0.1")
                    .put("lane-broken", "INTERNAL")
                    .put("idempotency-key", "key-1");
            assertThat(program.request(forged).getString("type")).isEqualTo("rec");
        }
        assertThat(headers)
                .containsExactly(
                        new JsonObject()
                                .put("action", "OPEN")
                                .put("requested-by", "anna")
                                .put("requested-from", "127.0.0.1")
                                .put("idempotency-key", "key-1"));
    }

    @Test
    void shouldRefuseWhatTheCallerMayNotDoSayWhyAndRecordIt() {
        try (ProgramClient program = open(ProgramClient.PLAIN, VIEWER)) {
            JsonObject refusal = program.request(Addresses.SNAPSHOTS, "DELETE", id("s-1"));
            assertThat(refusal.getString("type")).isEqualTo("err");
            assertThat(refusal.getInteger("failureCode")).isEqualTo(ErrorCode.FORBIDDEN.number());
            assertThat(ProgramClient.words(refusal)).contains("vera", "DELETE", "permission=delete", "role=admin");
            await().until(() -> !hub.recorded.isEmpty());
            CustodyEvent recorded = hub.recorded.getFirst();
            assertThat(recorded.who()).isEqualTo("vera");
            assertThat(recorded.snapshot()).isEqualTo("s-1");
            assertThat(recorded.details())
                    .containsEntry("address", Addresses.SNAPSHOTS)
                    .containsEntry("action", "DELETE");
            assertThat(hub.snapshots).containsKey("s-1");
            assertThat(refused("permission")).isEqualTo(1);
            assertThat(program.request(Addresses.SNAPSHOTS, "GET", id("s-1")).getString("type")).isEqualTo("rec");
        }
    }

    @Test
    void shouldLetNobodyLockWhoMayCreateAlone() {
        try (ProgramClient program = analyst()) {
            JsonObject locked = new JsonObject().put("last", "5m").put("lockUntil", "2099-01-01T00:00:00Z");
            for (JsonObject body :
                    List.of(
                            locked,
                            new JsonObject().put("requests", new JsonArray().add(new JsonObject()).add(locked)))) {
                JsonObject refusal = program.request(Addresses.SNAPSHOTS, "CREATE", body);
                assertThat(refusal.getInteger("failureCode")).isEqualTo(ErrorCode.FORBIDDEN.number());
                assertThat(ProgramClient.words(refusal)).contains("with lockUntil", "permission=lock");
            }
            locked.remove("lockUntil");
            assertThat(program.request(Addresses.SNAPSHOTS, "CREATE", locked).getString("type")).isEqualTo("rec");
        }
        assertThat(hub.requests).containsOnlyOnce("CREATE by anna");
    }

    @Test
    void shouldRefuseEverythingThatIsNotTheirs() {
        try (ProgramClient program = analyst()) {
            for (String address :
                    new String[] {
                        Addresses.CAPTURE,
                        Addresses.CUSTODY,
                        Addresses.HEARTBEATS,
                        Addresses.EVENTS,
                        "hindsight.agents.n1",
                        "hindsight.chunks.n1/s.1",
                        "__vertx.reply.1",
                        OWN,
                        ""
                    }) {
                program.send(ProgramClient.message(address, "GET", new JsonObject()));
                assertThat(program.refusalOf(address).getInteger("failureCode"))
                        .isEqualTo(ErrorCode.FORBIDDEN.number());
            }
            for (String address :
                    new String[] {
                        Addresses.SNAPSHOTS,
                        Addresses.HEARTBEATS,
                        "hindsight.agents.n1",
                        "hindsight.clients.short",
                        "hindsight.clients.0123456789abcde_",
                        "__vertx.reply.1"
                    }) {
                program.register(address);
                assertThat(ProgramClient.words(program.refusalOf(address))).contains(Addresses.EVENTS);
            }
            program.send(new JsonObject().put("type", "publish").put("address", Addresses.EVENTS));
            assertThat(ProgramClient.words(program.refusalOf(Addresses.EVENTS))).contains("publish");
            program.send(ProgramClient.message(Addresses.SNAPSHOTS, "SHRED", new JsonObject()));
            assertThat(ProgramClient.words(program.refusalOf(Addresses.SNAPSHOTS)))
                    .contains("CREATE, DELETE, END, GET");
            program.register("x".repeat(129));
            program.next(came -> came.getString("message", "").contains("limit=128"));
            assertThat(refused("address")).isEqualTo(16);
            assertThat(refused("action")).isEqualTo(1);
        }
    }

    @Test
    void shouldBoundRegistrationsAndRequests() {
        hub.silent = true;
        try (ProgramClient program = analyst()) {
            IntStream.range(0, 4).forEach(i -> program.register(OWN + i));
            program.register(OWN + 0);
            program.register(OWN + 9);
            assertThat(ProgramClient.words(program.refusalOf(OWN + 9))).contains("limit=4");
            program.send(new JsonObject().put("type", "unregister").put("address", OWN + 0));
            program.register(OWN + 9);
            for (int i = 0; i < 9; i++) {
                program.send(ProgramClient.message(Addresses.SNAPSHOTS, "GET", id("s-1")).put("replyAddress", "r" + i));
            }
            assertThat(ProgramClient.words(program.refusalOf("r8"))).contains("limit=8");
            // What was not answered in time makes room again.
            program.refusalOf("r7");
            hub.silent = false;
            assertThat(program.request(Addresses.SNAPSHOTS, "GET", id("s-1")).getString("type")).isEqualTo("rec");
            assertThat(refused("registrations")).isEqualTo(1);
            assertThat(refused("unanswered")).isEqualTo(1);
        }
    }

    @Test
    void shouldHandBytesOverAsTextToTheOneWhoListens() {
        try (ProgramClient program = analyst();
                ProgramClient other = analyst()) {
            program.register(OWN);
            program.request(Addresses.NODES, "LIST", new JsonObject());
            other.register(OWN);
            assertThat(ProgramClient.words(other.refusalOf(OWN))).contains("Another connection");

            byte[] bytes = new byte[96 << 10];
            bytes[1] = -1;
            vertx.eventBus()
                    .send(
                            OWN,
                            Buffer.buffer(bytes),
                            new DeliveryOptions().addHeader("chunk", "3").addHeader("offset", "0"));
            JsonObject piece = program.next(came -> OWN.equals(came.getString("address")));
            assertThat(Base64.getUrlDecoder().decode(piece.getString("body"))).isEqualTo(bytes);
            assertThat(piece.getJsonObject("headers")).isEqualTo(new JsonObject().put("chunk", "3").put("offset", "0"));
            assertThat(other.received).isEmpty();
            assertThat(refused("held")).isEqualTo(1);
        }
        await().untilAsserted(() -> assertThat(metric("hindsight_bridge_sockets")).isZero());
        try (ProgramClient again = analyst()) {
            again.register(OWN);
            again.request(Addresses.NODES, "LIST", new JsonObject());
            vertx.eventBus().send(OWN, new JsonObject().put("end", true));
            assertThat(again.next(came -> OWN.equals(came.getString("address"))).getJsonObject("body"))
                    .isEqualTo(new JsonObject().put("end", true));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {ProgramClient.PLAIN, ProgramClient.SOCKJS})
    void shouldPassOnEventsAsHttpDoes(String path) {
        hub.snapshots.put("running", HubDouble.snapshot("running", SnapshotState.STREAMING, 1));
        try (ProgramClient program = open(path, VIEWER)) {
            program.register(Addresses.EVENTS);
            JsonObject first = program.next(came -> Addresses.EVENTS.equals(came.getString("address")));
            assertThat(first.getJsonObject("body").getJsonObject("snapshot").getString("id")).isEqualTo("running");
            vertx.eventBus().publish(Addresses.EVENTS, new JsonObject().put("type", "secret").put("packets", "…"));
            hub.publish(HubDouble.snapshot("running", SnapshotState.COMPLETE, 9));
            program.next(came -> came.encode().contains("COMPLETE"));
            assertThat(program.texts).noneMatch(text -> text.contains("secret"));
            assertThat(metric("hindsight_events_clients")).isEqualTo(1);
        }
        await().untilAsserted(() -> assertThat(metric("hindsight_events_clients")).isZero());
    }

    @Test
    void shouldHaveReadingsGoToTheirOwnAddressAndEndThemWithTheConnection() {
        CopyOnWriteArrayList<String> asked = new CopyOnWriteArrayList<>();
        vertx.eventBus()
                .<JsonObject>localConsumer(
                        Addresses.READS,
                        message -> {
                            asked.add(message.headers().get("action") + " " + message.body().getString("readId"));
                            message.reply(new JsonObject().put("readId", "r-" + asked.size()));
                        });
        try (ProgramClient program = analyst();
                ProgramClient viewer = open(ProgramClient.PLAIN, VIEWER)) {
            JsonObject open = new JsonObject().put("address", OWN).put("carrier", "BUFFERS");
            assertThat(ProgramClient.words(program.request(Addresses.READS, "OPEN", open))).contains("is registered");
            program.register(OWN);
            assertThat(
                            ProgramClient.words(
                                    program.request(Addresses.READS, "OPEN", open.copy().put("carrier", "REFERENCE"))))
                    .contains("carrier=BUFFERS");
            assertThat(ProgramClient.words(viewer.request(Addresses.READS, "OPEN", open))).contains("export");
            program.request(Addresses.READS, "OPEN", open);
            program.request(Addresses.READS, "OPEN", open);
            vertx.eventBus().send(OWN, new JsonObject().put("readId", "r-1").put("chunks", 0));
            program.next(came -> came.encode().contains("r-1") && OWN.equals(came.getString("address")));
        }
        await().untilAsserted(() -> assertThat(asked).containsExactly("OPEN null", "OPEN null", "CLOSE r-2"));
    }

    @Test
    void shouldLetInWhomHttpLetsIn() {
        WebSocketConnectOptions request =
                new WebSocketConnectOptions().setHost("127.0.0.1").setPort(api().port()).setURI(ProgramClient.PLAIN);
        assertThat(ProgramClient.refusal(programs, request).getString("code")).isEqualTo("UNAUTHENTICATED");
        WebSocketConnectOptions agent =
                new WebSocketConnectOptions(request).addHeader("Authorization", "Bearer " + AGENT);
        assertThat(ProgramClient.refusal(programs, agent).getString("code")).isEqualTo("FORBIDDEN");
        WebSocketConnectOptions page =
                new WebSocketConnectOptions(request)
                        .addHeader("Authorization", "Bearer " + ANALYST)
                        .addHeader("Origin", "https://elsewhere.example");
        assertThat(ProgramClient.refusal(programs, page).getString("field")).isEqualTo("Origin");
        assertThat(api().get(ProgramClient.PLAIN, "Authorization", "Bearer " + ANALYST).statusCode()).isEqualTo(426);
        assertThat(refused("unauthenticated")).isEqualTo(1);
        assertThat(refused("permission")).isEqualTo(2);
        assertThat(refused("invalid_request")).isEqualTo(1);
        assertThat(TestApi.json(api().get(BridgeRoutes.INFO_PATH + "?t=1")).getBoolean("websocket")).isTrue();
        assertThat(
                        api().get(BridgeRoutes.PREFIX + "/1/2/xhr_streaming", "Authorization", "Bearer " + ANALYST)
                                .statusCode())
                .isEqualTo(404);
    }
}
