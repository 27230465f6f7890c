package io.hindsight.hub.export;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.resolve.Resolution;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Exports for asynchronous clients. All reading of files happens on the worker pool {@value #POOL_NAME}; a bounded number of exports runs at
 * once, each with {@value ExportStream#BUFFERS} buffers of 1 MiB from a pool. Thread-safe.
 *
 * <pre>{@code
 * exports.plan(files, request).compose(plan -> {
 *     ExportStream stream = exports.open(plan);          // TOO_MANY_REQUESTS where none is free
 *     response.closeHandler(gone -> stream.cancel());
 *     return stream.pumpTo(response.setChunked(true));   // then response.end()
 * });
 * }</pre>
 */
public final class ExportService implements AutoCloseable {
    /** Exports at once where nothing else is said. */
    public static final int DEFAULT_MAX_EXPORTS = 8;

    /** A client that takes nothing for this long has lost its export. */
    public static final Duration DEFAULT_STALL_TIMEOUT = Duration.ofSeconds(60);

    static final String POOL_NAME = "hindsight-export";

    private static final int WORKERS = 4;
    private static final long MAX_EXECUTE_MINUTES = 10;

    private final Vertx vertx;
    private final WorkerExecutor workers;
    private final int maxExports;
    private final Semaphore free;
    private final Duration stallTimeout;
    private final BufferPool buffers;

    /** With defaults. */
    public ExportService(Vertx vertx) {
        this(vertx, DEFAULT_MAX_EXPORTS, DEFAULT_STALL_TIMEOUT);
    }

    /**
     * @param maxExports at once, at least 1
     * @param stallTimeout a client that takes nothing for this long has lost its export
     */
    public ExportService(Vertx vertx, int maxExports, Duration stallTimeout) {
        this.vertx = vertx;
        this.maxExports = maxExports;
        this.free = new Semaphore(maxExports);
        this.stallTimeout = stallTimeout;
        this.buffers = new BufferPool(maxExports * ExportStream.BUFFERS);
        this.workers = vertx.createSharedWorkerExecutor(POOL_NAME, WORKERS, MAX_EXECUTE_MINUTES, TimeUnit.MINUTES);
    }

    /**
     * {@link Exporter#plan} on a worker.
     *
     * @return fails with what {@link Exporter#plan} throws
     */
    public Future<ExportPlan> plan(SnapshotFiles snapshot, ExportRequest request) {
        return plan(snapshot, request, () -> Resolution.NONE);
    }

    /** The same with names; the resolution is asked on the worker. */
    public Future<ExportPlan> plan(SnapshotFiles snapshot, ExportRequest request, Supplier<Resolution> resolution) {
        return onWorker(() -> Exporter.plan(snapshot, request, resolution));
    }

    /**
     * Takes one of the places for exports; the stream's end gives it back. Call {@link ExportStream#pumpTo} or
     * {@link ExportStream#cancel} on it.
     *
     * @throws HindsightException TOO_MANY_REQUESTS where all are taken
     */
    public ExportStream open(ExportPlan plan) {
        if (!free.tryAcquire()) {
            throw new HindsightException(
                    ErrorCode.TOO_MANY_REQUESTS, "limit=" + maxExports + " exports are running; try again later.");
        }
        Context context = vertx.getOrCreateContext();
        return new ExportStream(context, this, plan, stallTimeout);
    }

    /** Exports running now. */
    public int running() {
        return maxExports - free.availablePermits();
    }

    <T> Future<T> onWorker(Callable<T> work) {
        try {
            return workers.executeBlocking(work, false);
        } catch (RejectedExecutionException closing) {
            return Future.failedFuture(
                    new HindsightException(ErrorCode.NOT_READY, "The Hub is stopping: no more exports.", closing));
        }
    }

    BufferPool buffers() {
        return buffers;
    }

    void ended() {
        free.release();
    }

    /** Ends the pool; running exports fail. */
    @Override
    public void close() {
        workers.close();
    }
}
