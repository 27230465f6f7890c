package io.hindsight.agent;

import io.hindsight.api.NodeCapture;
import io.hindsight.api.NodeStatus;
import io.hindsight.config.AgentConfig;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Puts the node's status together, once a second. Runs on a worker, one call at a time; the lock makes that so. */
final class StatusReporter {
    private final AgentConfig config;
    private final AgentIdentity identity;
    private final List<SourceRecorder> sources;
    private final Supplier<@Nullable NodeCapture> capture;
    private final Clock clock;
    private final Instant startedAt;

    StatusReporter(
            AgentConfig config,
            AgentIdentity identity,
            List<SourceRecorder> sources,
            Supplier<@Nullable NodeCapture> capture,
            Clock clock) {
        this.capture = capture;
        this.config = config;
        this.identity = identity;
        this.sources = List.copyOf(sources);
        this.clock = clock;
        this.startedAt = clock.instant();
    }

    /** The status now. Call it about once a second: rates and health come from what changed between calls. */
    synchronized NodeStatus report() {
        return new NodeStatus(
                config.node().name(),
                identity.instance(),
                identity.version(),
                clock.instant(),
                startedAt,
                sources.stream().map(SourceRecorder::status).toList(),
                null,
                capture.get());
    }
}
