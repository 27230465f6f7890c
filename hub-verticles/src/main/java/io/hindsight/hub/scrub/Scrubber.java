package io.hindsight.hub.scrub;

import io.hindsight.api.ScrubStatus;
import io.hindsight.api.Snapshot;
import io.hindsight.api.Verification;
import io.hindsight.api.VerifyReport;
import io.hindsight.api.Violation;
import io.hindsight.config.HubConfig;
import io.hindsight.hub.scrub.ScrubCounters.Outcome;
import io.hindsight.hub.verify.SnapshotVerifier;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Verifies every sealed snapshot again at intervals: one at a time, that first whose verification is the longest ago, at a low rate, and not while
 * snapshots are being taken. Disks rot where nobody looks.
 *
 * <p>All fields belong to the context on which {@link #start} was called. Reading is done by one thread of its own, {@code hindsight-scrub}, that
 * nothing else waits for.
 */
public final class Scrubber {
    private static final Logger LOG = LoggerFactory.getLogger(Scrubber.class);
    private static final int TICKS_PER_INTERVAL = 10;
    private static final long MIN_TICK_MS = 100;
    private static final long MAX_TICK_MS = 1_000;
    private static final int MAX_LOGGED = 10;

    /** A verification under way. */
    private record Run(String id, ScrubPace pace, Future<VerifyReport> done) {}

    private final Vertx vertx;
    private final ScrubTargets targets;
    private final long bytesPerSecond;
    private final Duration interval;
    private final InstantSource clock;
    private final ExecutorService worker =
            Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("hindsight-scrub").factory());
    private final ScrubCounters counters = new ScrubCounters();
    private final Map<String, Verification> verifications = new HashMap<>();

    /** When a snapshot was last tried, also where nothing came of it: one that cannot be read must not keep the others waiting. */
    private final Map<String, Instant> tried = new HashMap<>();

    private final Set<String> leaving = new HashSet<>();
    private @Nullable Run run;
    private boolean stopped;

    /** Nothing happens before {@link #start}. */
    public Scrubber(Vertx vertx, ScrubTargets targets, HubConfig config, InstantSource clock) {
        this.vertx = vertx;
        this.targets = targets;
        this.bytesPerSecond = config.scrubRate().bytes();
        this.interval = config.scrubInterval();
        this.clock = clock;
    }

    /** Begins with what is known from before. */
    public void start(Map<String, Verification> known) {
        verifications.putAll(known);
        if (bytesPerSecond > 0) {
            long tickMs = Math.clamp(interval.toMillis() / TICKS_PER_INTERVAL, MIN_TICK_MS, MAX_TICK_MS);
            vertx.setPeriodic(tickMs, timer -> tick());
        }
    }

    /** Ends what is under way; completes when the reading has ended. */
    public Future<Void> stop() {
        stopped = true;
        Run current = run;
        if (current != null) {
            current.pace().cancel();
        }
        worker.shutdown();
        return current == null ? Future.succeededFuture() : current.done().transform(ended -> Future.succeededFuture());
    }

    private void tick() {
        Run current = run;
        if (current != null) {
            current.pace().hold(targets.isBusy());
        } else if (!stopped && !targets.isBusy()) {
            next().ifPresent(this::begin);
        }
    }

    /** Snapshots are taken, or no longer: does not wait for the next tick. */
    public void busyChanged() {
        Run current = run;
        if (current != null) {
            current.pace().hold(targets.isBusy());
        }
    }

    private Optional<Snapshot> next() {
        Instant due = clock.instant().minus(interval);
        return targets.onVolume()
                .filter(snapshot -> !leaving.contains(snapshot.id()) && !triedAt(snapshot).isAfter(due))
                .min(Comparator.comparing(this::triedAt));
    }

    private Instant triedAt(Snapshot snapshot) {
        Instant verified = verifiedAt(snapshot);
        Instant attempt = tried.getOrDefault(snapshot.id(), verified);
        return attempt.isAfter(verified) ? attempt : verified;
    }

    /** A snapshot is read back as a whole when it is sealed. */
    private Instant verifiedAt(Snapshot snapshot) {
        Verification verification = verifications.get(snapshot.id());
        Instant sealed = Objects.requireNonNullElse(snapshot.endedAt(), snapshot.createdAt());
        return verification == null ? sealed : verification.at();
    }

    private void begin(Snapshot snapshot) {
        String id = snapshot.id();
        tried.put(id, clock.instant());
        ScrubPace pace = new ScrubPace(bytesPerSecond);
        CompletableFuture<VerifyReport> done = new CompletableFuture<>();
        Future<VerifyReport> result = Future.fromCompletionStage(done, vertx.getOrCreateContext());
        run = new Run(id, pace, result);
        try {
            Path folder = targets.folder(id);
            worker.execute(() -> read(folder, pace, done));
        } catch (RuntimeException gone) {
            done.completeExceptionally(gone);
        }
        result.onComplete(ended -> end(id, pace, ended.result(), ended.cause()));
    }

    /** On the worker. */
    private static void read(Path folder, ScrubPace pace, CompletableFuture<VerifyReport> done) {
        try {
            done.complete(SnapshotVerifier.verify(folder, pace));
        } catch (RuntimeException | Error e) {
            done.completeExceptionally(e);
        }
    }

    /** What was found of a snapshot that is being deleted meanwhile is nothing: its files went away beneath the reader. */
    private void end(String id, ScrubPace pace, @Nullable VerifyReport report, @Nullable Throwable failure) {
        run = null;
        if (pace.isCancelled() || leaving.contains(id)) {
            counters.count(Outcome.ABANDONED, pace.bytes());
            tried.remove(id);
        } else if (report == null) {
            counters.count(Outcome.FAILED, pace.bytes());
            LOG.error("snapshot={} could not be verified in the background.", id, failure);
        } else {
            counters.count(report.intact() ? Outcome.INTACT : Outcome.DAMAGED, pace.bytes());
            verified(id, report);
            targets.verifiedInBackground(id, report);
        }
        tick();
    }

    /** Takes the outcome of any verification, also of one that was asked for. */
    public void verified(String id, VerifyReport report) {
        if (leaving.contains(id) || targets.onVolume().noneMatch(snapshot -> snapshot.id().equals(id))) {
            return;
        }
        Verification verification = Verification.of(report, clock.instant());
        verifications.put(id, verification);
        LOG.info(
                "snapshot={} verified: intact={} bytes={} ms={}",
                id,
                report.intact(),
                report.bytes(),
                report.durationMs());
        report.violations().stream().limit(MAX_LOGGED).forEach(violation -> log(id, violation));
        targets.verified(id, verification);
    }

    private static void log(String id, Violation violation) {
        LOG.error(
                "snapshot={} is damaged: kind={} file={} chunk={} offset={} bytes={}: {}",
                id,
                violation.kind(),
                violation.file(),
                violation.chunk(),
                violation.offset(),
                violation.bytes(),
                violation.detail());
    }

    /** The newest outcome. */
    public @Nullable Verification verification(String id) {
        return verifications.get(id);
    }

    /** The snapshot is about to be deleted: it is not read any more. */
    public void leave(String id) {
        leaving.add(id);
        Run current = run;
        if (current != null && current.id().equals(id)) {
            current.pace().cancel();
        }
    }

    /** The deletion has ended: the snapshot is gone, or stays after all. */
    public void left(String id, boolean gone) {
        leaving.remove(id);
        if (gone) {
            verifications.remove(id);
            tried.remove(id);
        }
    }

    /** How it stands. */
    public ScrubStatus status() {
        Run current = run;
        Instant now = clock.instant();
        double oldest =
                targets.onVolume()
                        .map(this::verifiedAt)
                        .min(Comparator.naturalOrder())
                        .map(at -> Math.max(0, Duration.between(at, now).toMillis() / 1_000.0))
                        .orElse(0.0);
        return new ScrubStatus(
                counters.bytes() + (current == null ? 0 : current.pace().bytes()),
                counters.finished(),
                (int) verifications.values().stream().filter(each -> !each.intact()).count(),
                oldest,
                current == null ? null : current.id());
    }
}
