package io.hindsight.hub.http;

import io.hindsight.api.ScrubStatus;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Map;

/** The verification of snapshots in the background, as meters. One context. */
final class ScrubMeters {
    private static final List<String> OUTCOMES = List.of("intact", "damaged", "abandoned", "failed");

    private ScrubStatus status = new ScrubStatus(0, Map.of(), 0, 0, null);

    ScrubMeters(MeterRegistry registry) {
        FunctionCounter.builder("hindsight.scrub.bytes", this, meters -> meters.status.bytesRead())
                .description("Bytes read to verify snapshots in the background.")
                .register(registry);
        for (String outcome : OUTCOMES) {
            FunctionCounter.builder(
                            "hindsight.scrub.snapshots",
                            this,
                            meters -> meters.status.finished().getOrDefault(outcome, 0L))
                    .description("Verifications in the background that have ended.")
                    .tag("outcome", outcome)
                    .register(registry);
        }
        Gauge.builder("hindsight.scrub.damaged.snapshots", () -> status.damagedSnapshots())
                .description("Snapshots whose newest verification found damage.")
                .register(registry);
        Gauge.builder("hindsight.scrub.oldest.verification.age.seconds", () -> status.oldestAgeSeconds())
                .description("Since the least recently verified snapshot was verified, or sealed.")
                .register(registry);
        Gauge.builder("hindsight.scrub.running", () -> status.running() == null ? 0 : 1)
                .description("Whether a snapshot is being verified in the background.")
                .register(registry);
    }

    void update(ScrubStatus newest) {
        status = newest;
    }
}
