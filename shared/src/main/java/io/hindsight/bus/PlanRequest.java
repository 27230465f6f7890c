package io.hindsight.bus;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Asks an agent which chunks a window touches, and to pin them.
 *
 * @param snapshotId the session
 * @param fromNs first nanosecond inside, since the epoch
 * @param toNs first nanosecond after; the agent answers only when everything the kernel saw before it is in the ring, or says what is missing as a gap
 * @param leaseMs the pins end this long after the last request or credit of this session; 1,000 to 3,600,000
 * @param held by source label, what the Hub has already of a session that was interrupted: the plan leaves it out, and its gaps are those
 *     of the rest; empty for a new session
 * @param sources labels of those that are wanted; absent: all
 */
public record PlanRequest(
        String snapshotId,
        long fromNs,
        long toNs,
        long leaseMs,
        Map<String, HeldChunks> held,
        @Nullable List<String> sources) {
    public PlanRequest {
        held = Map.copyOf(held);
        sources = sources == null ? null : List.copyOf(sources);
    }

    /** Of all sources. */
    public PlanRequest(String snapshotId, long fromNs, long toNs, long leaseMs, Map<String, HeldChunks> held) {
        this(snapshotId, fromNs, toNs, leaseMs, held, null);
    }

    /** For a new session. */
    public PlanRequest(String snapshotId, long fromNs, long toNs, long leaseMs) {
        this(snapshotId, fromNs, toNs, leaseMs, Map.of());
    }

    /** Whether the source of this label is wanted. */
    public boolean wants(String source) {
        return sources == null || sources.contains(source);
    }
}
