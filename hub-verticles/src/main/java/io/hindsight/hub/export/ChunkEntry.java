package io.hindsight.hub.export;

import io.hindsight.chunk.ChunkHeader;
import io.hindsight.chunk.ChunkSource;
import java.util.Comparator;

/**
 * Where a chunk lies and which times it holds.
 *
 * @param file index of the node's file in the plan
 * @param offset first byte in the file
 * @param length bytes
 * @param source what its records are
 * @param sequence of its ring
 * @param firstNs smallest time of its records
 * @param lastNs greatest time of its records
 * @param records how many
 */
record ChunkEntry(
        int file, long offset, long length, ChunkSource source, long sequence, long firstNs, long lastNs, int records) {
    /** By first time, equal ones in the stable order: the order in which a merge opens chunks. */
    static final Comparator<ChunkEntry> OPENING_ORDER =
            Comparator.comparingLong(ChunkEntry::firstNs).thenComparing(ChunkEntry::compareStable);

    /** The order that records of equal time keep: nodes in the plan's order, then sources, then the order of recording. */
    int compareStable(ChunkEntry other) {
        if (file != other.file) {
            return Integer.compare(file, other.file);
        }
        if (source != other.source) {
            return source.compareTo(other.source);
        }
        return sequence != other.sequence ? Long.compare(sequence, other.sequence) : Long.compare(offset, other.offset);
    }

    static ChunkEntry of(int file, long offset, ChunkHeader header) {
        return new ChunkEntry(
                file,
                offset,
                header.lengthBytes(),
                header.source(),
                header.sequence(),
                header.firstTimestampNs(),
                header.lastTimestampNs(),
                header.recordCount());
    }
}
