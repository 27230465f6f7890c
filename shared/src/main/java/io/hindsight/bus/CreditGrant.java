package io.hindsight.bus;

import java.util.Map;

/**
 * The Hub has written chunks: more may be sent, and what is durable may be unpinned.
 *
 * @param snapshotId the session
 * @param creditBytes bytes added to the credit, at least 0
 * @param durable by source label, the last sequence that is on disk ({@code fdatasync} has returned)
 */
public record CreditGrant(String snapshotId, long creditBytes, Map<String, Long> durable) {
    public CreditGrant {
        durable = Map.copyOf(durable);
    }
}
