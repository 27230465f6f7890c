package io.hindsight.hub.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.api.CaptureOverview;
import io.hindsight.api.CapturePolicy;
import io.hindsight.api.CaptureState;
import io.hindsight.api.NodeCapture;
import io.hindsight.api.NodeStatus;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.CaptureOrder.OwnEndpoint;
import io.hindsight.chunk.NodeId;
import io.hindsight.hub.link.LinkRegistry;
import io.hindsight.hub.nodes.NodeRegistry;
import io.hindsight.hub.testing.ScriptedAgent;
import io.hindsight.hub.testing.ScriptedAgent.CaptureManner;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.Message;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who is told what to record, and when. */
final class CaptureOrdersTest {
    private static final CaptureTimings SHORT =
            new CaptureTimings(Duration.ofMillis(300), Duration.ofMillis(600), Duration.ofMillis(1_500));
    private static final NodeCapture NOTHING_TOLD = new NodeCapture(0, "", 0, null);

    private final Vertx vertx = Vertx.vertx();
    private final Context context = vertx.getOrCreateContext();
    private final NodeRegistry registry =
            new NodeRegistry(
                    vertx,
                    Clock.systemUTC(),
                    System::nanoTime,
                    new LinkRegistry(Clock.systemUTC(), NodeRegistry.REACHABLE_FOR));
    private final AtomicInteger news = new AtomicInteger();
    private final CaptureOrders orders =
            new CaptureOrders(vertx, SHORT, state(1, "udp"), registry::isReachable, news::incrementAndGet);

    @BeforeEach
    void start() {
        onContext(() -> {
            registry.start();
            registry.listen(orders);
            return true;
        });
    }

    @AfterEach
    void stop() {
        vertx.close().await();
    }

    private <T> T onContext(Callable<T> step) {
        return Future.<T>future(done ->
                        context.runOnContext(go -> {
                            try {
                                done.complete(step.call());
                            } catch (Exception e) {
                                done.fail(e);
                            }
                        }))
                .await();
    }

    private static CaptureState state(long revision, String bpf) {
        return new CaptureState(
                revision, new CapturePolicy(null, List.of(), List.of(), bpf, false), "alice", Instant.EPOCH);
    }

    private ScriptedAgent agent(String name) {
        ScriptedAgent agent = new ScriptedAgent(vertx, name, List::of);
        agent.capture = NOTHING_TOLD;
        return agent;
    }

    private void change(long revision, String bpf) {
        onContext(() -> {
            orders.changed(state(revision, bpf));
            return true;
        });
    }

    private CaptureOverview.Node shown(String node) {
        return onContext(
                () -> orders.nodes().stream().filter(each -> each.node().equals(node)).findFirst().orElseThrow());
    }

    private static List<Long> revisions(ScriptedAgent agent) {
        return agent.captureOrders.stream().map(order -> order.state().revision()).toList();
    }

    @Test
    void shouldTellAnAgentWhenItComesAndOfEveryChange() {
        ScriptedAgent agent = agent("node-1").report();
        await().until(() -> shown("node-1").follows());
        agent.report();
        assertThat(revisions(agent)).containsExactly(1L);

        change(2, "tcp");

        await().until(() -> shown("node-1").follows());
        assertThat(revisions(agent)).containsExactly(1L, 2L);
        assertThat(agent.captureOrders.getLast().state()).isEqualTo(state(2, "tcp"));
        assertThat(news.get()).isPositive();
    }

    @Test
    void shouldTellAnAgentThatFollowsWhenItComesBackBecauseItMayFollowAnotherHub() {
        ScriptedAgent agent = agent("node-1");
        agent.capture = new NodeCapture(1, "of another Hub", 0, null);
        agent.report();
        await().until(() -> agent.captureOrders.size() == 1);

        onContext(() -> {
            orders.lost(new NodeId("node-1"));
            return true;
        });
        agent.report();

        await().until(() -> agent.captureOrders.size() == 2);
    }

    @Test
    void shouldTellAgainWhereAnOrderWasLost() {
        ScriptedAgent agent = agent("node-1");
        agent.captureManner = CaptureManner.LOSES;
        agent.report().beating();
        await().until(() -> shown("node-1").problem() != null);
        assertThat(shown("node-1").problem()).startsWith("TIMED_OUT");
        assertThat(shown("node-1").follows()).isFalse();

        agent.captureManner = CaptureManner.TAKES;

        await().until(() -> shown("node-1").follows());
        assertThat(shown("node-1").problem()).isNull();
    }

