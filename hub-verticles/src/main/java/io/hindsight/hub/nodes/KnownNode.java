package io.hindsight.hub.nodes;

import io.hindsight.api.Boundaries.NodeBoundaries;
import io.hindsight.api.NodeStatus;
import io.hindsight.api.NodeStatus.SourceStatus;
import io.hindsight.json.JsonMapping;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Comparator;
import java.util.Objects;

/**
 * A node as its last heartbeat showed it.
 *
 * @param status what it said
 * @param heardAt when, by the Hub's clock
 * @param heardNs when, by {@link System#nanoTime()}
 * @param linkLost whether its link has gone since
 */
record KnownNode(NodeStatus status, Instant heardAt, long heardNs, boolean linkLost) {
    /** The same, with its link gone. */
    KnownNode withoutLink() {
        return new KnownNode(status, heardAt, heardNs, true);
    }

    JsonObject toJson(boolean reachable) {
        return JsonMapping.toJson(status).put("reachable", reachable).put("lastHeartbeat", heardAt.toString());
    }

    NodeBoundaries boundaries(boolean reachable) {
        return new NodeBoundaries(
                status.node(),
                reachable,
                status.sources().stream()
                        .map(SourceStatus::oldest)
                        .filter(Objects::nonNull)
                        .min(Comparator.naturalOrder())
                        .orElse(null),
                status.sources().stream()
                        .map(SourceStatus::newest)
                        .filter(Objects::nonNull)
                        .max(Comparator.naturalOrder())
                        .orElse(null),
                status.sources().stream().mapToDouble(SourceStatus::bytesPerSecond).sum(),
                status.sources().stream()
                        .map(SourceStatus::projectedRetentionSeconds)
                        .filter(Objects::nonNull)
                        .min(Comparator.naturalOrder())
                        .orElse(null));
    }
}
