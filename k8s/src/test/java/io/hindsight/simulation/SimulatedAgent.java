package io.hindsight.simulation;

import io.hindsight.agent.extract.ChunkChannel;
import io.hindsight.agent.extract.ExtractService;
import io.hindsight.agent.extract.ExtractSource;
import io.hindsight.agent.extract.RateLimit;
import io.hindsight.agent.ring.Ring;
import io.hindsight.agent.ring.Ring.RingOptions;
import io.hindsight.agent.ring.RingSpec;
import io.hindsight.api.NodeStatus;
import io.hindsight.bus.AgentAction;
import io.hindsight.bus.CreditGrant;
import io.hindsight.bus.PlanRequest;
import io.hindsight.bus.ReleaseRequest;
import io.hindsight.bus.SharedStreamRequest;
import io.hindsight.bus.StreamRequest;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** An agent's life from its start to its end: the real ring and the real extract service, as {@code AgentVerticle} puts them together. */
final class SimulatedAgent {
    static final int WORKERS = 4;
    private static final long TICK_MS = 1_000;

    private final Scheduler scheduler;
    private final SimulatedProcess process;
    private final NodeId node;
    private final Layout layout;
    private final String instance;
    private final Function<StreamRequest, Future<ChunkChannel>> channels;
    private final Consumer<JsonObject> heartbeats;
    private final Instant startedAt;
    private @Nullable Ring ring;
    private @Nullable SimulatedCapture capture;
    private @Nullable ExtractService extracts;

    /**
     * Its ring.
     *
     * @param file where
     * @param storageBytes of the file
     * @param slotSize of a chunk
     * @param writers capture threads
     * @param pinnedShare of the slots
     * @param maxRate bytes a second that it sends, 0: as fast as it can
     */
    record Layout(Path file, long storageBytes, int slotSize, int writers, double pinnedShare, long maxRate) {}

    SimulatedAgent(
            Scheduler scheduler,
            SimulatedProcess process,
            NodeId node,
            Layout layout,
            String instance,
            Function<StreamRequest, Future<ChunkChannel>> channels,
            Consumer<JsonObject> heartbeats) {
        this.scheduler = scheduler;
        this.process = process;
        this.node = node;
        this.layout = layout;
        this.instance = instance;
        this.channels = channels;
        this.heartbeats = heartbeats;
        this.startedAt = scheduler.clock().instant();
    }

    /** On its event loop. */
    void start(Tape tape, RandomGenerator random) {
        Ring opened =
                Ring.open(
                        new RingSpec(
                                layout.file,
                                node,
                                ChunkSource.PACKETS,
                                layout.storageBytes,
                                layout.slotSize,
                                "hindsight simulation"),
                        new RingOptions(layout.pinnedShare, 0, scheduler.clock(), scheduler::nanoTime));
        ring = opened;
        SimulatedCapture recording = new SimulatedCapture(scheduler, random, tape, opened, layout.writers);
        capture = recording;
        WorkerExecutor workers = process.workers("hindsight-extract", WORKERS);
        extracts =
                new ExtractService(
                        process.vertx(),
                        node,
                        () -> List.of(new ExtractSource(opened, timeout -> recording.drain())),
                        window -> List.of(),
                        workers,
                        new RateLimit(
                                layout.maxRate,
                                scheduler::nanoTime,
                                (delayMs, task) -> process.vertx().setTimer(delayMs, timer -> task.run())),
                        scheduler.clock(),
                        scheduler::nanoTime);
        process.vertx().setPeriodic(TICK_MS, timer -> tick());
        heartbeats.accept(status());
    }

    private void tick() {
        if (ring != null && extracts != null) {
            ring.recording();
            ring.tick();
            extracts.expire();
            heartbeats.accept(status());
        }
    }

    private JsonObject status() {
        return JsonMapping.toJson(
                new NodeStatus(
                        node.name(),
                        instance,
                        "simulation",
                        scheduler.clock().instant(),
                        startedAt,
                        List.of(),
                        null,
                        null));
    }

    /** As {@code AgentVerticle} does; on its event loop. */
    Future<JsonObject> answer(AgentAction action, JsonObject body) {
        ExtractService service = extracts;
        if (service == null) {
            return Future.failedFuture(new HindsightException(ErrorCode.NOT_READY, "The agent is starting."));
        }
        try {
            return switch (action) {
                case PLAN -> service.plan(JsonMapping.fromJson(body, PlanRequest.class)).map(JsonMapping::toJson);
                case STREAM ->
                        stream(service, JsonMapping.fromJson(body, StreamRequest.class)).map(done -> new JsonObject());
                case SHARE ->
                        share(service, JsonMapping.fromJson(body, SharedStreamRequest.class))
                                .map(done -> new JsonObject());
                case CREDIT -> service.credit(JsonMapping.fromJson(body, CreditGrant.class)).map(JsonMapping::toJson);
                case RELEASE ->
                        service.release(JsonMapping.fromJson(body, ReleaseRequest.class)).map(done -> new JsonObject());
                default ->
                        Future.failedFuture(
                                new HindsightException(ErrorCode.INVALID_REQUEST, "Not simulated: " + action + "."));
            };
        } catch (RuntimeException e) {
            return Future.failedFuture(e);
        }
    }

    private Future<Void> stream(ExtractService service, StreamRequest request) {
        return channels.apply(request)
                .compose(channel -> service.stream(request, channel).onFailure(refused -> channel.close()));
    }

    private Future<Void> share(ExtractService service, SharedStreamRequest request) {
        StreamRequest carried =
                new StreamRequest(
                        request.streamId(), request.address(), request.creditBytes(), Map.of(), request.lane());
        return channels.apply(carried)
                .compose(channel -> service.share(request, channel).onFailure(refused -> channel.close()));
    }

    void burst(int packets) {
        if (capture != null && process.isAlive()) {
            capture.burst(packets);
        }
    }

    NodeId node() {
        return node;
    }

    SimulatedProcess process() {
        return process;
    }

    /** Null while it starts. */
    @Nullable Ring ring() {
        return ring;
    }
}
