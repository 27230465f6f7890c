package io.hindsight.hub.http;

import io.hindsight.api.CustodyStatus;
import io.hindsight.api.VolumeStatus;
import io.hindsight.api.VolumeStatus.Level;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;

/** How full the snapshot volume is, and how its custody log stands, as meters. One context. */
final class VolumeMeters {
    private VolumeStatus volume = new VolumeStatus(0, 0, 0, 0, Level.OK);
    private CustodyStatus custody = new CustodyStatus(0, "", 0, 0, 0);

    VolumeMeters(MeterRegistry registry) {
        Gauge.builder("hindsight.volume.quota.bytes", () -> volume.quotaBytes())
                .description("Bytes that snapshots may take altogether; 0: no quota.")
                .register(registry);
        Gauge.builder("hindsight.volume.used.bytes", () -> volume.usedBytes())
                .description("Bytes that sealed snapshots take.")
                .register(registry);
        Gauge.builder("hindsight.volume.promised.bytes", () -> volume.promisedBytes())
                .description("Bytes that running snapshots may take.")
                .register(registry);
        Gauge.builder("hindsight.volume.free.bytes", () -> volume.freeBytes())
                .description("Bytes free on the snapshot volume.")
                .register(registry);
        Gauge.builder("hindsight.volume.quota.level", () -> number(volume.level()))
                .description("How near the quota is: 0 below 80 %, 1 from 80 % on, 2 from 95 % on.")
                .register(registry);
        Gauge.builder("hindsight.custody.sequence", () -> custody.sequence())
                .description("Sequence of the newest line of the custody log.")
                .register(registry);
        FunctionCounter.builder("hindsight.custody.failures", this, meters -> meters.custody.failed())
                .description(
                        "Attempts to write to the custody log that failed: what they would have recorded was refused.")
                .register(registry);
        FunctionCounter.builder("hindsight.custody.unrecorded", this, meters -> meters.custody.unrecorded())
                .description("Events that the custody log lacks.")
                .register(registry);
    }

    private static int number(Level level) {
        return switch (level) {
            case OK -> 0;
            case WARNING -> 1;
            case CRITICAL -> 2;
        };
    }

    void update(VolumeStatus newest) {
        volume = newest;
    }

    void update(CustodyStatus newest) {
        custody = newest;
    }
}
