package io.hindsight.bus;

import java.util.Map;

/**
 * Starts, or resumes, the sending of a planned extent. The agent sends chunks in the order of their sequence numbers, one source after
 * the other in the order of {@link io.hindsight.chunk.ChunkSource}, trimmed to the window, never more unacknowledged bytes than its credit,
 * and a {@link StreamEnd} last.
 *
 * @param snapshotId the session
 * @param address where the chunks go: {@link Addresses#chunks}
 * @param creditBytes bytes that may be sent before the first {@link CreditGrant}; at least one chunk may always be under way
 * @param after by source label, the last sequence that is already durable; sources that are absent start at the beginning
 */
public record StreamRequest(String snapshotId, String address, long creditBytes, Map<String, Long> after) {
    public StreamRequest {
        after = Map.copyOf(after);
    }
}
