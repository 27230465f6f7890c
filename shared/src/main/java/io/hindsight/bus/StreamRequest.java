package io.hindsight.bus;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Starts, or resumes, the sending of a planned extent. The agent sends chunks in the order of their sequence numbers, one source after
 * the other in the order of {@link io.hindsight.chunk.ChunkSource}, trimmed to the window, never more unacknowledged bytes than its credit,
 * and a {@link StreamEnd} last.
 *
 * @param snapshotId the session
 * @param address where the chunks go: {@link Addresses#chunks}; each order has another, so that the same one again is a copy, which changes nothing
 * @param creditBytes bytes that may be sent before the first {@link CreditGrant}; at least one chunk may always be under way
 * @param after by source label, the last sequence that is already durable; sources that are absent start at the beginning
 * @param lane one-time token of a lane for agents on other machines ({@link LinkProtocol#LANE_HEADER}); an agent in the Hub's own process
 *     passes its chunks by reference and has no use for it
 */
public record StreamRequest(
        String snapshotId, String address, long creditBytes, Map<String, Long> after, @Nullable String lane) {
    public StreamRequest {
        after = Map.copyOf(after);
    }
}
