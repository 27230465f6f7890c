package io.hindsight.agent;

import io.hindsight.agent.capture.CaptureInterface;
import io.hindsight.agent.capture.InterfaceSelection;
import io.hindsight.agent.capture.SourceCounters;
import io.hindsight.agent.ring.RingUsage;
import io.hindsight.api.NodeStatus;
import io.hindsight.api.NodeStatus.InterfaceStatus;
import io.hindsight.api.NodeStatus.SourceStatus;
import io.hindsight.config.AgentConfig;
import io.hindsight.time.EpochNanos;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the node's status together and judges its health, once a second. Reads files below {@code /sys}: runs on a worker, one call at a
 * time; the lock makes that so.
 */
final class StatusReporter {
    private static final Logger LOG = LoggerFactory.getLogger(StatusReporter.class);

    private final AgentConfig config;
    private final AgentIdentity identity;
    private final PacketRecorder recorder;
    private final InterfaceCounters interfaceCounters;
    private final Clock clock;
    private final InterfaceSelection selection;
    private final SourceSupervisor supervisor;
    private final Instant startedAt;
    private final FlowHealth flow = new FlowHealth();
    private final FlowRate recordRate = new FlowRate();
    private final FlowRate byteRate = new FlowRate();
    private boolean wasHealthy = true;
    private long restartsSeen;
    private volatile boolean restartDue;

    StatusReporter(
            AgentConfig config,
            AgentIdentity identity,
            PacketRecorder recorder,
            InterfaceCounters interfaceCounters,
            SourceSupervisor supervisor,
            Clock clock) {
        this.config = config;
        this.identity = identity;
        this.recorder = recorder;
        this.interfaceCounters = interfaceCounters;
        this.supervisor = supervisor;
        this.selection = new InterfaceSelection(config.interfaces());
        this.clock = clock;
        this.startedAt = clock.instant();
    }

    /** The status now. Call it about once a second: rates and health come from what changed between calls. */
    synchronized NodeStatus report() {
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
        SourceStatus packets = packets(counters, nowNs, totals, problem);
        return new NodeStatus(
                config.node().name(),
                identity.instance(),
                identity.version(),
                clock.instant(),
                startedAt,
                List.of(packets),
                null);
    }

    /** Whether the last report found that the source should be restarted now. Any thread. */
    boolean isRestartDue() {
        return restartDue;
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
        boolean everythingIsWanted = config.captureFilter().isEmpty();
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
                instant(usage.oldestNs()),
                instant(usage.newestNs()),
                usage.capacityBytes(),
                usage.usedBytes(),
                usage.pinnedBytes(),
                bytesPerSecond > 0 ? (long) (usage.capacityBytes() / bytesPerSecond) : null,
                counters.interfaces().stream().map(StatusReporter::status).toList(),
                supervisor.restarts().count(),
                supervisor.restarts().lastTime(),
                supervisor.restarts().lastReason(),
                List.of());
    }

    private static @Nullable Instant instant(OptionalLong timestampNs) {
        return timestampNs.isPresent() ? EpochNanos.toInstant(timestampNs.getAsLong()) : null;
    }

    private static InterfaceStatus status(CaptureInterface networkInterface) {
        return new InterfaceStatus(networkInterface.name(), networkInterface.linkType(), true);
    }
}
