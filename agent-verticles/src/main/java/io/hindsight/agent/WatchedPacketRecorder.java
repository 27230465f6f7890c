package io.hindsight.agent;

import io.hindsight.agent.capture.CaptureInterface;
import io.hindsight.agent.capture.InterfaceSelection;
import io.hindsight.agent.capture.SourceCounters;
import io.hindsight.agent.extract.ExtractSource;
import io.hindsight.agent.ring.RingUsage;
import io.hindsight.api.NodeStatus.InterfaceStatus;
import io.hindsight.api.NodeStatus.SourceStatus;
import io.hindsight.config.AgentConfig;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The recorder of packets, its health, judged once a second, and its restarts. Reads files below {@code /sys}: {@link #status} runs on a worker, one call
 * at a time; the lock makes that so.
 */
final class WatchedPacketRecorder implements SourceRecorder {
    private static final Logger LOG = LoggerFactory.getLogger(WatchedPacketRecorder.class);

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
        boolean everythingIsWanted = recorder.filter().isEverything();
        long seen = everythingIsWanted ? interfaceCounters.packets(counters.interfaces()) : 0;
        return flow.check(nowNs, records, seen)
                ? null
                : "The interfaces count packets, but none was recorded for " + FlowHealth.STALL_SECONDS + " s.";
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
