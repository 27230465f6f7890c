package io.hindsight.api;

import io.hindsight.api.Snapshot.Problem;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One node's part of a snapshot.
 *
 * @param node name
 * @param state of this node's stream
 * @param bytesExpected upper bound, after planning
 * @param bytes written
 * @param bytesDurable on disk
 * @param packets packet records written
 * @param records other records written
 * @param chunks chunks written
 * @param firstTimestamp smallest time of its records
 * @param lastTimestamp greatest time of its records
 * @param drops records lost while recording, by {@link io.hindsight.chunk.DropCause} label, as the chunks carry them; causes without loss are absent
 * @param gaps missing parts of the window, oldest first
 * @param error why it failed; while it is {@link State#WAITING}, why it broke off
 * @param clock how far the node's clock was from the Hub's, as its agent estimated it last; absent where that is not known
 */
public record SnapshotNode(
        String node,
        State state,
        long bytesExpected,
        long bytes,
        long bytesDurable,
        long packets,
        long records,
        long chunks,
        @Nullable Instant firstTimestamp,
        @Nullable Instant lastTimestamp,
        Map<String, Long> drops,
        List<Gap> gaps,
        @Nullable Problem error,
        @Nullable ClockOffset clock) {
    public SnapshotNode {
        drops = Map.copyOf(drops);
        gaps = List.copyOf(gaps);
    }

    /** Where a node's stream stands. Names are stable. */
    public enum State {
        /** Not asked yet. */
        PENDING,
        /** The node has said what it holds, and keeps it. */
        PLANNED,
        /** Its chunks arrive. */
        STREAMING,
        /** It broke off, or cannot be reached; what has arrived is kept, and it goes on from there as soon as the node is back. */
        WAITING,
        /** All it had of the window is here. */
        COMPLETE,
        /** It delivered nothing, or a part; the rest is missing. */
        FAILED
    }
}
