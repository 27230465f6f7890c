package io.hindsight.agent.extract;

import io.hindsight.api.Transfer;
import io.hindsight.chunk.ChunkSource;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** What was read from the rings and sent to the Hub since the agent started. Thread-safe: counted on the event loop, asked for by the status. */
final class TransferCounters {
    private final Map<ChunkSource, AtomicLong> readBytes = new EnumMap<>(ChunkSource.class);
    private final Map<ChunkSource, AtomicLong> sentBytes = new EnumMap<>(ChunkSource.class);

    TransferCounters() {
        for (ChunkSource source : ChunkSource.values()) {
            readBytes.put(source, new AtomicLong());
            sentBytes.put(source, new AtomicLong());
        }
    }

    void read(ChunkSource source, long bytes) {
        of(readBytes, source).addAndGet(bytes);
    }

    void sent(ChunkSource source, long bytes) {
        of(sentBytes, source).addAndGet(bytes);
    }

    /** By source label, every source. */
    Map<String, Transfer> now() {
        Map<String, Transfer> now = new HashMap<>();
        for (ChunkSource source : ChunkSource.values()) {
            now.put(source.label(), new Transfer(of(readBytes, source).get(), of(sentBytes, source).get()));
        }
        return now;
    }

    private static AtomicLong of(Map<ChunkSource, AtomicLong> counters, ChunkSource source) {
        AtomicLong counter = counters.get(source);
        if (counter == null) {
            throw new IllegalStateException("Every source has its counters.");
        }
        return counter;
    }
}
