package io.hindsight.simulation;

import io.hindsight.bus.Addresses;
import io.hindsight.bus.BusFailures;
import io.hindsight.bus.SnapshotAction;
import io.hindsight.config.HubConfig;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.custody.CustodyLog;
import io.hindsight.hub.derive.Deriver;
import io.hindsight.hub.lane.LaneMemory;
import io.hindsight.hub.lane.LaneTokens;
import io.hindsight.hub.link.LinkRegistry;
import io.hindsight.hub.nodes.NodeRegistry;
import io.hindsight.hub.snapshot.SessionTimeouts;
import io.hindsight.hub.snapshot.SnapshotService;
import io.hindsight.hub.store.LocalSnapshotStore;
import io.hindsight.hub.store.StoreWorkers;
import io.hindsight.hub.store.SyncPolicy;
import io.vertx.core.Future;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A Hub's life from its start to its end: the real services, as {@code HubVerticle} puts them together. */
final class SimulatedHub {
    private static final long ASK_TIMEOUT_MS = 30_000;

    private final Scheduler scheduler;
    private final SimulatedProcess process;
    private final HubConfig config;
    private final SessionTimeouts timeouts;
    private final List<Deriver> derivers;
    private final RandomGenerator random;
    private final LaneMemory memory;
    private @Nullable SnapshotService snapshots;
    private @Nullable CustodyLog custody;
    private boolean started;
    private @Nullable Throwable failure;

    SimulatedHub(
            Scheduler scheduler,
            SimulatedProcess process,
            HubConfig config,
            SessionTimeouts timeouts,
            List<Deriver> derivers,
            RandomGenerator random) {
        this.scheduler = scheduler;
        this.process = process;
        this.config = config;
        this.timeouts = timeouts;
        this.derivers = derivers;
        this.random = random;
        this.memory = new LaneMemory(config.laneMemory().bytes());
    }

    /** On its event loop. */
    void start() {
        try {
            deploy();
        } catch (HindsightException refused) {
            failure = refused;
        }
    }

    private void deploy() {
        StoreWorkers workers =
                new StoreWorkers(
                        process.executor("writer", 4), process.executor("digest", 2), process.executor("reader", 2));
        LocalSnapshotStore store =
                new LocalSnapshotStore(
                        config.snapshotDirectory(),
                        workers,
                        new SyncPolicy(config.syncBytes().bytes(), config.syncInterval(), scheduler::nanoTime));
        CustodyLog log =
                new CustodyLog(
                        process.vertx(), config.snapshotDirectory(), scheduler.clock(), process.executor("custody", 1));
        custody = log;
        NodeRegistry nodes =
                new NodeRegistry(
                        process.vertx(),
                        scheduler.clock(),
                        scheduler::nanoTime,
                        new LinkRegistry(scheduler.clock(), NodeRegistry.REACHABLE_FOR));
        SnapshotService service =
                new SnapshotService(
                        process.vertx(),
                        store,
                        workers,
                        log,
                        nodes,
                        new LaneTokens(memory),
                        config,
                        timeouts,
                        scheduler.clock(),
                        scheduler::nanoTime,
                        derivers,
                        "hindsight simulation",
                        random);
        snapshots = service;
        log.open()
                .compose(opened -> {
                    nodes.start();
                    return service.start();
                })
                .onSuccess(ready -> started = true)
                .onFailure(broken -> failure = broken);
    }

    /** Leaves what runs to the next Hub; on its event loop. */
    Future<Void> stop() {
        SnapshotService service = snapshots;
        CustodyLog log = custody;
        if (service == null || log == null) {
            return Future.succeededFuture();
        }
        return service.stop().eventually(log::close);
    }

    /** As everybody asks; on its event loop. */
    Future<JsonObject> ask(SnapshotAction action, JsonObject body) {
        DeliveryOptions options =
                new DeliveryOptions()
                        .addHeader(Addresses.ACTION_HEADER, action.name())
                        .setLocalOnly(true)
                        .setSendTimeout(ASK_TIMEOUT_MS);
        return process.vertx()
                .eventBus()
                .<JsonObject>request(Addresses.SNAPSHOTS, body, options)
                .map(BusFailures::body)
                .recover(refused -> Future.failedFuture(BusFailures.asHindsight(refused)));
    }

    boolean isStarted() {
        return started;
    }

    /** Why it did not start. */
    @Nullable Throwable failure() {
        return failure;
    }

    LaneMemory memory() {
        return memory;
    }

    SimulatedProcess process() {
        return process;
    }
}
