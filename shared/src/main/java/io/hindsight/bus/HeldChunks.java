package io.hindsight.bus;

/**
 * What the Hub holds of one source after its session was interrupted: every chunk of the window up to a sequence.
 *
 * @param ringCreatedNs which ring it is from, as the plan said ({@link PlannedRing#createdNs()}): sequences of another ring are others
 * @param sequence the last that is held
 * @param lastTimestampNs greatest time held, since the epoch
 */
public record HeldChunks(long ringCreatedNs, long sequence, long lastTimestampNs) {}
