package io.hindsight.hub.http;

import io.hindsight.api.SnapshotState;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.json.JsonObject;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/** Snapshots by state, and bytes written, as meters. One context. */
final class SnapshotMeters {
    private final Map<SnapshotState, Integer> byState = new EnumMap<>(SnapshotState.class);

    /** Bytes counted so far, of running snapshots alone. */
    private final Map<String, Long> counted = new HashMap<>();

    private long writtenBytes;

    SnapshotMeters(MeterRegistry registry) {
        for (SnapshotState state : SnapshotState.values()) {
            Gauge.builder("hindsight.snapshots", () -> byState.getOrDefault(state, 0))
                    .description("Snapshots by state.")
                    .tag("state", state.name())
                    .register(registry);
        }
        FunctionCounter.builder("hindsight.snapshot.written.bytes", this, meters -> meters.writtenBytes)
                .description("Bytes written into snapshots since the Hub started.")
                .register(registry);
    }

    void count(SnapshotState state, int total) {
        byState.put(state, total);
    }

    /** Takes an event of the bus. */
    void event(JsonObject event) {
        JsonObject snapshot = event.getJsonObject("snapshot");
        if (snapshot == null) {
            return;
        }
        String id = snapshot.getString("id");
        long bytes = snapshot.getLong("bytes", 0L);
        long before = counted.getOrDefault(id, 0L);
        boolean ended = SnapshotState.valueOf(snapshot.getString("state")).ended();
        if (!ended || counted.containsKey(id)) {
            writtenBytes += Math.max(0, bytes - before);
        }
        if (ended) {
            counted.remove(id);
        } else {
            counted.put(id, bytes);
        }
    }
}
