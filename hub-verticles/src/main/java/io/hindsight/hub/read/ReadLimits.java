package io.hindsight.hub.read;

import java.time.Duration;

/**
 * Bounds of readings. Immutable.
 *
 * @param maxReaders at once, and as many more that have ended and whose reader in this process has not given back every chunk
 * @param lease a reading of which nothing is heard for so long ends
 * @param maxCreditBytes under way to one reader, where the Hub itself holds none of them: by reference, and over a cluster that takes piece by piece
 * @param maxBridgedCreditBytes under way to one reader over a bridge, whose socket holds what its client does not take, a third longer as base64
 * @param copyBytes of pieces that are copied and not sent yet, of all readers together
 */
public record ReadLimits(
        int maxReaders, Duration lease, long maxCreditBytes, long maxBridgedCreditBytes, long copyBytes) {
    /** What is used. */
    public static final ReadLimits DEFAULTS =
            new ReadLimits(64, Duration.ofSeconds(30), 64L << 20, 512L << 10, 32L << 20);
}
