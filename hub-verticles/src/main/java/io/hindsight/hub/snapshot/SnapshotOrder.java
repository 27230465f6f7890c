package io.hindsight.hub.snapshot;

import io.hindsight.api.SnapshotRequest;
import io.hindsight.chunk.NodeId;
import io.hindsight.time.EpochNanos;
import io.hindsight.time.TimeWindow;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request that was found good, with everything filled in.
 *
 * @param id of the snapshot
 * @param name for people
 * @param request as the caller wrote it
 * @param idempotencyKey that came with it
 * @param createdBy who asked
 * @param createdAt when
 * @param window what
 * @param nodes of whom, in the order of their names
 * @param batch id of the batch that it is an item of; null: of none
 */
record SnapshotOrder(
        String id,
        String name,
        SnapshotRequest request,
        @Nullable String idempotencyKey,
        String createdBy,
        Instant createdAt,
        TimeWindow window,
        List<NodeId> nodes,
        @Nullable String batch) {
    SnapshotOrder {
        nodes = List.copyOf(nodes);
    }

    /** Whether it is to fail where it would be sealed with something missing. */
    boolean requiresAll() {
        return Boolean.TRUE.equals(request.requireAll());
    }

    /** Labels of the sources that are wanted; null: all. */
    @Nullable List<String> sources() {
        return RequestRules.sources(request.sources());
    }

    /** What the custody log says of it. */
    static Map<String, String> details(SnapshotOrder order) {
        Map<String, String> details = new HashMap<>();
        details.put("from", order.from().toString());
        details.put("to", order.to().toString());
        details.put("nodes", String.join(",", order.nodes().stream().map(NodeId::name).toList()));
        Instant lockUntil = order.request().lockUntil();
        if (lockUntil != null) {
            details.put("lockUntil", lockUntil.toString());
        }
        List<String> sources = order.sources();
        if (sources != null) {
            details.put("sources", String.join(",", sources));
        }
        if (order.batch() != null) {
            details.put("batch", order.batch());
        }
        return details;
    }

    Instant from() {
        return EpochNanos.toInstant(window.fromNs());
    }

    Instant to() {
        return EpochNanos.toInstant(window.toNs());
    }
}
