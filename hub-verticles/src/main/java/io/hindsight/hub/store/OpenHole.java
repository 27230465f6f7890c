package io.hindsight.hub.store;

import io.hindsight.chunk.ChunkHeader;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.hub.store.FileHoldings.Hole;
import java.util.HashSet;
import java.util.Set;

/**
 * Sequences that were passed over. The chunks of one writer follow each other, and what is missing of it lies between two of them; those of several overlap, and it is not known
 * whose are missing: then it may be anything between what was there of any writer before and what comes of each next. One thread at a time.
 */
final class OpenHole {
    private final ChunkSource source;
    private final long lastSequence;
    private final boolean exact;
    private final Set<Integer> awaited;
    private final Set<Integer> followed = new HashSet<>();
    private long firstSequence;
    private long fromNs;
    private long toNs;

    /** {@code before} is part of the times, {@code after} not yet. */
    OpenHole(ChunkHeader before, ChunkHeader after, WriterTimes times) {
        this.source = after.source();
        this.firstSequence = before.sequence() + 1;
        this.lastSequence = after.sequence() - 1;
        this.awaited = new HashSet<>(times.writers());
        this.exact = awaited.equals(Set.of(after.writer()));
        this.fromNs =
                exact
                        ? Math.min(before.lastTimestampNs(), after.firstTimestampNs())
                        : Math.min(before.firstTimestampNs(), times.earliestEndNs());
        this.toNs = Math.max(before.lastTimestampNs(), after.firstTimestampNs());
    }

    /** A chunk came behind it. */
    void followedBy(ChunkHeader chunk) {
        if (chunk.source() == source && followed.add(chunk.writer())) {
            if (!awaited.remove(chunk.writer())) {
                // Nothing of this writer was there before: nobody knows when what is missing of it began.
                fromNs = Long.MIN_VALUE;
            }
            toNs = Math.max(toNs, chunk.firstTimestampNs());
        }
    }

    void widenBy(OpenHole other) {
        firstSequence = Math.min(firstSequence, other.firstSequence);
        fromNs = Math.min(fromNs, other.fromNs);
        toNs = Math.max(toNs, other.toNs);
    }

    Hole asKnown() {
        boolean known = awaited.isEmpty();
        return new Hole(
                source,
                firstSequence,
                lastSequence,
                fromNs,
                known ? toNs : Long.MAX_VALUE,
                exact && followed.size() == 1);
    }
}
