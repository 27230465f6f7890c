package io.hindsight.hub.resolve;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.store.SealedSnapshot;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Resolutions for asynchronous clients, on the worker pool {@value #POOL_NAME}; the last few are kept, because who asks once asks again. A snapshot never
 * changes, so what is kept of it is right for as long as it is there. Thread-safe.
 */
public final class Resolutions {
    static final String POOL_NAME = "hindsight-resolve";

    /** Questions that are being answered or wait for it. */
    static final int MAX_QUESTIONS = 32;

    /** Resolutions that are kept. */
    static final int MAX_KEPT = 4;

    /** Entries of all that are kept together, the newest left aside: some 100 MiB. */
    static final int MAX_KEPT_ENTRIES = 300_000;

    private static final int WORKERS = 2;
    private static final long MAX_EXECUTE_MINUTES = 10;

    private final WorkerExecutor workers;
    private final Semaphore questions = new Semaphore(MAX_QUESTIONS);

    /** Newest first. Guarded by this. */
    private final Deque<Kept> kept = new ArrayDeque<>();

    private record Kept(Path folder, Resolution resolution) {
        private int entries() {
            return resolution instanceof ResolutionIndex index ? index.entries() : 0;
        }
    }

    /** On this Vert.x; the pool ends with the verticle that makes it. */
    public Resolutions(Vertx vertx) {
        this.workers = vertx.createSharedWorkerExecutor(POOL_NAME, WORKERS, MAX_EXECUTE_MINUTES, TimeUnit.MINUTES);
    }

    /**
     * What the function makes of the resolution of the snapshot in the folder, on a worker.
     *
     * @return fails with what {@link SnapshotResolution#read} throws; TOO_MANY_REQUESTS
     */
    public <T> Future<T> ask(Path folder, Function<Resolution, T> question) {
        return onWorker(() -> question.apply(of(folder)));
    }

    /** Runs something else of this kind on a worker, under the same bound. */
    public <T> Future<T> onWorker(Callable<T> work) {
        if (!questions.tryAcquire()) {
            return Future.failedFuture(
                    new HindsightException(
                            ErrorCode.TOO_MANY_REQUESTS,
                            "limit="
                                    + MAX_QUESTIONS
                                    + " questions about workloads and addresses are open; try again later."));
        }
        return workers.executeBlocking(work, false).onComplete(done -> questions.release());
    }

    /** The resolution, kept or read now; blocks. Two that ask for the same at once may both read it. */
    public Resolution of(Path folder) {
        Resolution known = known(folder);
        return known != null ? known : keep(folder, SnapshotResolution.read(SealedSnapshot.open(folder)));
    }

    private synchronized @Nullable Resolution known(Path folder) {
        for (Kept each : kept) {
            if (each.folder().equals(folder)) {
                kept.remove(each);
                kept.addFirst(each);
                return each.resolution();
            }
        }
        return null;
    }

    private synchronized Resolution keep(Path folder, Resolution resolution) {
        kept.removeIf(each -> each.folder().equals(folder));
        kept.addFirst(new Kept(folder, resolution));
        while (kept.size() > MAX_KEPT || (kept.size() > 1 && entries() > MAX_KEPT_ENTRIES)) {
            kept.removeLast();
        }
        return resolution;
    }

    private int entries() {
        return kept.stream().mapToInt(Kept::entries).sum();
    }

    /** How many are kept. */
    synchronized int keptCount() {
        return kept.size();
    }
}
