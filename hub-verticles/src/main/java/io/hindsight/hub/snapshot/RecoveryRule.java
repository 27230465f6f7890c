package io.hindsight.hub.snapshot;

import io.hindsight.api.Gap;
import io.hindsight.api.SnapshotNode;
import io.hindsight.bus.ExtentPlan;
import io.hindsight.chunk.NodeId;
import io.hindsight.hub.store.SessionJournal.Entry;
import io.hindsight.hub.store.SessionJournal.NodePlan;
import io.hindsight.time.EpochNanos;
import io.hindsight.time.TimeWindow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a session that was under way when the Hub ended:
 *
 * <ul>
 *   <li>It goes on under its id, with its window, from the last whole chunk of each file.
 *   <li>It is closed as FAILED where it has been interrupted {@value #MAX_ATTEMPTS} times, for then it may be what ends the Hub; where it was
 *       asked for more than {@link #MAX_AGE} ago, for then nobody waits for it; and where it names no node.
 *   <li>A node's file is begun anew where there was no plan yet, and where the window had not been captured whole when it was planned.
 * </ul>
 */
final class RecoveryRule {
    static final int MAX_ATTEMPTS = 3;
    static final Duration MAX_AGE = Duration.ofHours(1);

    private RecoveryRule() {}

    /** Why the session is closed, a whole sentence; empty where it goes on. */
    static Optional<String> reasonToClose(Entry entry, Instant now) {
        if (entry.attempt() >= MAX_ATTEMPTS) {
            return Optional.of("It was interrupted " + entry.attempt() + " times, which is the limit.");
        }
        Duration age = Duration.between(entry.snapshot().createdAt(), now);
        if (age.compareTo(MAX_AGE) > 0) {
            return Optional.of(
                    "It was asked for " + age.toMinutes() + " minutes before, limit=" + MAX_AGE.toMinutes() + ".");
        }
        return entry.snapshot().nodes().isEmpty() ? Optional.of("It named no node.") : Optional.empty();
    }

    /** The order as it was. */
    static SnapshotOrder order(Entry entry) {
        return new SnapshotOrder(
                entry.snapshot().id(),
                entry.snapshot().name(),
                entry.request(),
                entry.idempotencyKey(),
                entry.snapshot().createdBy(),
                entry.snapshot().createdAt(),
                new TimeWindow(EpochNanos.of(entry.snapshot().from()), EpochNanos.of(entry.snapshot().to())),
                nodes(entry.snapshot().nodes()),
                entry.snapshot().batch());
    }

    private static List<NodeId> nodes(List<SnapshotNode> nodes) {
        return nodes.stream().map(node -> new NodeId(node.node())).toList();
    }

    /** The plan whose chunks may be kept; null where the node's file is begun anew. */
    static @Nullable NodePlan usablePlan(Entry entry, NodeId node) {
        NodePlan plan = Objects.requireNonNullElse(entry.plans(), Map.<String, NodePlan>of()).get(node.name());
        return plan == null || lacksEnd(plan.extent()) ? null : plan;
    }

    private static boolean lacksEnd(ExtentPlan extent) {
        return extent.gaps().stream().anyMatch(gap -> gap.cause() == Gap.Cause.NOT_YET_CAPTURED);
    }
}
