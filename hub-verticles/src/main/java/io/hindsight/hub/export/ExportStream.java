package io.hindsight.hub.export;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.netty.buffer.Unpooled;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.streams.WriteStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One export on its way to a client: a worker fills a buffer, the context writes it, and the buffer is filled again when its write has
 * completed. So at most {@value #BUFFERS} buffers are under way, and a slow client slows the reading down. Not a {@code ReadStream}:
 * there nobody says when a buffer has been written.
 *
 * <p>Fields belong to the context on which the stream was opened, except where they say otherwise; methods may be called from any thread.
 */
public final class ExportStream {
    /** Buffers under way. */
    static final int BUFFERS = 3;

    private static final Logger LOG = LoggerFactory.getLogger(ExportStream.class);

    private final Context context;
    private final ExportService service;
    private final ExportPlan plan;
    private final Duration stallTimeout;
    private final Promise<ExportStatistics> end = Promise.promise();
    private final AtomicBoolean cancelled = new AtomicBoolean();

    /** Belongs to the worker that fills now; the executor hands it from one to the next. */
    private volatile @Nullable ExportRun run;

    private @Nullable WriteStream<Buffer> target;
    private int writing;
    private boolean filling;
    private boolean exhausted;
    private boolean closed;
    private @Nullable Throwable failure;
    private long lastProgressNanos;
    private long timer = -1;

    ExportStream(Context context, ExportService service, ExportPlan plan, Duration stallTimeout) {
        this.context = context;
        this.service = service;
        this.plan = plan;
        this.stallTimeout = stallTimeout;
    }

    /** What it answers. */
    public ExportPlan plan() {
        return plan;
    }

    /**
     * Writes the export to a stream, which it does not end. Call it once.
     *
     * @return what was written; fails with CANCELLED, with TIMED_OUT where the client took nothing for too long, with INTEGRITY_VIOLATED
     *     or IO_FAILED naming file and offset, or with the target's own failure. Files are closed by then
     */
    public Future<ExportStatistics> pumpTo(WriteStream<Buffer> stream) {
        context.runOnContext(start -> {
            target = stream;
            progressed();
            timer = context.owner().setPeriodic(Math.max(1, stallTimeout.toMillis() / 4), tick -> checkProgress());
            pump();
        });
        return end.future();
    }

    /** Ends the export soon, for example because the client has gone. Idempotent; does nothing once it has ended. */
    public void cancel() {
        context.runOnContext(cancel -> fail(new HindsightException(ErrorCode.CANCELLED, "The export was cancelled.")));
    }

    /** Keeps one buffer being filled while there are buffers. */
    private void pump() {
        if (filling || exhausted || failure != null || writing == BUFFERS) {
            return;
        }
        filling = true;
        ByteBuffer buffer = service.buffers().take();
        service.onWorker(() -> fill(buffer))
                .onComplete(filled ->
                        context.runOnContext(next -> {
                            filling = false;
                            if (filled.succeeded()) {
                                filled(buffer, filled.result());
                            } else {
                                service.buffers().giveBack(buffer);
                                fail(filled.cause());
                                closeIfIdle();
                            }
                        }));
    }

    /** On a worker. */
    private long fill(ByteBuffer buffer) {
        ExportRun current = run;
        if (current == null) {
            current = ExportRun.of(plan, cancelled::get);
            run = current;
        }
        return current.fill(MemorySegment.ofBuffer(buffer.clear()));
    }

    private void filled(ByteBuffer buffer, long length) {
        if (length == 0 || failure != null) {
            exhausted = true;
            service.buffers().giveBack(buffer);
            closeIfIdle();
            return;
        }
        write(buffer.limit(Math.toIntExact(length)));
        pump();
    }

    private void write(ByteBuffer buffer) {
        WriteStream<Buffer> stream = target;
        if (stream == null) {
            throw new IllegalStateException("Nothing is pumped before pumpTo.");
        }
        writing++;
        // The writer may hold on to the memory until its future completes, also when it fails: only then is it used
        // again.
        stream.write(BufferInternal.buffer(Unpooled.wrappedBuffer(buffer)))
                .onComplete(written ->
                        context.runOnContext(done -> {
                            writing--;
                            service.buffers().giveBack(buffer);
                            progressed();
                            if (written.failed()) {
                                fail(written.cause());
                            }
                            pump();
                            closeIfIdle();
                        }));
    }

    private void fail(Throwable cause) {
        if (failure != null || closed) {
            return;
        }
        failure = cause;
        cancelled.set(true);
        closeIfIdle();
    }

    private void progressed() {
        lastProgressNanos = System.nanoTime();
    }

    private void checkProgress() {
        long idleMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - lastProgressNanos);
        if (!filling && writing > 0 && idleMs >= stallTimeout.toMillis()) {
            fail(
                    new HindsightException(
                            ErrorCode.TIMED_OUT,
                            "The client took nothing for "
                                    + idleMs
                                    + " ms, limit="
                                    + stallTimeout.toMillis()
                                    + " ms."));
        }
    }

    /** Ends once no worker fills, and all is written or has failed. A client that hangs may keep its buffers, not the files. */
    private void closeIfIdle() {
        boolean done = !filling && (failure != null || (exhausted && writing == 0));
        if (!done || closed) {
            return;
        }
        closed = true;
        if (timer >= 0) {
            context.owner().cancelTimer(timer);
        }
        service.onWorker(this::closeRun)
                // Where the workers have stopped, files are let go of all the same.
                .recover(stopped -> Future.succeededFuture(closeRun()))
                .onComplete(statistics -> {
                    service.ended();
                    Throwable cause = failure == null ? statistics.cause() : failure;
                    if (cause == null) {
                        end.complete(statistics.result());
                    } else {
                        LOG.info("Export of snapshot={} ended early: {}", plan.snapshot().id(), cause.toString());
                        end.fail(cause);
                    }
                });
    }

    /** On a worker, which fills no more: unmapping waits for every thread of the JVM. */
    private ExportStatistics closeRun() {
        ExportRun current = run;
        if (current == null) {
            return ExportStatistics.ofAll(0, 0, 0, 0);
        }
        current.close();
        return current.statistics();
    }
}
