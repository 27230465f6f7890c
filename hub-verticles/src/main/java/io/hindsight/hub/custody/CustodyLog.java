package io.hindsight.hub.custody;

import io.hindsight.api.CustodyAnchor;
import io.hindsight.api.CustodyEntry;
import io.hindsight.api.CustodyEvent;
import io.hindsight.api.CustodyStatus;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.store.ChannelOpener;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The custody log of a snapshot volume. Lines are written by one thread, {@code hindsight-custody}; those that wait meanwhile are forced to disk together. At most
 * {@value #MAX_WAITING} wait: what comes on top is refused, and with it what it was to record. Thread-safe; futures complete on the caller's context.
 */
public final class CustodyLog {
    static final int MAX_WAITING = 1_000;
    static final int MAX_TOGETHER = 200;

    private static final Logger LOG = LoggerFactory.getLogger(CustodyLog.class);

    private final Vertx vertx;
    private final Path folder;
    private final ExecutorService lane;
    private final AtomicLong written = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final AtomicLong unrecorded = new AtomicLong();

    // Of the lane.
    private final CustodyAppender appender;
    private boolean failing;

    private volatile CustodyAnchor last = new CustodyAnchor(0, CustodyFormat.NO_DIGEST);

    // Guarded by this.
    private final Queue<Waiting> waiting = new ArrayDeque<>();
    private boolean draining;
    private boolean closed;

    private record Waiting(CustodyEvent event, CompletableFuture<CustodyEntry> done) {}

    /** Nothing happens before {@link #open()}. */
    public CustodyLog(Vertx vertx, Path volume, InstantSource clock) {
        this(vertx, volume, clock, ChannelOpener.FILES, CustodyFormat.MAX_FILE_BYTES);
    }

    /** With a lane of the caller's, which runs one task at a time and is shut down when the log is closed. */
    public CustodyLog(Vertx vertx, Path volume, InstantSource clock, ExecutorService lane) {
        this(vertx, volume, clock, ChannelOpener.FILES, CustodyFormat.MAX_FILE_BYTES, lane);
    }

    /** With files that a test bends, and of another length. */
    CustodyLog(Vertx vertx, Path volume, InstantSource clock, ChannelOpener opener, long maxFileBytes) {
        this(
                vertx,
                volume,
                clock,
                opener,
                maxFileBytes,
                Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("hindsight-custody").factory()));
    }

    private CustodyLog(
            Vertx vertx,
            Path volume,
            InstantSource clock,
            ChannelOpener opener,
            long maxFileBytes,
            ExecutorService lane) {
        this.vertx = vertx;
        this.lane = lane;
        this.folder = volume.resolve(CustodyFormat.FOLDER);
        this.appender = new CustodyAppender(folder, opener, clock, maxFileBytes);
    }

    /** Takes the log for this process; fails with WRONG_STATE where another Hub has it. A disk that fails is waited for by {@link #append}. */
    public Future<Void> open() {
        return onLane(() -> {
            appender.start();
            last = appender.last();
        });
    }

    /** Writes what waits, and lets others have the log. */
    public Future<Void> close() {
        synchronized (this) {
            closed = true;
        }
        return onLane(appender::close).onComplete(done -> lane.shutdown());
    }

    private Future<Void> onLane(Runnable step) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        lane.execute(() -> {
            try {
                step.run();
                done.complete(null);
            } catch (RuntimeException | Error e) {
                done.completeExceptionally(e);
            }
        });
        return Future.fromCompletionStage(done, vertx.getOrCreateContext());
    }

    /**
     * Records something; completes when it is on disk.
     *
     * @return fails with INSUFFICIENT_STORAGE or IO_FAILED where it cannot be written, TOO_MANY_REQUESTS where too much waits, NOT_READY where the log is closed; what
     *     it records must not be done then
     */
    public Future<CustodyEntry> append(CustodyEvent event) {
        CompletableFuture<CustodyEntry> done = new CompletableFuture<>();
        enqueue(new Waiting(event, done));
        return Future.fromCompletionStage(done, vertx.getOrCreateContext());
    }

    private synchronized void enqueue(Waiting event) {
        if (closed) {
            event.done().completeExceptionally(new HindsightException(ErrorCode.NOT_READY, "The Hub is stopping."));
        } else if (waiting.size() >= MAX_WAITING) {
            unrecorded.incrementAndGet();
            event.done()
                    .completeExceptionally(
                            new HindsightException(
                                    ErrorCode.TOO_MANY_REQUESTS,
                                    "So many lines wait to be written to the custody log: limit=" + MAX_WAITING + "."));
        } else {
            waiting.add(event);
            if (!draining) {
                draining = true;
                lane.execute(this::drain);
            }
        }
    }

    /** As {@link #append}, of what is done whether it can be recorded or not: a line that is lost is logged and counted, and fails nobody. */
    public Future<Void> note(CustodyEvent event) {
        return append(event)
                .onFailure(lost -> {
                    unrecorded.incrementAndGet();
                    LOG.error("This was done and is not in the custody log: {}: {}", event, lost.getMessage());
                })
                .<Void>mapEmpty()
                .otherwiseEmpty();
    }

    /** On the lane. */
    private void drain() {
        for (List<Waiting> batch = take(); !batch.isEmpty(); batch = take()) {
            write(batch);
        }
    }

    private synchronized List<Waiting> take() {
        List<Waiting> batch = new ArrayList<>();
        while (!waiting.isEmpty() && batch.size() < MAX_TOGETHER) {
            batch.add(waiting.remove());
        }
        draining = !batch.isEmpty();
        return batch;
    }

    private void write(List<Waiting> batch) {
        try {
            List<CustodyEntry> entries = appender.append(batch.stream().map(Waiting::event).toList());
            last = appender.last();
            written.addAndGet(entries.size());
            if (failing) {
                failing = false;
                LOG.info("The custody log can be written again.");
            }
            for (int i = 0; i < entries.size(); i++) {
                batch.get(i).done().complete(entries.get(i));
            }
        } catch (RuntimeException e) {
            refuse(batch, e);
        }
    }

    private void refuse(List<Waiting> batch, RuntimeException cause) {
        failed.incrementAndGet();
        if (!failing) {
            failing = true;
            LOG.error("The custody log cannot be written: what it guards is refused until it can.", cause);
        }
        ErrorCode code = cause instanceof HindsightException known ? known.code() : ErrorCode.INTERNAL;
        HindsightException refused =
                new HindsightException(
                        code,
                        "It was not done, because the custody log cannot record it: " + cause.getMessage(),
                        cause);
        batch.forEach(each -> each.done().completeExceptionally(refused));
    }

    /** The newest line. */
    public CustodyAnchor last() {
        return last;
    }

    /** Where it lies. */
    public Path folder() {
        return folder;
    }

    /** How it stands. */
    public CustodyStatus status() {
        return new CustodyStatus(last.sequence(), last.digest(), written.get(), failed.get(), unrecorded.get());
    }
}
