package io.hindsight.hub.http;

import io.hindsight.bus.ReadStatus;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;

/** Readings of chunks, as meters. One context. */
final class ReadMeters {
    private ReadStatus status = new ReadStatus(0, 0, 0, 0, 0, 0);

    ReadMeters(MeterRegistry registry) {
        Gauge.builder("hindsight.readers", () -> status.readers())
                .description("Programs that read the chunks of a snapshot.")
                .register(registry);
        Gauge.builder("hindsight.readers.lingering", () -> status.lingering())
                .description("Readings that have ended and whose reader in this process keeps chunks.")
                .register(registry);
        Gauge.builder("hindsight.read.held.bytes", () -> status.heldBytes())
                .description("Bytes copied for readers in other processes and not sent yet.")
                .register(registry);
        FunctionCounter.builder("hindsight.read.sent.bytes", this, meters -> meters.status.bytes())
                .description("Bytes of chunks sent to readers.")
                .register(registry);
        FunctionCounter.builder("hindsight.read.sent.chunks", this, meters -> meters.status.chunks())
                .description("Chunks sent to readers.")
                .register(registry);
        FunctionCounter.builder("hindsight.read.expired", this, meters -> meters.status.expired())
                .description("Readings that ended because nothing was heard of their reader.")
                .register(registry);
    }

    void update(ReadStatus newest) {
        status = newest;
    }
}
