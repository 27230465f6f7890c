package io.hindsight.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.agent.events.EventSink;
import io.hindsight.agent.ring.TestPackets;
import io.hindsight.api.NodeStatus;
import io.hindsight.api.NodeStatus.SourceStatus;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.AgentAction;
import io.hindsight.bus.ExtentPlan;
import io.hindsight.bus.PlanRequest;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.config.AgentConfig;
import io.hindsight.config.DataSize;
import io.hindsight.config.EventsConfig;
import io.hindsight.config.EventsConfig.KubernetesEvents;
import io.hindsight.config.EventsConfig.OsEvents;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent with more than one source. */
class AgentEventsTest {
    private static final long STORAGE = 32L << 20;

    @TempDir Path folder;

    private final Vertx vertx = Vertx.vertx();
    private final TestPacketSource packets = new TestPacketSource();
    private final TestEventSource events = new TestEventSource();

    @AfterEach
    void close() {
        result(vertx.close());
    }

    private static <T> T result(Future<T> future) {
        return future.toCompletionStage().toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
    }

    private AgentConfig config(boolean clusterRecorder) {
        return new AgentConfig(
                TestPackets.NODE,
                folder,
                new DataSize(STORAGE),
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
                new EventsConfig(OsEvents.AUTO, KubernetesEvents.AUTO, null, clusterRecorder));
    }

    private void deploy(boolean clusterRecorder, Supplier<TestEventSource> source) {
        AgentSources sources =
                new AgentSources(config -> packets, Map.of(ChunkSource.OS, () -> Optional.of(source.get())));
        result(
                vertx.deployVerticle(
                        new AgentVerticle(config(clusterRecorder), AgentIdentity.ofNewRun("0.1"), sources, null)));
    }

    private JsonObject ask(AgentAction action, JsonObject body) {
        DeliveryOptions options = new DeliveryOptions().addHeader(Addresses.ACTION_HEADER, action.name());
        return result(vertx.eventBus().<JsonObject>request(Addresses.agent(TestPackets.NODE), body, options)).body();
    }

    private List<SourceStatus> sources() {
        return JsonMapping.fromJson(ask(AgentAction.STATUS, new JsonObject()), NodeStatus.class).sources();
    }

    private ExtentPlan plan() {
        PlanRequest request = new PlanRequest("s", 1, 1_000_000, 60_000, Map.of());
        return JsonMapping.fromJson(ask(AgentAction.PLAN, JsonMapping.toJson(request)), ExtentPlan.class);
    }

    @Test
    void shouldRecordEventsBesidePacketsInARingOfTheirOwn() {
        deploy(false, () -> events);
        packets.put(TestPackets.packet(500, 100));
        packets.commit();
        EventSink sink = events.sink();
        sink.beginCheckpoint(100);
        events.happened(400, "process a");
        sink.endCheckpoint();
        events.happened(600, "exec b");

        assertThat(sources().stream().map(SourceStatus::source)).containsExactly("packets", "os");
        assertThat(sources().stream().mapToLong(SourceStatus::records)).containsExactly(1L, 2L);
        assertThat(sources().stream().mapToLong(SourceStatus::ringBytes).sum())
                .as("of both rings")
                .isBetween(STORAGE * 9 / 10, STORAGE);
        ExtentPlan plan = plan();
        assertThat(plan.rings()).containsOnlyKeys("packets", "os");
        assertThat(plan.records()).isEqualTo(3);
    }

    @Test
    void shouldRecordNoPacketsForTheCluster() {
        deploy(true, () -> events);
        events.happened(400, "Node a");

        assertThat(sources().stream().map(SourceStatus::source)).containsExactly("os");
        assertThat(sources().getFirst().ringBytes()).isGreaterThan(STORAGE * 9 / 10);
        assertThat(plan().records()).isEqualTo(1);
    }

    @Test
    void shouldNotStartAndCloseWhatStartedWhereASourceCannotBeHad() {
        events.refuse(new HindsightException(ErrorCode.INVALID_CONFIGURATION, "No kubeconfig."));

        assertThatThrownBy(() -> deploy(false, () -> events)).hasMessageContaining("No kubeconfig.");
        assertThat(packets.isClosed()).isTrue();
    }

    @Test
    void shouldOpenNothingWhereAWayToTheEventsCannotBeHad() {
        assertThatThrownBy(() ->
                        deploy(
                                false,
                                () -> {
                                    throw new HindsightException(ErrorCode.INVALID_CONFIGURATION, "No eBPF.");
                                }))
                .hasMessageContaining("No eBPF.");
        assertThat(folder).isEmptyDirectory();
    }
}
