package io.hindsight.hub.store;

import io.hindsight.chunk.ChunkHeader;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.store.FileHoldings.Writers;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Keeps account of the chunks of a data file. One thread at a time. */
final class ChunkRow {
    /** Further ones widen the last: what is told of a file is bounded. */
    private static final int MAX_HOLES = 100;

    private final Map<ChunkSource, ChunkHeader> first = new EnumMap<>(ChunkSource.class);
    private final Map<ChunkSource, ChunkHeader> last = new EnumMap<>(ChunkSource.class);
    private final Map<ChunkSource, WriterTimes> writers = new EnumMap<>(ChunkSource.class);
    private final List<OpenHole> holes = new ArrayList<>();

    /** Deliveries are idempotent: a sequence that is not after its source's last one was here before. */
    boolean isNew(ChunkHeader chunk) {
        ChunkHeader before = last.get(chunk.source());
        return before == null || chunk.sequence() > before.sequence();
    }

    void add(ChunkHeader chunk) {
        first.putIfAbsent(chunk.source(), chunk);
        ChunkHeader before = last.put(chunk.source(), chunk);
        WriterTimes times = writers.computeIfAbsent(chunk.source(), source -> new WriterTimes());
        if (before != null && chunk.sequence() > before.sequence() + 1) {
            passedOver(before, chunk, times);
        }
        holes.forEach(hole -> hole.followedBy(chunk));
        times.add(chunk);
    }

    private void passedOver(ChunkHeader before, ChunkHeader after, WriterTimes times) {
        OpenHole hole = new OpenHole(before, after, times);
        if (holes.size() == MAX_HOLES) {
            hole.widenBy(holes.removeLast());
        }
        holes.add(hole);
    }

    /** By source label, the last sequence. */
    Map<String, Long> sequences() {
        Map<String, Long> sequences = new HashMap<>();
        last.forEach((source, chunk) -> sequences.put(source.label(), chunk.sequence()));
        return sequences;
    }

    FileHoldings holdings(@Nullable HindsightException refusal) {
        Map<ChunkSource, Writers> known = new EnumMap<>(ChunkSource.class);
        writers.forEach((source, times) -> known.put(source, times.asKnown()));
        return new FileHoldings(first, last, known, holes.stream().map(OpenHole::asKnown).toList(), refusal);
    }
}