    @Test
    void shouldTellAgainWhereAHeartbeatShowsAnotherRevisionButNotAtOnce() {
        ScriptedAgent agent = agent("node-1").report();
        await().until(() -> shown("node-1").follows());
        long toldNs = System.nanoTime();

        for (int i = 0; i < 5; i++) {
            agent.capture = NOTHING_TOLD;
            agent.report();
        }
        // Unless this machine stood still meanwhile.
        if (System.nanoTime() - toldNs < SHORT.again().toNanos() / 2) {
            assertThat(revisions(agent)).containsExactly(1L);
        }
        agent.beating();

        await().until(() -> shown("node-1").follows());
        assertThat(revisions(agent)).containsExactly(1L, 1L);
    }

    @Test
    void shouldShowWhyAnAgentRefusesAndTryLessAndLessOften() {
        ScriptedAgent agent = agent("node-1");
        agent.captureManner = CaptureManner.REFUSES;
        agent.report();
        await().until(() -> shown("node-1").problem() != null);
        assertThat(shown("node-1").problem()).isEqualTo("IO_FAILED: The kernel refuses it.");
        for (int i = 0; i < 20; i++) {
            agent.report();
        }
        assertThat(agent.captureOrders).hasSizeLessThanOrEqualTo(2);
        assertThat(SHORT.pauseNs(1)).isEqualTo(SHORT.again().toNanos());
        assertThat(SHORT.pauseNs(2)).isEqualTo(2 * SHORT.again().toNanos());
        assertThat(SHORT.pauseNs(100)).isEqualTo(SHORT.longestPause().toNanos());

        agent.captureManner = CaptureManner.IGNORES;
        change(2, "tcp");

        await().until(() -> String.valueOf(shown("node-1").problem()).contains("follows revision=0"));
        assertThat(shown("node-1").follows()).isFalse();
    }

    @Test
    void shouldLeaveRecordersWithoutPacketsAlone() {
        ScriptedAgent recorder = new ScriptedAgent(vertx, "cluster-recorder", List::of).report();
        ScriptedAgent agent = agent("node-1").report();
        await().until(() -> agent.captureOrders.size() == 1);

        assertThat(recorder.captureOrders).isEmpty();
        assertThat(onContext(orders::nodes)).extracting(CaptureOverview.Node::node).containsExactly("node-1");
    }

    @Test
    void shouldTellEverybodyWhereTheHubIsReached() {
        ScriptedAgent agent = agent("node-1").report();
        await().until(() -> agent.captureOrders.size() == 1);
        List<OwnEndpoint> own = List.of(new OwnEndpoint("10.0.0.1", 8899));

        for (int i = 0; i < 2; i++) {
            onContext(() -> {
                orders.own(own);
                return true;
            });
        }

        await().until(() -> agent.captureOrders.size() == 2);
        assertThat(agent.captureOrders.getFirst().own()).isEmpty();
        assertThat(agent.captureOrders.getLast().own()).isEqualTo(own);
        agent.report();
        assertThat(agent.captureOrders).hasSize(2);
    }

    @Test
    void shouldHaveABoundedNumberOfOrdersUnderWay() {
        CaptureTimings patient =
                new CaptureTimings(Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ofMinutes(1));
        CaptureOrders many = new CaptureOrders(vertx, patient, state(7, "udp"), node -> true, () -> {});
        List<Message<JsonObject>> told = new CopyOnWriteArrayList<>();
        int nodes = CaptureOrders.MAX_UNDER_WAY + 20;
        onContext(() -> {
            for (int i = 0; i < nodes; i++) {
                vertx.eventBus().<JsonObject>consumer(Addresses.agent(new NodeId("node-" + i)), told::add);
                // Twice: a node waits once.
                many.heard(status("node-" + i));
                many.heard(status("node-" + i));
            }
            return true;
        });
        await().until(() -> told.size() == CaptureOrders.MAX_UNDER_WAY);

        NodeCapture taken = new NodeCapture(7, "udp", 0, null);
        told.getFirst().reply(JsonMapping.toJson(taken));

        // One has made room for one.
        await().until(() -> told.size() == CaptureOrders.MAX_UNDER_WAY + 1);
        told.stream().skip(1).forEach(message -> message.reply(JsonMapping.toJson(taken)));
        await().until(() -> told.size() == nodes);
    }

    private static NodeStatus status(String node) {
        return new NodeStatus(
                node, "i", "1.0.0", Instant.EPOCH, Instant.EPOCH, List.of(ScriptedAgent.packets()), null, NOTHING_TOLD);
    }

    @Test
    void shouldKeepWhatAnAgentSaysWithinBounds() {
        ScriptedAgent agent = agent("node-1");
        agent.captureManner = CaptureManner.LOSES;
        agent.capture = new NodeCapture(7, "x".repeat(100_000), 3, "y".repeat(100_000));
        agent.report();

        NodeCapture kept = Objects.requireNonNull(shown("node-1").capture());

        assertThat(kept.expression()).hasSize(Follower.MAX_TEXT_LENGTH + 1);
        assertThat(kept.problem()).hasSize(Follower.MAX_TEXT_LENGTH + 1);
    }
}
