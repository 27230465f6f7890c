package io.hindsight.agent;

import io.hindsight.agent.extract.ChunkChannel;
import io.hindsight.agent.extract.ChunkChannels;
import io.hindsight.agent.extract.EventBusChunkChannel;
import io.hindsight.agent.extract.ExtractService;
import io.hindsight.agent.extract.RateLimit;
import io.hindsight.agent.filter.CaptureController;
import io.hindsight.agent.filter.OwnTraffic;
import io.hindsight.api.ClockOffset;
import io.hindsight.api.NodeStatus;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.AgentAction;
import io.hindsight.bus.BusFailures;
import io.hindsight.bus.CaptureOrder;
import io.hindsight.bus.ChunkCodec;
import io.hindsight.bus.CreditGrant;
import io.hindsight.bus.KnownObjectsRequest;
import io.hindsight.bus.PlanRequest;
import io.hindsight.bus.ReleaseRequest;
import io.hindsight.bus.SharedStreamRequest;
import io.hindsight.bus.StreamRequest;
import io.hindsight.config.AgentConfig;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node's recorder on the event bus: opens ring and source, answers {@link AgentAction}s at {@link Addresses#agent}, and sends a heartbeat
 * to {@link Addresses#HEARTBEATS} each second. Its deployment has succeeded when packets are being recorded. One instance for each node.
 *
 * <p>Fields belong to the verticle's context.
 */
public final class AgentVerticle extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger(AgentVerticle.class);
    private static final String WORKER_POOL = "hindsight-extract";
    private static final int WORKER_COUNT = 4;
    private static final String FILTER_POOL = "hindsight-filter";
    private static final long TICK_MS = 1_000;

    /** Changes of pods within this time are one change of what is recorded. */
    private static final long FOLLOW_MS = 200;

    private final AgentConfig config;
    private final AgentIdentity identity;
    private final AgentSources sources;
    private final @Nullable ChunkChannels channels;
    private final @Nullable StatusSender statusSender;
    private final Clock clock = Clock.systemUTC();

    private final CaptureController capture;

    private @Nullable WorkerExecutor workers;
    private @Nullable WorkerExecutor filterWorker;
    private List<SourceRecorder> recorders = List.of();
    private @Nullable StatusReporter status;
    private @Nullable ExtractService extracts;
    private @Nullable MessageConsumer<JsonObject> requests;
    private @Nullable MessageConsumer<JsonObject> ownConnections;
    private boolean reporting;
    private boolean following;
    private boolean restarting;
    private boolean stopping;

    /**
     * @param identity for the status; its version for every chunk
     * @param sources opens the packet source; called on a worker
     * @param channels how chunks reach the Hub; null: by reference, over the local event bus
     */
    public AgentVerticle(
            AgentConfig config, AgentIdentity identity, AgentSources sources, @Nullable ChunkChannels channels) {
        this(config, identity, sources, channels, null);
    }

    /** {@code statusSender} brings the status to the Hub; null: one-way on the event bus. */
    public AgentVerticle(
            AgentConfig config,
            AgentIdentity identity,
            AgentSources sources,
            @Nullable ChunkChannels channels,
            @Nullable StatusSender statusSender) {
        this.statusSender = statusSender;
        this.config = config;
        this.identity = identity;
        this.sources = sources;
        this.channels = channels;
        this.capture = new CaptureController(config, sources.pods(), clock);
    }

    /** Registers {@link ChunkCodec}; once for each Vert.x, before any verticle that needs it; a second time changes nothing. */
    public static void registerCodec(Vertx vertx) {
        try {
            vertx.eventBus().registerCodec(new ChunkCodec());
        } catch (IllegalStateException already) {
            LOG.debug("The codec={} is registered already.", ChunkCodec.NAME, already);
        }
    }

    @Override
    public Future<?> start() {
        registerCodec(vertx);
        WorkerExecutor pool = vertx.createSharedWorkerExecutor(WORKER_POOL, WORKER_COUNT);
        workers = pool;
        filterWorker = vertx.createSharedWorkerExecutor(FILTER_POOL, 1);
        SourceRecorders all = new SourceRecorders(config, sources, "hindsight " + identity.version(), capture, clock);
        return pool.executeBlocking(all::start)
                .onSuccess(started -> serve(started, pool))
                .compose(started -> requestsOf().completion())
                .onFailure(cause -> {
                    pool.close();
                    started(filterWorker).close();
                });
    }

    private void serve(List<SourceRecorder> started, WorkerExecutor pool) {
        recorders = started;
        status = new StatusReporter(config, identity, started, capture::status, clock);
        RateLimit rate = RateLimit.of(vertx, config.maxRate().bytes());
        extracts =
                new ExtractService(
                        vertx,
                        config.node(),
                        () -> started.stream().map(SourceRecorder::extractSource).toList(),
                        capture::changes,
                        pool,
                        rate,
                        clock,
                        System::nanoTime);
        ownConnections =
                vertx.eventBus()
                        .localConsumer(
                                OwnTraffic.ADDRESS,
                                (Message<JsonObject> connection) -> capture.connected(connection.body()));
        vertx.setPeriodic(FOLLOW_MS, timer -> follow());
        requests = vertx.eventBus().consumer(Addresses.agent(config.node()), this::answer);
        vertx.setPeriodic(0, TICK_MS, timer -> tick());
    }

    private MessageConsumer<JsonObject> requestsOf() {
        return started(requests);
    }

    private void answer(Message<JsonObject> message) {
        try {
            act(action(message), message)
                    .onSuccess(message::reply)
                    .onFailure(cause -> BusFailures.fail(message, cause));
        } catch (RuntimeException e) {
            BusFailures.fail(message, e);
        }
    }

    private static AgentAction action(Message<JsonObject> message) {
        String name = message.headers().get(Addresses.ACTION_HEADER);
        try {
            return AgentAction.valueOf(String.valueOf(name).toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException unknown) {
            throw HindsightException.ofField(
                    ErrorCode.INVALID_REQUEST,
                    Addresses.ACTION_HEADER,
                    "An agent knows " + List.of(AgentAction.values()) + ", not " + name + ".");
        }
    }

    private Future<JsonObject> act(AgentAction action, Message<JsonObject> message) {
        ExtractService service = started(extracts);
        JsonObject body = message.body() == null ? new JsonObject() : message.body();
        return switch (action) {
            case PLAN -> service.plan(JsonMapping.fromJson(body, PlanRequest.class)).map(JsonMapping::toJson);
            case STREAM -> stream(service, JsonMapping.fromJson(body, StreamRequest.class)).map(AgentVerticle::done);
            case SHARE ->
                    share(service, JsonMapping.fromJson(body, SharedStreamRequest.class)).map(AgentVerticle::done);
            case CREDIT -> service.credit(JsonMapping.fromJson(body, CreditGrant.class)).map(JsonMapping::toJson);
            case RELEASE -> service.release(JsonMapping.fromJson(body, ReleaseRequest.class)).map(AgentVerticle::done);
            case STATUS -> report();
            case WORKLOADS -> known(JsonMapping.fromJson(body, KnownObjectsRequest.class));
            case CAPTURE -> order(JsonMapping.fromJson(body, CaptureOrder.class));
        };
    }

    private Future<JsonObject> order(CaptureOrder order) {
        return started(filterWorker).executeBlocking(() -> JsonMapping.toJson(capture.order(order)));
    }

    private void follow() {
        if (following || stopping || !capture.isDue()) {
            return;
        }
        following = true;
        started(filterWorker)
                .executeBlocking(() -> {
                    capture.update();
                    return null;
                })
                .onFailure(cause -> LOG.error("What is recorded could not be brought up to date.", cause))
                .onComplete(done -> following = false);
    }

    private Future<Void> stream(ExtractService service, StreamRequest request) {
        return open(request).compose(channel -> service.stream(request, channel).onFailure(refused -> channel.close()));
    }

    private Future<Void> share(ExtractService service, SharedStreamRequest request) {
        StreamRequest carried =
                new StreamRequest(
                        request.streamId(), request.address(), request.creditBytes(), Map.of(), request.lane());
        return open(carried).compose(channel -> service.share(request, channel).onFailure(refused -> channel.close()));
    }

    private Future<ChunkChannel> open(StreamRequest request) {
        return channels == null
                ? Future.succeededFuture(new EventBusChunkChannel(vertx.eventBus(), request.address()))
                : channels.open(request);
    }

    private static JsonObject done(@Nullable Void nothing) {
        return new JsonObject();
    }

    private Future<JsonObject> report() {
        StatusReporter reporter = started(status);
        return started(workers).executeBlocking(() -> JsonMapping.toJson(complete(reporter.report())), false);
    }

    private Future<JsonObject> known(KnownObjectsRequest request) {
        return started(workers).executeBlocking(() -> JsonMapping.toJson(sources.known().apply(request)), false);
    }

    /** An agent that passes chunks by reference is in the Hub's own process: both have one clock. */
    private NodeStatus complete(NodeStatus reported) {
        NodeStatus now = reported.withTransfers(started(extracts).transfers());
        return channels == null ? now.with(new ClockOffset(0, 0, now.time())) : now;
    }

    private void tick() {
        recorders.forEach(SourceRecorder::tick);
        started(extracts).expire();
        if (!reporting && !stopping) {
            reporting = true;
            report().onSuccess(this::send)
                    .onFailure(cause -> LOG.error("The status could not be put together.", cause))
                    .onComplete(sent -> {
                        reporting = false;
                        restartIfDue();
                    });
        }
    }

    private void send(JsonObject now) {
        if (statusSender == null) {
            vertx.eventBus().send(Addresses.HEARTBEATS, now);
        } else {
            statusSender.send(now);
        }
    }

    /** Beside the reports, which go on meanwhile: a node that restarts its capture is not a node that is gone. */
    private void restartIfDue() {
        List<SourceRecorder> due = recorders.stream().filter(SourceRecorder::isRestartDue).toList();
        if (stopping || restarting || due.isEmpty()) {
            return;
        }
        restarting = true;
        started(workers)
                .executeBlocking(
                        () -> {
                            due.forEach(SourceRecorder::restart);
                            return null;
                        },
                        false)
                .onFailure(cause -> LOG.error("What is recorded could not be restarted.", cause))
                .onComplete(done -> restarting = false);
    }

    private static <T> T started(@Nullable T part) {
        if (part == null) {
            throw new HindsightException(ErrorCode.NOT_READY, "The agent is starting.");
        }
        return part;
    }

    @Override
    public Future<?> stop() {
        WorkerExecutor pool = workers;
        if (recorders.isEmpty() || pool == null) {
            return Future.succeededFuture();
        }
        stopping = true; // capture that ends now is neither unhealthy nor to be restarted
        started(extracts).close();
        return started(requests)
                .unregister()
                .eventually(() ->
                        pool.executeBlocking(() -> {
                            capture.close();
                            recorders.forEach(SourceRecorder::close);
                            return null;
                        }))
                .eventually(() -> started(ownConnections).unregister())
                .eventually(() -> started(filterWorker).close())
                .eventually(pool::close);
    }
}
