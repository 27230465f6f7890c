package io.hindsight.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * From when to when data can be snapshotted.
 *
 * @param oldest smallest over all nodes
 * @param newest greatest over all nodes
 * @param nodes per node
 */
public record Boundaries(@Nullable Instant oldest, @Nullable Instant newest, List<NodeBoundaries> nodes) {
    public Boundaries {
        nodes = List.copyOf(nodes);
    }

    /**
     * One node's.
     *
     * @param node name
     * @param reachable whether a snapshot taken now would include it
     * @param oldest smallest time in its rings
     * @param newest greatest time in its rings
     * @param bytesPerSecond at which its rings fill
     * @param projectedRetentionSeconds how far back it will reach at this rate
     */
    public record NodeBoundaries(
            String node,
            boolean reachable,
            @Nullable Instant oldest,
            @Nullable Instant newest,
            double bytesPerSecond,
            @Nullable Long projectedRetentionSeconds) {}
}
