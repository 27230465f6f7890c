package io.hindsight.bus;

/**
 * The ring behind a plan, so that a session that is interrupted can go on with the same ring or see that it is another.
 *
 * @param createdNs when the ring was made, since the epoch: tells it from its successors
 * @param firstSequence the first chunk that was planned; 0 where there is none
 * @param firstNs smallest time of that chunk, since the epoch; 0 where there is none
 * @param lastSequence the last chunk that was planned; 0 where there is none
 */
public record PlannedRing(long createdNs, long firstSequence, long firstNs, long lastSequence) {}
