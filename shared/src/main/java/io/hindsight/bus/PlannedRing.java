package io.hindsight.bus;

import org.jspecify.annotations.Nullable;

/**
 * The ring behind a plan, so that a session that is interrupted can go on with the same ring or see that it is another.
 *
 * @param createdNs when the ring was made, since the epoch: tells it from its successors
 * @param firstSequence the first chunk that was planned; 0 where there is none
 * @param firstNs smallest time of that chunk, since the epoch; 0 where there is none
 * @param lastSequence the last chunk that was planned; 0 where there is none
 * @param fromNs where the window of this source begins, since the epoch: of events before that of the packets, at their last checkpoint; absent where an older
 *     agent does not say
 * @param writers how many writers filled what was planned: chunks of several overlap in time; absent where there is one, or an older agent does not say
 */
public record PlannedRing(
        long createdNs,
        long firstSequence,
        long firstNs,
        long lastSequence,
        @Nullable Long fromNs,
        @Nullable Integer writers) {
    /** Filled by one writer, with a window that begins where nobody says. */
    public PlannedRing(long createdNs, long firstSequence, long firstNs, long lastSequence) {
        this(createdNs, firstSequence, firstNs, lastSequence, null, null);
    }

    /** At least 1. */
    public int writerCount() {
        return writers == null ? 1 : writers;
    }
}
