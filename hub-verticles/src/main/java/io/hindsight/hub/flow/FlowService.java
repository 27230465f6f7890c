package io.hindsight.hub.flow;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.export.SnapshotFiles;
import io.hindsight.hub.resolve.Resolution;
import io.hindsight.hub.store.SealedSnapshot;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Flows for asynchronous clients. All reading happens on the worker pool {@value #POOL_NAME}. One computation runs at a time: whoever asks for the same flows
 * meanwhile waits for it, everybody else is refused. It ends when nobody waits for it any more. The last results are kept, at most {@value #MAX_RESULTS} and
 * together at most as many flows as one computation may have, so that paging does not read packets again.
 *
 * <p>Belongs to one context: call it there alone.
 */
public final class FlowService implements AutoCloseable {
    /** Results that are kept. */
    static final int MAX_RESULTS = 4;

    static final String POOL_NAME = "hindsight-flows";

    private static final Logger LOG = LoggerFactory.getLogger(FlowService.class);

    /** One reads packets, one sorts and writes pages of what is known. */
    private static final int WORKERS = 2;

    private static final long MAX_EXECUTE_MINUTES = 15;

    private final WorkerExecutor workers;
    private final Function<SealedSnapshot, Resolution> resolutions;
    private final FlowLimits limits;
    private final Map<Key, FlowSet> results = new LinkedHashMap<>(MAX_RESULTS, 0.75f, true);
    private @Nullable Computation running;

    /** What makes two results the same: a sealed snapshot does not change. */
    private record Key(String snapshotId, String merkleRoot, FlowSelection selection) {}

    /** A computation under way, and how many wait for it. */
    private static final class Computation {
        private final Key key;
        private final AtomicBoolean cancelled = new AtomicBoolean();
        private Future<FlowSet> result = Future.failedFuture("not started");
        private int waiting;

        Computation(Key key) {
            this.key = key;
        }
    }

    /** A page that was asked for. */
    public static final class Answer {
        private final Future<Buffer> page;
        private final Runnable leave;

        private Answer(Future<Buffer> page, Runnable leave) {
            this.page = page;
            this.leave = leave;
        }

        /** {@link io.hindsight.api.FlowPage} as JSON; fails as {@link FlowComputation#run} does. */
        public Future<Buffer> page() {
            return page;
        }

        /** Says that nobody wants the page any more. Idempotent; does nothing once it is there. On the service's context. */
        public void cancel() {
            leave.run();
        }
    }

    /**
     * Reads nothing yet.
     *
     * @param resolutions tells who had an address, of a snapshot; called on a worker
     */
    public FlowService(Vertx vertx, Function<SealedSnapshot, Resolution> resolutions, FlowLimits limits) {
        this.workers = vertx.createSharedWorkerExecutor(POOL_NAME, WORKERS, MAX_EXECUTE_MINUTES, TimeUnit.MINUTES);
        this.resolutions = resolutions;
        this.limits = limits;
    }

    /**
     * The page of a sealed snapshot's flows.
     *
     * @throws HindsightException TOO_MANY_REQUESTS where other flows are being computed
     */
    public Answer ask(SealedSnapshot snapshot, FlowQuery query) {
        Key key = new Key(snapshot.manifest().id(), snapshot.manifest().merkleRoot(), query.selection());
        FlowSet known = results.get(key);
        if (known != null) {
            return new Answer(page(known, query), () -> {});
        }
        Computation computation = join(key, snapshot);
        AtomicBoolean waits = new AtomicBoolean(true);
        computation.waiting++;
        return new Answer(
                computation.result.compose(flows -> page(flows, query)),
                () -> {
                    if (waits.getAndSet(false)) {
                        leave(computation);
                    }
                });
    }

    private static void leave(Computation computation) {
        computation.waiting--;
        if (computation.waiting == 0) {
            computation.cancelled.set(true);
        }
    }

    private Computation join(Key key, SealedSnapshot snapshot) {
        Computation current = running;
        if (current == null) {
            return start(key, snapshot);
        }
        if (!current.key.equals(key) || current.cancelled.get()) {
            throw new HindsightException(
                    ErrorCode.TOO_MANY_REQUESTS,
                    "limit=1 computation of flows is running, of snapshot="
                            + current.key.snapshotId()
                            + "; try again later.");
        }
        return current;
    }

    private Computation start(Key key, SealedSnapshot snapshot) {
        Computation started = new Computation(key);
        running = started;
        started.result =
                onWorker(() -> compute(snapshot, key.selection(), started.cancelled))
                        .onComplete(ended -> running = null)
                        .onSuccess(flows -> keep(key, flows))
                        .onFailure(cause ->
                                LOG.info("Flows of snapshot={} ended early: {}", key.snapshotId(), cause.toString()));
        return started;
    }

    private FlowSet compute(SealedSnapshot snapshot, FlowSelection selection, AtomicBoolean cancelled) {
        Resolution resolution = resolutions.apply(snapshot);
        return FlowComputation.run(SnapshotFiles.of(snapshot), selection, resolution, limits, cancelled::get);
    }

    private void keep(Key key, FlowSet flows) {
        results.put(key, flows);
        long kept = results.values().stream().mapToLong(each -> each.coverage().flows()).sum();
        Iterator<Map.Entry<Key, FlowSet>> oldest = results.entrySet().iterator();
        while (results.size() > MAX_RESULTS || (results.size() > 1 && kept > limits.maxFlows())) {
            kept -= oldest.next().getValue().coverage().flows();
            oldest.remove();
        }
    }

    private Future<Buffer> page(FlowSet flows, FlowQuery query) {
        return onWorker(() -> JsonMapping.toJson(query.page(flows)).toBuffer());
    }

    private <T> Future<T> onWorker(Callable<T> work) {
        try {
            return workers.executeBlocking(work, false);
        } catch (RejectedExecutionException closing) {
            return Future.failedFuture(
                    new HindsightException(ErrorCode.NOT_READY, "The Hub is stopping: no more flows.", closing));
        }
    }

    /** Results that are kept now. */
    int kept() {
        return results.size();
    }

    /** Ends the computation that runs, and the pool. */
    @Override
    public void close() {
        Computation current = running;
        if (current != null) {
            current.cancelled.set(true);
        }
        workers.close();
    }
}
