package io.hindsight.agent;

import io.hindsight.agent.capture.CaptureInterface;
import io.hindsight.agent.capture.InterfaceSelection;
import io.hindsight.agent.capture.PacketSource;
import io.hindsight.agent.capture.SourceCounters;
import io.hindsight.agent.extract.ExtractSource;
import io.hindsight.agent.ring.RingUsage;
import io.hindsight.api.NodeStatus.InterfaceStatus;
import io.hindsight.api.NodeStatus.SourceStatus;
import io.hindsight.config.AgentConfig;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The recorder of packets, its health, judged once a second, and its restarts. Reads files below {@code /sys}: {@link #status} runs on a worker, one call
 * at a time; the lock makes that so.
 */
final class WatchedPacketRecorder implements SourceRecorder {
    private static final Logger LOG = LoggerFactory.getLogger(WatchedPacketRecorder.class);

    /** How long it is looked whether the filter accepts anything, and how long that is believed. */
    private static final long SECOND_LOOK_MS = 500;

    private static final long QUIET_NS = TimeUnit.SECONDS.toNanos(30);

    private final AgentConfig config;
    private final PacketRecorder recorder;
    private final InterfaceCounters interfaceCounters;
    private final InterfaceSelection selection;
    private final SourceSupervisor supervisor;
    private final FlowHealth flow = new FlowHealth();
    private final FlowRate recordRate = new FlowRate();
    private final FlowRate byteRate = new FlowRate();
    private boolean wasHealthy = true;
    private long restartsSeen;

    /** When a second look found nothing to be recorded; null: none did. */
    private @Nullable Long quietSinceNs;

    private volatile boolean restartDue;

    WatchedPacketRecorder(
            AgentConfig config, PacketRecorder recorder, InterfaceCounters interfaceCounters, Clock clock) {
        this.config = config;
        this.recorder = recorder;
        this.interfaceCounters = interfaceCounters;
        this.supervisor = new SourceSupervisor(recorder::restart, clock);
        this.selection = new InterfaceSelection(config.interfaces());
    }

    @Override
    public ExtractSource extractSource() {
        return recorder.extractSource();
    }

    @Override
    public synchronized SourceStatus status() {
        long nowNs = System.nanoTime();
        SourceCounters counters = recorder.source().counters();
        RecorderTotals totals = recorder.totals();
        @Nullable String problem = problem(counters, nowNs, totals.records());
        restartDue = supervisor.observe(nowNs, canHelp(counters) ? problem : null);
        if (problem == null && flow.isCaughtUp()) {
            recorder.ring().recording();
        }
        if (wasHealthy != (problem == null)) {
            wasHealthy = problem == null;
            LOG.warn("Capture is {}", wasHealthy ? "healthy again." : "unhealthy: " + problem);
        }
        return packets(counters, nowNs, totals, problem);
    }

    @Override
    public boolean isRestartDue() {
        return restartDue;
    }

    @Override
    public void restart() {
        supervisor.restart();
    }

    @Override
    public void close() {
        recorder.close();
    }

    /** A file would be replayed twice; and an interface that is not there does not come by opening sockets. */
    private boolean canHelp(SourceCounters counters) {
        return config.replay() == null && !(counters.running() && lacksItsInterface(counters));
    }

    private boolean lacksItsInterface(SourceCounters counters) {
        return selection.isPlain() && counters.interfaces().isEmpty();
    }

    private @Nullable String problem(SourceCounters counters, long nowNs, long records) {
        if (counters.finished()) {
            return null;
        }
        if (recorder.ring().failure().isPresent()) {
            return recorder.ring().failure().get() + whyNotRestarted();
        }
        if (!counters.running()) {
            String failure = counters.failure();
            return (failure == null ? "The capture threads do not run." : failure) + whyNotRestarted();
        }
        if (lacksItsInterface(counters) && config.replay() == null) {
            return "There is no interface=" + selection + " now; it is recorded from as soon as it is there.";
        }
        if (restartsSeen != supervisor.restarts().count()) {
            restartsSeen = supervisor.restarts().count();
            flow.reset();
        }
        if (flow.check(nowNs, records, interfaceCounters.packets(counters.interfaces()))) {
            return null;
        }
        return !recorder.filter().isEverything() && isQuiet(nowNs, records)
                ? null
                : "The interfaces count packets, but none was recorded for " + FlowHealth.STALL_SECONDS + " s.";
    }

    /** Whether nothing was to be recorded, because the filter accepts nothing of what the interfaces count. */
    private boolean isQuiet(long nowNs, long records) {
        if (quietSinceNs != null && nowNs - quietSinceNs < QUIET_NS) {
            return true;
        }
        PacketSource source = recorder.source();
        if (source.wouldRecord(SECOND_LOOK_MS)) {
            drain(source);
            if (recorder.totals().records() == records) {
                quietSinceNs = null;
                return false;
            }
        }
        quietSinceNs = nowNs;
        flow.reset();
        return true;
    }

    private static void drain(PacketSource source) {
        try {
            if (!source.drain(SECOND_LOOK_MS)) {
                LOG.debug("The source={} is not drained.", source.name());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String whyNotRestarted() {
        String failure = supervisor.restarts().failure();
        return failure == null ? "" : " A restart failed: " + failure;
    }

    private SourceStatus packets(SourceCounters counters, long nowNs, RecorderTotals totals, @Nullable String problem) {
        RingUsage usage = recorder.ring().usage();
        double bytesPerSecond = byteRate.sample(nowNs, totals.ringBytes());
        return new SourceStatus(
                recorder.ring().spec().source().label(),
                recorder.source().name(),
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
                counters.interfaces().stream().map(WatchedPacketRecorder::status).toList(),
                supervisor.restarts().count(),
                supervisor.restarts().lastTime(),
                supervisor.restarts().lastReason(),
                List.of());
    }

    private static InterfaceStatus status(CaptureInterface networkInterface) {
        return new InterfaceStatus(networkInterface.name(), networkInterface.linkType(), true);
    }
}
