package io.hindsight.agent;

import io.hindsight.agent.events.EventSource;
import io.hindsight.agent.extract.ExtractSource;
import io.hindsight.agent.ring.Ring;
import io.hindsight.agent.ring.RingSpec;
import io.hindsight.agent.ring.RingUsage;
import io.hindsight.agent.ring.RingWriter;
import io.hindsight.api.NodeStatus.SourceStatus;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A source of events, its ring, and the one writer that fills it. A source whose thread has ended, or whose ring's disk has failed, is replaced by a
 * fresh one ({@link SourceSupervisor}); one that merely cannot reach what it watches goes on trying by itself.
 */
final class EventRecorder implements SourceRecorder {
    private static final Logger LOG = LoggerFactory.getLogger(EventRecorder.class);

    private final RingSpec spec;
    private final Supplier<EventSource> sources;
    private final SourceSupervisor supervisor;

    // Used by status() alone, one call at a time.
    private final FlowRate recordRate = new FlowRate();
    private final FlowRate byteRate = new FlowRate();
    private boolean wasHealthy = true;

    // Replaced whole by a restart; any thread reads.
    private volatile Ring ring;
    private volatile EventSource source;
    private volatile RingWriter writer;
    private volatile RingEventSink sink;

    /** Of writers before. */
    private volatile RecorderTotals totalsBefore = RecorderTotals.NONE;

    private volatile boolean restartDue;
    private boolean closed;

    private EventRecorder(RingSpec spec, Supplier<EventSource> sources, Ring ring, EventSource source, Clock clock) {
        this.spec = spec;
        this.sources = sources;
        this.supervisor = new SourceSupervisor(this::startAnew, clock);
        this.ring = ring;
        this.source = source;
        this.writer = ring.writer(0);
        this.sink = new RingEventSink(writer, ring.usage().capacityBytes());
    }

    /**
     * Opens the ring and starts the source, which it closes where that fails.
     *
     * @param source open, not started
     * @param sources opens another after this one has ended
     * @throws HindsightException where it cannot be recorded, with the reason and the way out
     */
    static EventRecorder start(RingSpec spec, EventSource source, Supplier<EventSource> sources, Clock clock) {
        Ring ring;
        try {
            ring = Ring.open(spec);
        } catch (RuntimeException e) {
            source.close();
            throw e;
        }
        EventRecorder recorder = new EventRecorder(spec, sources, ring, source, clock);
        try {
            source.start(recorder.sink);
            return recorder;
        } catch (RuntimeException e) {
            recorder.close();
            throw e;
        }
    }

    @Override
    public ExtractSource extractSource() {
        return new ExtractSource(ring, timeoutMs -> source.drain(timeoutMs));
    }

    @Override
    public SourceStatus status() {
        long nowNs = System.nanoTime();
        @Nullable String toRestart = whyToRestart();
        @Nullable String problem = toRestart == null ? source.problem() : toRestart + whyNotRestarted();
        if (problem == null) {
            problem = sink.problem();
        }
        restartDue = supervisor.observe(nowNs, toRestart);
        if (toRestart == null) {
            ring.recording();
        }
        if (wasHealthy != (problem == null)) {
            wasHealthy = problem == null;
            LOG.warn(
                    "Recording of {} is {}",
                    spec.source().label(),
                    wasHealthy ? "healthy again." : "unhealthy: " + problem);
        }
        return status(nowNs, problem);
    }

    private @Nullable String whyToRestart() {
        if (ring.failure().isPresent()) {
            return ring.failure().get();
        }
        if (source.isAlive()) {
            return null;
        }
        String problem = source.problem();
        return problem == null ? "The thread of " + source.name() + " has ended." : problem;
    }

    private String whyNotRestarted() {
        String failure = supervisor.restarts().failure();
        return failure == null ? "" : " A restart failed: " + failure;
    }

    private SourceStatus status(long nowNs, @Nullable String problem) {
        RingUsage usage = ring.usage();
        RecorderTotals totals = totalsBefore.plus(writer.counters());
        double bytesPerSecond = byteRate.sample(nowNs, totals.ringBytes());
        return new SourceStatus(
                spec.source().label(),
                source.name(),
                problem == null,
                problem,
                totals.records(),
                totals.capturedBytes(),
                recordRate.sample(nowNs, totals.records()),
                bytesPerSecond,
                totals.drops(),
                usage.oldest(),
                usage.newest(),
                usage.capacityBytes(),
                usage.usedBytes(),
                usage.pinnedBytes(),
                bytesPerSecond > 0 ? (long) (usage.capacityBytes() / bytesPerSecond) : null,
                List.of(),
                supervisor.restarts().count(),
                supervisor.restarts().lastTime(),
                supervisor.restarts().lastReason(),
                source.programs());
    }

    @Override
    public boolean isRestartDue() {
        return restartDue;
    }

    @Override
    public void restart() {
        supervisor.restart();
    }

    private synchronized void startAnew() {
        if (closed) {
            return;
        }
        source.close();
        if (source.isAlive()) {
            throw new HindsightException(
                    ErrorCode.IO_FAILED,
                    "The thread of "
                            + source.name()
                            + " is stuck: its ring cannot be written by another. Restart the agent.");
        }
        writer.close();
        totalsBefore = totalsBefore.plus(writer.counters());
        if (ring.failure().isPresent()) {
            replaceRing();
        }
        writer = ring.writer(0);
        sink = new RingEventSink(writer, ring.usage().capacityBytes());
        EventSource fresh = sources.get();
        ring.resuming();
        try {
            fresh.start(sink);
        } catch (RuntimeException e) {
            fresh.close();
            throw e;
        }
        source = fresh;
        ring.resumed();
    }

    /** Sessions that read from the old ring keep it in memory, and are told what they lose. */
    private void replaceRing() {
        LOG.error("The ring is given up, and with it its history: {}", ring.failure().orElse(""));
        ring.close();
        try {
            Files.deleteIfExists(spec.file());
        } catch (IOException e) {
            throw new HindsightException(
                    ErrorCode.IO_FAILED,
                    "The failed ring file=" + spec.file() + " cannot be removed: " + e.getMessage(),
                    e);
        }
        ring = Ring.open(spec);
    }

    @Override
    public synchronized void close() {
        closed = true;
        source.close();
        if (source.isAlive()) {
            // Unmapping the ring beneath a running thread would end the process. The next start recovers what is open.
            LOG.error("The thread of {} is stuck: its ring is left open.", source.name());
            return;
        }
        writer.close();
        ring.close();
    }
}
