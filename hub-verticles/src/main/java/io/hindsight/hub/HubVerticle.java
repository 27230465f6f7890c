package io.hindsight.hub;

import io.hindsight.config.ClusterConfig;
import io.hindsight.config.HubConfig;
import io.hindsight.hub.capture.CaptureService;
import io.hindsight.hub.custody.CustodyLog;
import io.hindsight.hub.custody.CustodyService;
import io.hindsight.hub.derive.Deriver;
import io.hindsight.hub.lane.LaneMemory;
import io.hindsight.hub.lane.LaneTokens;
import io.hindsight.hub.link.LinkRegistry;
import io.hindsight.hub.nodes.DaemonSetWatch;
import io.hindsight.hub.nodes.NodeRegistry;
import io.hindsight.hub.read.ReadLimits;
import io.hindsight.hub.read.ReadService;
import io.hindsight.hub.resolve.ResolutionDeriver;
import io.hindsight.hub.snapshot.SessionTimeouts;
import io.hindsight.hub.snapshot.SnapshotService;
import io.hindsight.hub.store.LocalSnapshotStore;
import io.hindsight.hub.store.SnapshotStore;
import io.hindsight.hub.store.StoreWorkers;
import io.hindsight.hub.store.SyncPolicy;
import io.hindsight.hub.timeline.TimelineDeriver;
import io.hindsight.kubernetes.ApiAccess;
import io.hindsight.kubernetes.KubernetesApi;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Clock;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The Hub without its HTTP side: nodes, snapshots and the store, on one context. Deployed, it answers at
 * {@link io.hindsight.bus.Addresses#SNAPSHOTS} and {@link io.hindsight.bus.Addresses#NODES}.
 */
public final class HubVerticle extends VerticleBase {
    /** What every snapshot gets. */
    public static final List<Deriver> DERIVERS = List.of(new ResolutionDeriver(), new TimelineDeriver());

    private final HubConfig config;
    private final SessionTimeouts timeouts;
    private final InstantSource clock;
    private final List<Deriver> derivers;
    private final String program;
    private final ReadLimits readLimits;
    private final StoreWorkers workers = new StoreWorkers();
    private final SnapshotStore store;
    private final LaneTokens lanes;
    private final LinkRegistry links;
    private @Nullable CustodyLog custody;
    private @Nullable SnapshotService snapshots;
    private @Nullable ReadService reads;
    private @Nullable DaemonSetWatch daemonSet;

    /** Creates the snapshot folder where it does not exist. {@code program} is name and version, for manifests. */
    public HubVerticle(HubConfig config, String program) {
        this(config, SessionTimeouts.DEFAULTS, Clock.systemUTC(), DERIVERS, program);
    }

    /** With time-outs and a clock that a test bends. */
    public HubVerticle(
            HubConfig config, SessionTimeouts timeouts, InstantSource clock, List<Deriver> derivers, String program) {
        this(config, timeouts, clock, derivers, program, ReadLimits.DEFAULTS);
    }

    /** With bounds of readings that a test bends. */
    public HubVerticle(
            HubConfig config,
            SessionTimeouts timeouts,
            InstantSource clock,
            List<Deriver> derivers,
            String program,
            ReadLimits readLimits) {
        this.readLimits = readLimits;
        this.derivers = List.copyOf(derivers);
        this.config = config;
        this.timeouts = timeouts;
        this.clock = clock;
        this.program = program;
        this.lanes = new LaneTokens(new LaneMemory(config.laneMemory().bytes()));
        this.links = new LinkRegistry(clock, NodeRegistry.REACHABLE_FOR);
        this.store =
                new LocalSnapshotStore(
                        config.snapshotDirectory(),
                        workers,
                        new SyncPolicy(config.syncBytes().bytes(), config.syncInterval(), System::nanoTime));
    }

    /** Where snapshots are kept: for exports, also before the deployment. Use it on a worker. */
    public SnapshotStore store() {
        return store;
    }

    /** What sessions issue and the HTTP side redeems. Any thread. */
    public LaneTokens lanes() {
        return lanes;
    }

    /** Who holds which node's name: what the HTTP side asks before it links an agent. Any thread. */
    public LinkRegistry links() {
        return links;
    }

    @Override
    public Future<?> start() {
        CustodyLog log = new CustodyLog(vertx, config.snapshotDirectory(), clock);
        custody = log;
        return log.open()
                .compose(opened -> start(log))
                // A verticle that does not start is not stopped.
                .recover(failure -> log.close().transform(closed -> Future.failedFuture(failure)));
    }

    private Future<Void> start(CustodyLog log) {
        NodeRegistry nodes = new NodeRegistry(vertx, clock, System::nanoTime, links);
        SnapshotService service =
                new SnapshotService(
                        vertx,
                        store,
                        workers,
                        log,
                        nodes,
                        lanes,
                        config,
                        timeouts,
                        clock,
                        System::nanoTime,
                        derivers,
                        program);
        snapshots = service;
        nodes.start();
        new CustodyService(vertx, log).start();
        return watchDaemonSet(nodes)
                .compose(watched -> new CaptureService(vertx, log, nodes, config, clock).start())
                .compose(started -> service.start())
                .onSuccess(started -> serveReads(log));
    }

    private void serveReads(CustodyLog log) {
        ReadService made = new ReadService(vertx, store, log, readLimits, System::nanoTime);
        reads = made;
        made.start();
    }

    /** Succeeds without the API server: it need not be there yet. */
    private Future<Void> watchDaemonSet(NodeRegistry nodes) {
        ClusterConfig cluster = config.cluster();
        String name = cluster.agentDaemonSet();
        if (name == null) {
            return Future.succeededFuture();
        }
        return vertx.executeBlocking(() ->
                        ApiAccess.require(
                                cluster.kubeconfig(),
                                "agent-daemonset=" + name,
                                System.getenv(),
                                ApiAccess.SERVICE_ACCOUNT))
                .map(access -> {
                    DaemonSetWatch watch =
                            new DaemonSetWatch(
                                    vertx,
                                    new KubernetesApi(vertx, access),
                                    clock,
                                    name,
                                    DaemonSetWatch.INTERVAL,
                                    nodes);
                    daemonSet = watch;
                    watch.start();
                    return null;
                });
    }

    @Override
    public Future<?> stop() {
        if (reads != null) {
            reads.stop();
        }
        Future<Void> stopped = snapshots == null ? Future.succeededFuture() : snapshots.stop();
        CustodyLog log = custody;
        if (daemonSet != null) {
            daemonSet.stop();
        }
        return stopped.eventually(() -> log == null ? Future.succeededFuture() : log.close())
                .onComplete(done -> workers.close());
    }
}
