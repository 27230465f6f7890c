package io.hindsight.hub.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hindsight.api.CaptureOverview;
import io.hindsight.api.CapturePolicy;
import io.hindsight.api.CustodyEntry;
import io.hindsight.api.CustodyPage;
import io.hindsight.api.NodeCapture;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.BusFailures;
import io.hindsight.bus.CaptureAction;
import io.hindsight.bus.CustodyCall;
import io.hindsight.bus.ListeningAt;
import io.hindsight.config.ClusterConfig;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.testing.ScriptedAgent;
import io.hindsight.hub.testing.TestHub;
import io.hindsight.json.JsonMapping;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is remembered over restarts, and when the settings win. */
final class CaptureServiceTest {
    private static final CapturePolicy SHOP = new CapturePolicy("^shop-", List.of(), List.of(), null, false);
    private static final CapturePolicy NINE = new CapturePolicy(null, List.of(), List.of(), "udp port 9", false);

    @TempDir private Path folder = Path.of("");

    private @Nullable TestHub hub;

    private TestHub start(CapturePolicy settings) {
        stop();
        TestHub started =
                new TestHub(TestHub.config(folder, 32, 32L << 20).withCluster(new ClusterConfig(settings, null, null)));
        hub = started;
        return started;
    }

    @AfterEach
    void stop() {
        if (hub != null) {
            hub.close();
        }
        hub = null;
    }

    private CaptureOverview ask(CaptureAction action, JsonObject body, String who) {
        DeliveryOptions options =
                new DeliveryOptions()
                        .setLocalOnly(true)
                        .addHeader(Addresses.ACTION_HEADER, action.name())
                        .addHeader("requested-by", who);
        try {
            return JsonMapping.fromJson(
                    Objects.requireNonNull(hub)
                            .vertx()
                            .eventBus()
                            .<JsonObject>request(Addresses.CAPTURE, body, options)
                            .await()
                            .body(),
                    CaptureOverview.class);
        } catch (RuntimeException e) {
            throw BusFailures.asHindsight(e);
        }
    }

    private CaptureOverview get() {
        return ask(CaptureAction.GET, new JsonObject(), "local");
    }

    private CaptureOverview set(CapturePolicy policy) {
        return ask(CaptureAction.SET, JsonMapping.toJson(policy), "alice");
    }

    private List<CustodyEntry> custody() {
        DeliveryOptions list = new DeliveryOptions().addHeader(Addresses.ACTION_HEADER, CustodyCall.LIST.name());
        JsonObject page =
                Objects.requireNonNull(hub)
                        .vertx()
                        .eventBus()
                        .<JsonObject>request(Addresses.CUSTODY, new JsonObject().put("action", "CAPTURE"), list)
                        .await()
                        .body();
        return JsonMapping.fromJson(page, CustodyPage.class).entries().reversed();
    }

    private Path file() {
        return folder.resolve(".capture/policy.json");
    }

    @Test
    void shouldBeginWithTheSettings() {
        start(CapturePolicy.EVERYTHING);
        assertThat(get().policy()).isEqualTo(CapturePolicy.EVERYTHING);
        assertThat(get().revision()).isEqualTo(1);
        assertThat(get().changedBy()).isEqualTo("configuration");
        assertThat(custody()).isEmpty();
    }

    @Test
    void shouldKeepAChangeOverRestartsUntilTheSettingsChange() {
        start(SHOP);
        assertThat(custody()).singleElement().satisfies(line -> assertThat(line.who()).isEqualTo("configuration"));
        set(NINE);

        start(SHOP);
        assertThat(get().policy()).isEqualTo(NINE);
        assertThat(get().revision()).isEqualTo(2);
        assertThat(get().changedBy()).isEqualTo("alice");

        CapturePolicy upgraded = new CapturePolicy("^web-", List.of(), List.of(), null, false);
        start(upgraded);
        assertThat(get().policy()).isEqualTo(upgraded);
        assertThat(get().revision()).isEqualTo(3);
        assertThat(get().changedBy()).isEqualTo("configuration");
        CustodyEntry line = custody().getLast();
        assertThat(line.who()).isEqualTo("configuration");
        assertThat(line.outcome()).isEqualTo("DONE");
        assertThat(line.details())
                .containsEntry("revision", "3")
                .containsEntry("before.bpfOverride", "udp port 9")
                .containsEntry("regex", "^web-");

        start(upgraded);
        assertThat(get().revision()).isEqualTo(3);
    }

    @Test
    void shouldMakeNoRevisionOfSettingsThatSayWhatIsInForce() {
        start(CapturePolicy.EVERYTHING);
        set(SHOP);

        start(SHOP);
        assertThat(get().revision()).isEqualTo(2);
        assertThat(get().changedBy()).isEqualTo("alice");
        set(NINE);
        // The settings were SHOP when NINE was set: what they were before does not count.
        start(SHOP);
        assertThat(get().policy()).isEqualTo(NINE);
        start(CapturePolicy.EVERYTHING);
        assertThat(get().policy()).isEqualTo(CapturePolicy.EVERYTHING);
    }

