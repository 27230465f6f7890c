package io.hindsight.hub.resolve;

import io.hindsight.hub.resolve.Resolution.SocketOwner;
import org.jspecify.annotations.Nullable;

/**
 * A process had a socket.
 *
 * @param key which
 * @param netns inode of its network namespace, where it is known
 * @param fromNs since when; {@link Long#MIN_VALUE}: since before anything is known
 * @param toNs until when; {@link Long#MAX_VALUE}: it still had it
 * @param owner the process
 */
record SocketInterval(SocketKey key, @Nullable Long netns, long fromNs, long toNs, SocketOwner owner) {
    /** Nanoseconds of the closed range that lie inside; 0: none. */
    long overlapNs(long firstNs, long lastNs) {
        long from = Math.max(firstNs, fromNs);
        long to = Math.min(Times.plus(lastNs, 1), toNs);
        return to <= from ? 0 : Times.minus(to, from);
    }

    /** How far the closed range lies from it; 0: they overlap. */
    long distanceNs(long firstNs, long lastNs) {
        if (lastNs < fromNs) {
            return Times.minus(fromNs, lastNs);
        }
        return firstNs >= toNs ? Times.minus(Times.plus(firstNs, 1), toNs) : 0;
    }
}
