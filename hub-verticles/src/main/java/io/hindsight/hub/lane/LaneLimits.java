package io.hindsight.hub.lane;

import java.time.Duration;

/**
 * What a lane is given. Immutable.
 *
 * @param idle nothing comes between two chunks, although it is the agent's turn: long, because an agent with a low {@code --max-rate} sends seldom; the
 *     session has a shorter patience of its own
 * @param stall nothing comes in the middle of a chunk
 * @param minBytesPerSecond a chunk that has been given room comes at least at this pace, {@code stall} granted on top; else a few peers that trickle
 *     would hold the room of all
 * @param surplusBytes taken at most while the lane does not read: epoll empties the socket once its peer has closed its side
 */
public record LaneLimits(Duration idle, Duration stall, long minBytesPerSecond, long surplusBytes) {
    /** What holds where nothing else is said. */
    public static final LaneLimits DEFAULTS =
            new LaneLimits(Duration.ofHours(1), Duration.ofSeconds(30), 64L << 10, 1L << 20);

    /** From the room to the last byte. */
    Duration patience(long chunkLengthBytes) {
        return stall.plusMillis(chunkLengthBytes * 1_000 / minBytesPerSecond);
    }
}
