package io.hindsight.hub.timeline;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.store.SealedSnapshot;
import io.hindsight.hub.verify.ReadPace;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Timelines for asynchronous clients. Files are read and summed on the worker pool {@value #POOL_NAME}. A snapshot that has none stored is counted
 * anew, one at a time, up to a bound, and no longer than its client waits. Thread-safe.
 */
public final class TimelineService {
    static final String POOL_NAME = "hindsight-timeline";

    /** Answers at once, each with at most one stored file in memory. */
    static final int MAX_ANSWERS = 8;

    /** Bytes of data that are read for one answer, where nothing is stored. */
    static final long MAX_COUNTED_BYTES = 16L << 30;

    private static final int WORKERS = 2;
    private static final long MAX_EXECUTE_MINUTES = 10;

    private final WorkerExecutor workers;
    private final Semaphore answers = new Semaphore(MAX_ANSWERS);
    private final Semaphore counting = new Semaphore(1);

    /** On this Vert.x; the pool ends with the verticle that makes it. */
    public TimelineService(Vertx vertx) {
        this.workers = vertx.createSharedWorkerExecutor(POOL_NAME, WORKERS, MAX_EXECUTE_MINUTES, TimeUnit.MINUTES);
    }

    /**
     * The answer as JSON.
     *
     * @param isGone whether nobody waits any more; asked on the worker
     * @return fails with what {@link Timelines#answer} throws; TOO_MANY_REQUESTS, CANCELLED, WRONG_STATE where nothing is stored and the snapshot is too large
     */
    public Future<Buffer> answer(Path folder, TimelineQuery query, BooleanSupplier isGone) {
        if (!answers.tryAcquire()) {
            return Future.failedFuture(tooMany("limit=" + MAX_ANSWERS + " timelines are being answered"));
        }
        return workers.executeBlocking(() -> onWorker(folder, query, isGone), false)
                .onComplete(done -> answers.release());
    }

    private static HindsightException tooMany(String what) {
        return new HindsightException(ErrorCode.TOO_MANY_REQUESTS, what + "; try again later.");
    }

    private Buffer onWorker(Path folder, TimelineQuery query, BooleanSupplier isGone) {
        SealedSnapshot snapshot = SealedSnapshot.open(folder);
        ReadPace pace = bytes -> requireClient(isGone);
        try {
            return Timelines.isStored(snapshot) ? json(snapshot, query, pace) : counted(snapshot, query, pace);
        } catch (CancellationException gone) {
            throw new HindsightException(ErrorCode.CANCELLED, "Nobody waits for the timeline any more.", gone);
        }
    }

    private static void requireClient(BooleanSupplier isGone) {
        if (isGone.getAsBoolean()) {
            throw new CancellationException();
        }
    }

    private static Buffer json(SealedSnapshot snapshot, TimelineQuery query, ReadPace pace) {
        return JsonMapping.toJson(Timelines.answer(snapshot, query, pace)).toBuffer();
    }

    private Buffer counted(SealedSnapshot snapshot, TimelineQuery query, ReadPace pace) {
        if (snapshot.manifest().bytes() > MAX_COUNTED_BYTES) {
            throw new HindsightException(
                    ErrorCode.WRONG_STATE,
                    "The snapshot has no timeline stored, and its bytes="
                            + snapshot.manifest().bytes()
                            + " are more than are counted on request, limit="
                            + MAX_COUNTED_BYTES
                            + "; 'hindsight snapshot timeline FOLDER' counts them on the Hub's machine.");
        }
        if (!counting.tryAcquire()) {
            throw tooMany("Another snapshot without a stored timeline is being counted, limit=1");
        }
        try {
            return json(snapshot, query, pace);
        } finally {
            counting.release();
        }
    }
}
