package io.hindsight.hub.store;

import io.hindsight.chunk.ChunkHeader;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.error.HindsightException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which chunks a data file holds, all of them on disk. They come in the order of their sequences, so the last one of each source says it.
 *
 * @param firstChunks by source; sources without a chunk are absent
 * @param lastChunks by source; sources without a chunk are absent
 * @param writers by source, whose chunks they are; sources without a chunk are absent
 * @param holes sequences that were passed over, in the order in which that was noticed
 * @param refusal why a chunk, and all after it, were not taken; null where all were
 */
public record FileHoldings(
        Map<ChunkSource, ChunkHeader> firstChunks,
        Map<ChunkSource, ChunkHeader> lastChunks,
        Map<ChunkSource, Writers> writers,
        List<Hole> holes,
        @Nullable HindsightException refusal) {
    /** An empty file's. */
    public static final FileHoldings NONE = new FileHoldings(Map.of(), Map.of(), Map.of(), List.of(), null);

    public FileHoldings {
        firstChunks = Map.copyOf(firstChunks);
        lastChunks = Map.copyOf(lastChunks);
        writers = Map.copyOf(writers);
        holes = List.copyOf(holes);
    }

    /**
     * The writers of one source. Chunks of one follow each other, those of several overlap in time.
     *
     * @param count how many
     * @param allFromNs from when on a chunk of each is there: the greatest of the smallest times of their first chunks
     * @param allThroughNs until when: the smallest of the greatest times of their last chunks
     */
    public record Writers(int count, long allFromNs, long allThroughNs) {}

    /**
     * Sequences that are not there, before one that is. Mostly chunks that the ring lost after they had been promised; the agent says so at the end of its stream.
     *
     * @param source whose
     * @param firstSequence the first that is missing
     * @param lastSequence the last that is missing
     * @param fromNs greatest time of the chunk before, or the smallest of the first that is missing
     * @param toNs smallest time of the chunk after; {@link Long#MAX_VALUE} where that is not known
     * @param exact whether nothing but what is missing lies between the two; not where several writers fill chunks, which overlap: it is not known whose chunk is missing
     */
    public record Hole(
            ChunkSource source, long firstSequence, long lastSequence, long fromNs, long toNs, boolean exact) {
        /** How many are missing, at most. */
        public long chunks() {
            return lastSequence - firstSequence + 1;
        }
    }
}
