package io.hindsight.hub.store;

import io.hindsight.chunk.ChunkHeader;
import io.hindsight.hub.store.FileHoldings.Writers;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Until when chunks of each writer of a source are there. As many entries as the node has capture threads, 65,536 at most. One thread at a time. */
final class WriterTimes {
    private final Map<Integer, Long> lastNs = new HashMap<>();
    private long allFromNs = Long.MIN_VALUE;

    void add(ChunkHeader chunk) {
        if (!lastNs.containsKey(chunk.writer())) {
            allFromNs = Math.max(allFromNs, chunk.firstTimestampNs());
        }
        lastNs.merge(chunk.writer(), chunk.lastTimestampNs(), Math::max);
    }

    Writers asKnown() {
        return new Writers(lastNs.size(), allFromNs, earliestEndNs());
    }

    /** What may follow a writer's last chunk does so after this. */
    long earliestEndNs() {
        return lastNs.values().stream().mapToLong(Long::longValue).min().orElse(Long.MIN_VALUE);
    }

    Set<Integer> writers() {
        return Set.copyOf(lastNs.keySet());
    }
}