    @Test
    void shouldCompareSettingsAsTheyAreMeant() {
        start(new CapturePolicy(null, List.of("b", "a", "a"), List.of(), " ", false));
        assertThat(get().policy()).isEqualTo(new CapturePolicy(null, List.of("a", "b"), List.of(), null, false));
        start(new CapturePolicy("", List.of("a", "b"), List.of(), null, false));
        assertThat(get().revision()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "[]",
                "{\"version\":2,\"state\":{\"revision\":5,\"policy\":{\"namespaces\":[],\"excludedNamespaces\":[]},"
                        + "\"changedBy\":\"x\",\"changedAt\":\"2026-01-01T00:00:00Z\"},"
                        + "\"settings\":{\"namespaces\":[],\"excludedNamespaces\":[]}}",
                "{\"version\":1,\"state\":{\"revision\":-5,\"policy\":{\"namespaces\":[],\"excludedNamespaces\":[]},"
                        + "\"changedBy\":\"x\",\"changedAt\":\"2026-01-01T00:00:00Z\"},"
                        + "\"settings\":{\"namespaces\":[],\"excludedNamespaces\":[]}}",
                "{\"version\":1,\"state\":{\"revision\":5,\"policy\":{\"regex\":\"(\",\"namespaces\":[],\"excludedNamespaces\":[]},"
                        + "\"changedBy\":\"x\",\"changedAt\":\"2026-01-01T00:00:00Z\"},"
                        + "\"settings\":{\"namespaces\":[],\"excludedNamespaces\":[]}}"
            })
    void shouldRefuseABrokenFileLoudlyAndGoByTheSettings(String content) throws IOException {
        start(SHOP);
        set(NINE);
        stop();
        Files.writeString(file(), content);

        start(SHOP);

        assertThat(get().policy()).isEqualTo(SHOP);
        // Beyond any that an agent may follow.
        assertThat(get().revision()).isGreaterThan(1_000_000_000L);
        assertThat(Files.readString(file().resolveSibling("policy.json.broken"))).isEqualTo(content);
        assertThat(custody().getLast().code()).isEqualTo("INTEGRITY_VIOLATED");
        assertThat(custody().getLast().details()).containsEntry("regex", "^shop-").containsKey("reason");
        long revision = get().revision();
        start(SHOP);
        assertThat(get().revision()).isEqualTo(revision);
    }

    @Test
    void shouldNotReadAFileThatIsTooLong() throws IOException {
        start(SHOP);
        stop();
        try (RandomAccessFile grown = new RandomAccessFile(file().toFile(), "rw")) {
            grown.setLength(1L << 33);
        }
        start(SHOP);
        assertThat(get().policy()).isEqualTo(SHOP);
        assertThat(Objects.requireNonNull(custody().getLast().details()).get("reason"))
                .contains("limit=" + PolicyFile.MAX_LENGTH);
    }

    @Test
    void shouldNotStartWithSettingsThatCannotBeUsed() {
        for (Map.Entry<CapturePolicy, String> wrong :
                Map.of(
                                new CapturePolicy("(", List.of(), List.of(), null, false), "regex",
                                new CapturePolicy(null, List.of("Not_A_Name"), List.of(), null, false), "namespaces",
                                new CapturePolicy(null, List.of(), List.of(), "udp prot 9", false),
                                        "bpf-override, of what the nodes record: libpcap")
                        .entrySet()) {
            assertThatThrownBy(() -> start(wrong.getKey()))
                    .isInstanceOfSatisfying(
                            HindsightException.class,
                            refused -> assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_CONFIGURATION))
                    .hasMessageContaining(wrong.getValue());
        }
    }

    @Test
    void shouldChangeNothingWhereItCannotBeKept() throws IOException {
        start(SHOP);
        Files.delete(file());
        Files.delete(file().getParent());
        // A file where the folder should be.
        Files.writeString(file().getParent(), "in the way");

        assertThatThrownBy(() -> set(NINE))
                .isInstanceOfSatisfying(
                        HindsightException.class, failed -> assertThat(failed.code()).isEqualTo(ErrorCode.IO_FAILED));

        assertThat(get().policy()).isEqualTo(SHOP);
        assertThat(custody().stream().map(CustodyEntry::outcome)).containsExactly("DONE", "BEGUN", "FAILED");
    }

    @Test
    void shouldTellAgentsThePolicyAndWhereTheHubIsReached() {
        TestHub started = start(SHOP);
        ScriptedAgent agent = new ScriptedAgent(started.vertx(), "node-1", List::of);
        agent.capture = new NodeCapture(0, "", 0, null);
        agent.report();
        await().until(() -> get().nodes().getFirst().follows());
        assertThat(agent.captureOrders.getFirst().state().policy()).isEqualTo(SHOP);

        ask(CaptureAction.LISTENING, JsonMapping.toJson(new ListeningAt("0.0.0.0", 8899)), "local");

        await().until(() -> agent.captureOrders.size() == 2);
        assertThat(agent.captureOrders.getLast().own())
                .anySatisfy(own -> assertThat(own.address()).isEqualTo("127.0.0.1"))
                .allSatisfy(own -> assertThat(own.port()).isEqualTo(8899));
    }
}
