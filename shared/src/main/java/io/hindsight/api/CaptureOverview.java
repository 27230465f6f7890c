package io.hindsight.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is captured, and which nodes do so: the answer of {@code GET} and {@code PUT /capture}. The first four are those of {@link CaptureState}. Immutable.
 *
 * @param revision grows with every change
 * @param policy what is recorded
 * @param changedBy the caller who set it; {@code configuration} where the Hub's settings did
 * @param changedAt when, by the Hub's clock
 * @param nodes those that record packets, by name
 */
public record CaptureOverview(
        long revision, CapturePolicy policy, String changedBy, Instant changedAt, List<Node> nodes) {
    public CaptureOverview {
        nodes = List.copyOf(nodes);
    }

    /**
     * One node.
     *
     * @param node name
     * @param reachable whether it was heard of lately
     * @param follows whether it says that it records by this revision
     * @param capture what it says it records; absent of an agent that does not say
     * @param problem why it could not be told of this revision, whole sentence; what the node itself finds wrong stands in {@code capture}
     */
    public record Node(
            String node, boolean reachable, boolean follows, @Nullable NodeCapture capture, @Nullable String problem) {}
}
