package io.hindsight.agent.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.agent.capture.CaptureFilter;
import io.hindsight.agent.capture.CaptureFilter.TcpEndpoint;
import io.hindsight.agent.capture.IpAddress;
import io.hindsight.agent.kubernetes.NodePod;
import io.hindsight.agent.kubernetes.NodePods;
import io.hindsight.agent.kubernetes.NodePods.Knowledge;
import io.hindsight.agent.kubernetes.PodFollower;
import io.hindsight.api.CaptureChange;
import io.hindsight.api.CapturePolicy;
import io.hindsight.api.CaptureState;
import io.hindsight.api.NodeCapture;
import io.hindsight.bus.CaptureOrder;
import io.hindsight.bus.CaptureOrder.OwnEndpoint;
import io.hindsight.bus.ExtentPlan;
import io.hindsight.chunk.NodeId;
import io.hindsight.config.AgentConfig;
import io.hindsight.config.DataSize;
import io.hindsight.config.EventsConfig;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.time.EpochNanos;
import io.hindsight.time.TimeWindow;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaptureControllerTest {
    private static final String SETTING = "not port 22";

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    private final ScriptedPods pods = new ScriptedPods();
    private final List<CaptureFilter> attached = new ArrayList<>();
    private @Nullable HindsightException refusal;
    private CaptureController controller;

    /** Pods that the test says. */
    private static final class ScriptedPods implements PodFollower {
        private NodePods now = new NodePods(Knowledge.UNLISTED, List.of(), 0);
        private long changes;

        void are(Knowledge knowledge, NodePod... pods) {
            now = new NodePods(knowledge, List.of(pods), 0);
            changes++;
        }

        @Override
        public NodePods pods() {
            return now;
        }

        @Override
        public long podChanges() {
            return changes;
        }
    }

    @BeforeEach
    void start() {
        controller = startAnew();
    }

    private CaptureController startAnew() {
        CaptureController fresh = new CaptureController(config(), pods, Clock.systemUTC());
        CaptureFilter first = fresh.first();
        attached.add(first);
        fresh.started(this::attach, first, nowNs());
        return fresh;
    }

    private long attach(CaptureFilter filter) {
        HindsightException why = refusal;
        if (why != null && !filter.isSettingAlone() && (filter.hasAddresses() || !filter.override().isBlank())) {
            throw why;
        }
        attached.add(filter);
        return nowNs();
    }

    private static long nowNs() {
        return EpochNanos.of(Instant.now());
    }

    private AgentConfig config() {
        return new AgentConfig(
                new NodeId("node-1"),
                folder.resolve("ring"),
                DataSize.parse("16Mi"),
                DataSize.parse("1Mi"),
                List.of("any"),
                0,
                SETTING,
                AgentConfig.CaptureImplementation.AUTO,
                1,
                DataSize.parse("2Mi"),
                null,
                false,
                new DataSize(0),
                EventsConfig.NONE);
    }

    private static NodePod pod(String namespace, String name, String... addresses) {
        return new NodePod(namespace + "/" + name, namespace, name, false, false, list(addresses));
    }

    private static List<IpAddress> list(String... addresses) {
        return Arrays.stream(addresses).map(CaptureControllerTest::ip).toList();
    }

    private static Set<IpAddress> set(String... addresses) {
        return Set.copyOf(list(addresses));
    }

    private static IpAddress ip(String text) {
        return IpAddress.parse(text).orElseThrow();
    }

    private static CapturePolicy only(@Nullable String regex, String... namespaces) {
        return new CapturePolicy(regex, List.of(namespaces), List.of(), null, true);
    }

    private static CapturePolicy without(String... namespaces) {
        return new CapturePolicy(null, List.of(), List.of(namespaces), null, true);
    }

    private static CaptureOrder order(long revision, CapturePolicy policy, OwnEndpoint... own) {
        return new CaptureOrder(new CaptureState(revision, policy, "ann", Instant.EPOCH), List.of(own));
    }

    private NodeCapture status() {
        return status(controller);
    }

    private static NodeCapture status(CaptureController of) {
        return Objects.requireNonNull(of.status());
    }

    private CaptureFilter inForce() {
        return attached.getLast();
    }

    private List<CaptureChange> changes() {
        return controller.changes(new TimeWindow(1, nowNs() + 1_000_000_000L));
    }

    @Test
    void shouldRecordWhatTheSettingSaysUntilAHubSaysMore() {
        assertThat(inForce()).isEqualTo(CaptureFilter.of(SETTING));
        assertThat(controller.status()).isEqualTo(new NodeCapture(0, "(not port 22)", 0, null));
    }

    @Test
    void shouldSingleOutPods() {
        pods.are(
                Knowledge.CURRENT,
                pod("shop", "cart-1", "10.0.0.1", "fd00::1"),
                pod("shop", "web-1", "10.0.0.2"),
                pod("test", "cart-1", "10.0.0.3"),
                new NodePod("h", "shop", "cart-host", true, false, list("192.168.0.1")));
        NodeCapture told = controller.order(order(7, only("^cart", "shop")));
        assertThat(inForce().only()).isEqualTo(set("10.0.0.1", "fd00::1"));
        assertThat(inForce().setting()).isEqualTo(SETTING);
        assertThat(told.revision()).isEqualTo(7);
        assertThat(told.pods()).isEqualTo(1);
        assertThat(told.problem()).contains("pods=1").contains("node's network");
        assertThat(told.expression()).isEqualTo("(not port 22) and (host 10.0.0.1 or host fd00::1)");
    }

    @Test
    void shouldLeaveOutNamespacesWhateverElseIsSaid() {
        pods.are(Knowledge.CURRENT, pod("shop", "cart-1", "10.0.0.1"), pod("vault", "cart-2", "10.0.0.2"));
        controller.order(order(1, new CapturePolicy("cart", List.of(), List.of("vault"), null, true)));
        assertThat(inForce().only()).isEqualTo(set("10.0.0.1"));
        assertThat(inForce().except()).isEqualTo(set("10.0.0.2"));
        controller.order(order(2, without("vault")));
        assertThat(inForce().only()).isNull();
        assertThat(inForce().except()).isEqualTo(set("10.0.0.2"));
    }

    @Test
    void shouldRecordNothingWhereNoPodIsMeant() {
        pods.are(Knowledge.CURRENT, pod("shop", "cart-1", "10.0.0.1"));
        assertThat(controller.order(order(1, only("^web"))).problem()).contains("nothing is recorded");
        assertThat(inForce().only()).isEmpty();
    }

    @Test
    void shouldTakeTheOverrideInPlaceOfPods() {
        pods.are(Knowledge.CURRENT, pod("shop", "cart-1", "10.0.0.1"));
        CapturePolicy policy = new CapturePolicy("cart", List.of(), List.of("shop"), "tcp port 80", true);
        assertThat(controller.order(order(1, policy)).expression()).isEqualTo("(not port 22) and (tcp port 80)");
        assertThat(inForce().hasAddresses()).isFalse();
    }

    @Test
    void shouldFollowPods() {
        pods.are(Knowledge.CURRENT, pod("shop", "cart-1", "10.0.0.1"));
        controller.order(order(1, only("cart")));
        pods.are(Knowledge.CURRENT, pod("shop", "cart-1", "10.0.0.1"), pod("shop", "cart-2"));
        controller.update();
        pods.are(Knowledge.CURRENT, pod("shop", "cart-1", "10.0.0.1"), pod("shop", "cart-2", "10.0.0.2"));
        assertThat(controller.isDue()).isTrue();
        controller.update();
        assertThat(inForce().only()).isEqualTo(set("10.0.0.1", "10.0.0.2"));
        assertThat(status().pods()).isEqualTo(2);
        pods.are(Knowledge.CURRENT, pod("shop", "cart-2", "10.0.0.2"));
        controller.update();
        assertThat(inForce().only()).as("the last packets are still to come").contains(ip("10.0.0.1"));
        assertThat(changes()).extracting(CaptureChange::pods).containsExactly(0, 1, 2, 1);
    }

    @Test
    void shouldForgetPodsThatAreGone() {
        RecentPods recent = new RecentPods();
        recent.update(List.of(pod("shop", "a", "10.0.0.1"), pod("shop", "b", "10.0.0.2")), 0);
        NodePod ended = new NodePod("shop/a", "shop", "a", false, true, list("10.0.0.1"));
        recent.update(List.of(ended, pod("shop", "b", "10.0.0.3")), 10);
        assertThat(recent.live()).extracting(NodePod::name).containsExactly("b");
        assertThat(recent.gone())
                .extracting(NodePod::addresses)
                .containsExactlyInAnyOrder(list("10.0.0.1"), list("10.0.0.2"));
        recent.update(List.of(ended), 10 + RecentPods.KEPT.toNanos());
        assertThat(recent.gone()).extracting(NodePod::addresses).containsExactly(list("10.0.0.3"));
    }

    @Test
    void shouldGiveAnAddressToThePodThatHasItNow() {
        NodePod excluded = pod("vault", "old", "10.0.0.1");
        PodSets sets =
                new PodSelector(without("vault")).select(List.of(pod("shop", "new", "10.0.0.1")), List.of(excluded));
        assertThat(sets.except()).isEmpty();
    }

    @Test
    void shouldLeaveOutOwnTraffic() {
        OwnEndpoint hub = new OwnEndpoint("10.1.0.1", 8899);
        CapturePolicy policy = CapturePolicy.EVERYTHING;
        controller.order(order(1, policy, hub));
        assertThat(inForce().own()).containsExactly(new TcpEndpoint(ip("10.1.0.1"), 8899));
        controller.connected(new JsonObject().put("address", "10.96.0.9").put("port", 443));
        controller.connected(new JsonObject().put("address", "hub.example").put("port", 443));
        assertThat(controller.isDue()).isTrue();
        controller.update();
        assertThat(inForce().own()).contains(new TcpEndpoint(ip("10.96.0.9"), 443)).hasSize(2);
        controller.order(order(2, new CapturePolicy(null, List.of(), List.of(), null, true), hub));
        assertThat(inForce().isSettingAlone()).isTrue();
    }

    @Test
    void shouldTellOfEndpointsBeyondTheLimit() {
        OwnEndpoint[] many = new OwnEndpoint[CaptureOrder.MAX_OWN + 6];
        Arrays.setAll(many, i -> new OwnEndpoint("10.2.0." + i, 8899));
        assertThat(controller.order(order(1, CapturePolicy.EVERYTHING, many)).problem()).contains("endpoints=6");
        assertThat(inForce().own()).hasSize(CaptureOrder.MAX_OWN);
    }

    @Test
    void shouldRefuseHostileOrdersAndKeepWhatIsInForce() {
        pods.are(Knowledge.CURRENT, pod("shop", "cart-1", "10.0.0.1"));
        controller.order(order(1, only("cart")));
        NodeCapture before = status();
        List<CaptureOrder> hostile =
                List.of(
                        order(2, only("(")),
                        order(2, only("(a{1000}){1000}")),
                        order(2, only("x".repeat(CapturePolicy.MAX_REGEX_LENGTH + 1))),
                        order(2, only(null, "No Namespace")),
                        order(2, without(Collections.nCopies(257, "a").toArray(String[]::new))),
                        order(2, CapturePolicy.EVERYTHING, new OwnEndpoint("hub.example", 1)),
                        order(2, CapturePolicy.EVERYTHING, new OwnEndpoint("10.0.0.1", 0)),
                        new CaptureOrder(
                                new CaptureState(2, CapturePolicy.EVERYTHING, "x".repeat(2_000), Instant.EPOCH),
                                List.of()));
        for (CaptureOrder each : hostile) {
            assertThatThrownBy(() -> controller.order(each))
                    .isInstanceOfSatisfying(
                            HindsightException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST));
        }
        assertThat(controller.status()).isEqualTo(before);
        assertThat(inForce().only()).isEqualTo(set("10.0.0.1"));
        assertThat(status(startAnew()).revision()).isEqualTo(1);
    }

    @Test
    void shouldKeepWhatIsInForceWhereTheKernelRefuses() {
        refusal = new HindsightException(ErrorCode.INVALID_FILTER, "libpcap refuses the filter");
        CapturePolicy policy = new CapturePolicy(null, List.of(), List.of(), "udp portt 1", true);
        assertThatThrownBy(() -> controller.order(order(3, policy))).isSameAs(refusal);
        assertThat(status().revision()).isZero();
        assertThat(changes()).hasSize(1);
    }

    @Test
    void shouldRecordAllPodsWhereTheyDoNotFit() {
        pods.are(Knowledge.CURRENT, pod("shop", "cart-1", "10.0.0.1"));
        refusal = new HindsightException(ErrorCode.INVALID_FILTER, "5000 instructions");
        NodeCapture told = controller.order(order(3, only("cart")));
        assertThat(told.problem()).contains("do not fit").contains("5000 instructions");
        assertThat(told.pods()).isZero();
        assertThat(inForce()).isEqualTo(CaptureFilter.of(SETTING));
        controller.update();
        assertThat(changes()).as("told once").hasSize(2);
    }

    @Test
    void shouldTryAgainWhereTheSourceHasStopped() {
        pods.are(Knowledge.CURRENT, pod("shop", "cart-1", "10.0.0.1"));
        controller.order(order(1, only("cart")));
        pods.are(Knowledge.CURRENT, pod("shop", "cart-1", "10.0.0.2"));
        refusal = new HindsightException(ErrorCode.IO_FAILED, "it has stopped");
        controller.update();
        assertThat(inForce().only()).isEqualTo(set("10.0.0.1"));
        refusal = null;
        controller.update();
        assertThat(inForce().only()).contains(ip("10.0.0.2"));
    }

    @Test
    void shouldSayThatAReplayIsNotConcerned() {
        refusal = new HindsightException(ErrorCode.WRONG_STATE, "A replay records its file.");
        pods.are(Knowledge.CURRENT, pod("shop", "cart-1", "10.0.0.1"));
        assertThat(controller.order(order(4, only("cart"))))
                .isEqualTo(new NodeCapture(4, "(not port 22)", 0, "A replay records its file."));
    }

    @Test
    void shouldRecordEverythingWherePodsAreNotKnown() {
        NodeCapture told = controller.order(order(1, only("cart")));
        assertThat(told.problem()).contains("API server").contains("everything is recorded");
        assertThat(inForce().isSettingAlone()).isTrue();
        pods.are(Knowledge.UNWATCHED);
        controller.update();
        assertThat(status().problem()).contains("kubernetes=on");
    }

    @Test
    void shouldKeepThePodsKnownLastWhereTheApiServerIsGone() {
        pods.are(Knowledge.CURRENT, pod("shop", "cart-1", "10.0.0.1"));
        controller.order(order(1, only("cart")));
        pods.are(Knowledge.STALE, pod("shop", "cart-1", "10.0.0.1"));
        controller.update();
        assertThat(status().problem()).contains("known last");
        pods.are(Knowledge.UNLISTED);
        controller.update();
        assertThat(inForce().only()).isEqualTo(set("10.0.0.1"));
    }

    @Test
    void shouldGoOnAfterARestart() {
        pods.are(Knowledge.CURRENT, pod("shop", "cart-1", "10.0.0.1", "fd00::1"));
        controller.order(order(5, only("cart"), new OwnEndpoint("10.1.0.1", 8899)));
        controller.close();
        pods.are(Knowledge.UNLISTED);
        controller = startAnew();
        assertThat(inForce().only()).isEqualTo(set("10.0.0.1", "fd00::1"));
        assertThat(status().revision()).isEqualTo(5);
        assertThat(status().problem()).contains("before the agent's start");
        assertThat(changes()).extracting(CaptureChange::revision).containsExactly(0L, 5L, 5L);
        pods.are(Knowledge.CURRENT, pod("shop", "cart-1", "10.0.0.7"));
        controller.update();
        assertThat(inForce().only()).isEqualTo(set("10.0.0.7"));
        assertThat(status().problem()).isNull();
    }

    @Test
    void shouldNotTakeAnotherPolicysPodsAfterARestart() {
        pods.are(Knowledge.CURRENT, pod("shop", "cart-1", "10.0.0.1"));
        controller.order(order(5, only("cart")));
        controller.close();
        pods.are(Knowledge.UNLISTED);
        controller = startAnew();
        controller.order(order(6, without("shop")));
        assertThat(inForce().isSettingAlone()).isTrue();
        assertThat(status().problem()).contains("everything is recorded");
        controller.close();
        controller = startAnew();
        assertThat(inForce().isSettingAlone()).isTrue();
    }

    @Test
    void shouldBeginAnewWhereTheFileIsBroken() throws IOException {
        controller.order(order(5, CapturePolicy.EVERYTHING));
        Path file = folder.resolve("ring").resolve(FilterFile.NAME);
        for (String content :
                List.of("", "{", "[]", "{\"version\":2,\"changes\":[]}", "{\"version\":1}", "x".repeat(9 << 20))) {
            Files.writeString(file, content);
            CaptureController fresh = startAnew();
            assertThat(status(fresh).revision()).isZero();
            assertThat(status(fresh).problem()).contains(FilterFile.NAME).contains("Everything is recorded");
        }
        Files.writeString(
                file,
                """
                {"version": 1, "changes": [], "order": {"own": [], "state": {"revision": 1, "changedBy": "x", "changedAt": "2026-01-01T00:00:00Z",
                 "policy": {"regex": "(", "namespaces": [], "excludedNamespaces": [], "ownTraffic": true}}}}
                """);
        assertThat(status(startAnew()).problem()).contains("stored capture policy");
    }

    @Test
    void shouldTellWhatWasRecordedWithinAWindow() {
        long t0 = nowNs();
        for (int revision = 1; revision <= 4; revision++) {
            controller.order(
                    order(revision, new CapturePolicy(null, List.of(), List.of(), "udp port " + revision, true)));
        }
        controller.order(order(4, new CapturePolicy(null, List.of(), List.of(), "udp port 4", true)));
        List<CaptureChange> all = changes();
        assertThat(all).hasSize(5).isSortedAccordingTo((one, other) -> Long.compare(one.fromNs(), other.fromNs()));
        assertThat(all.getFirst().fromNs()).isLessThan(t0);
        assertThat(all.getLast().changedBy()).isEqualTo("ann");
        TimeWindow window = new TimeWindow(all.get(2).fromNs(), all.get(3).fromNs());
        assertThat(controller.changes(window)).extracting(CaptureChange::revision).containsExactly(2L);
        TimeWindow between = new TimeWindow(all.get(2).fromNs() + 1, all.get(3).fromNs() + 1);
        assertThat(controller.changes(between)).extracting(CaptureChange::revision).containsExactly(2L, 3L);
    }

    @Test
    void shouldKeepItsHistoryInBounds() {
        CaptureHistory history = new CaptureHistory();
        for (int i = 1; i <= 2_000; i++) {
            history.add(new CaptureChange(i, i, null, null, "", 0, null));
        }
        assertThat(history.all()).hasSize(CaptureHistory.MAX_CHANGES);
        List<CaptureChange> told = history.of(new TimeWindow(1, 3_000));
        assertThat(told).hasSize(ExtentPlan.MAX_CAPTURES);
        assertThat(told.getLast().fromNs()).isEqualTo(2_000);
        List<String> long63 = Collections.nCopies(250, "n".repeat(63));
        CapturePolicy policy = new CapturePolicy(null, long63, List.of(), null, true);
        for (int i = 1; i <= 200; i++) {
            history.add(new CaptureChange(3_000 + i, i, policy, null, "", 0, null));
        }
        assertThat(history.all()).hasSizeBetween(50, 70);
        assertThat(history.of(new TimeWindow(1, 4_000))).hasSizeBetween(25, 35);
    }

    @Test
    void shouldRefuseOrdersWhereNoPacketsAreRecorded() {
        CaptureController idle = new CaptureController(config(), pods, Clock.systemUTC());
        assertThat(idle.status()).isNull();
        assertThat(idle.isDue()).isFalse();
        assertThatThrownBy(() -> idle.order(order(1, CapturePolicy.EVERYTHING)))
                .isInstanceOfSatisfying(
                        HindsightException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.WRONG_STATE));
    }

    @Test
    void shouldShortenLongExpressions() {
        pods.are(
                Knowledge.CURRENT,
                IntStream.range(0, 200).mapToObj(i -> pod("shop", "cart-" + i, "10.0.0." + i)).toArray(NodePod[]::new));
        NodeCapture told = controller.order(order(1, only("cart")));
        assertThat(told.expression()).hasSize(CaptureController.MAX_EXPRESSION_CHARS).endsWith("…");
        assertThat(told.pods()).isEqualTo(200);
    }
}
