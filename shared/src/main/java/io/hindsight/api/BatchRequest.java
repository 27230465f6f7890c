package io.hindsight.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Several snapshots in one request. Each becomes a snapshot of its own; what their windows share is read and sent once.
 *
 * @param name for people, as a snapshot's; absent: none
 * @param requests 1 to {@value #MAX_REQUESTS}
 */
public record BatchRequest(@Nullable String name, List<SnapshotRequest> requests) {
    /** Requests of one batch, at most. */
    public static final int MAX_REQUESTS = 1_000;

    public BatchRequest {
        requests = List.copyOf(requests);
    }
}
