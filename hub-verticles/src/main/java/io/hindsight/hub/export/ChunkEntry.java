package io.hindsight.hub.export;

import io.hindsight.chunk.ChunkHeader;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.util.Comparator;

/**
 * Where a chunk lies and which times it holds.
 *
 * @param file index of the node's file in the plan
 * @param offset first byte in the file
 * @param length bytes
 * @param source what its records are
 * @param sequence of its ring
 * @param firstNs smallest time of its records, as it is exported
 * @param lastNs greatest time of its records, as it is exported
 * @param records how many
 * @param shiftNs what is added to the stored times of its records
 */
record ChunkEntry(
        int file,
        long offset,
        long length,
        ChunkSource source,
        long sequence,
        long firstNs,
        long lastNs,
        int records,
        long shiftNs) {
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

    /** @throws HindsightException INVALID_REQUEST where the shift leads out of 64 bits */
    static ChunkEntry of(int file, long offset, ChunkHeader header, long shiftNs) {
        return new ChunkEntry(
                file,
                offset,
                header.lengthBytes(),
                header.source(),
                header.sequence(),
                shifted(header.firstTimestampNs(), shiftNs),
                shifted(header.lastTimestampNs(), shiftNs),
                header.recordCount(),
                shiftNs);
    }

    private static long shifted(long timestampNs, long shiftNs) {
        try {
            return Math.addExact(timestampNs, shiftNs);
        } catch (ArithmeticException tooFar) {
            throw HindsightException.ofField(
                    ErrorCode.INVALID_REQUEST,
                    "correctClocks",
                    "The clock offset="
                            + shiftNs
                            + " ns cannot be added to time="
                            + timestampNs
                            + " ns: nanoseconds in 64 bits do not hold it.");
        }
    }
}
