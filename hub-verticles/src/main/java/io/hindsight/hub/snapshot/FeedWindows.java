package io.hindsight.hub.snapshot;

import io.hindsight.bus.PlannedRing;
import io.hindsight.chunk.ChunkHeader;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.time.TimeWindow;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which of a shared stream's chunks are part of one session's plan and not here yet, and in which window. Sequences of a source come in their order. */
final class FeedWindows {
    private final Map<String, PlannedRing> rings;
    private final Map<ChunkSource, TimeWindow> windows = new EnumMap<>(ChunkSource.class);

    /** By source label, the last sequence that is here or on its way. */
    private final Map<String, Long> last;

    /**
     * @param asked window in the node's time
     * @param rings by source label, what was planned of which
     * @param after by source label, the last sequence that was here before
     */
    FeedWindows(TimeWindow asked, Map<String, PlannedRing> rings, Map<String, Long> after) {
        this.rings = Map.copyOf(rings);
        this.last = new HashMap<>(after);
        for (ChunkSource source : ChunkSource.values()) {
            PlannedRing ring = rings.get(source.label());
            if (ring != null && ring.lastSequence() > 0) {
                windows.put(source, window(asked, source, ring));
            }
        }
    }

    /** Of events from before the window on: from the checkpoint that the agent planned. An older agent does not say where that is. */
    private static TimeWindow window(TimeWindow asked, ChunkSource source, PlannedRing ring) {
        Long toldNs = ring.fromNs();
        long otherwiseNs = source == ChunkSource.PACKETS ? asked.fromNs() : ring.firstNs();
        return new TimeWindow(Math.min(toldNs == null ? otherwiseNs : toldNs, asked.fromNs()), asked.toNs());
    }

    /** Whether the chunk is wanted. */
    boolean want(ChunkHeader chunk) {
        TimeWindow window = windows.get(chunk.source());
        PlannedRing ring = rings.get(chunk.source().label());
        return window != null
                && ring != null
                && chunk.sequence() >= ring.firstSequence()
                && chunk.sequence() <= ring.lastSequence()
                && chunk.sequence() > last.getOrDefault(chunk.source().label(), 0L)
                && chunk.firstTimestampNs() < window.toNs()
                && chunk.lastTimestampNs() >= window.fromNs();
    }

    /** The window of the chunk's source where the chunk reaches over its edge; null where it is wanted as it is. */
    @Nullable TimeWindow cutFor(ChunkHeader chunk) {
        TimeWindow window = windows.get(chunk.source());
        return window == null || window.containsAll(chunk.firstTimestampNs(), chunk.lastTimestampNs()) ? null : window;
    }

    /** It is on its way. */
    void take(ChunkHeader chunk) {
        last.put(chunk.source().label(), chunk.sequence());
    }
}
