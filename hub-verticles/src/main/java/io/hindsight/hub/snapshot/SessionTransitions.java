package io.hindsight.hub.snapshot;

import static io.hindsight.api.SnapshotState.CANCELLED;
import static io.hindsight.api.SnapshotState.COMPLETE;
import static io.hindsight.api.SnapshotState.FAILED;
import static io.hindsight.api.SnapshotState.PARTIAL;
import static io.hindsight.api.SnapshotState.PLANNING;
import static io.hindsight.api.SnapshotState.REQUESTED;
import static io.hindsight.api.SnapshotState.SEALING;
import static io.hindsight.api.SnapshotState.STREAMING;
import static io.hindsight.api.SnapshotState.VERIFYING;

import io.hindsight.api.SnapshotState;
import java.util.Map;
import java.util.Set;

/** Which state may follow which. What is not in the table is a defect. */
final class SessionTransitions {
    private static final Map<SnapshotState, Set<SnapshotState>> ALLOWED =
            Map.of(
                    REQUESTED, Set.of(PLANNING, FAILED, CANCELLED),
                    PLANNING, Set.of(STREAMING, FAILED, CANCELLED),
                    STREAMING, Set.of(VERIFYING, FAILED, CANCELLED),
                    VERIFYING, Set.of(SEALING, FAILED, CANCELLED),
                    SEALING, Set.of(COMPLETE, PARTIAL, FAILED));

    private SessionTransitions() {}

    static boolean allows(SnapshotState from, SnapshotState to) {
        return ALLOWED.getOrDefault(from, Set.of()).contains(to);
    }
}
