package io.hindsight.hub.snapshot;

import io.hindsight.api.Gap;
import io.hindsight.api.Snapshot.Problem;
import io.hindsight.error.ErrorCode;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Why a snapshot is partial: a node that failed, or records that a node had and could not deliver. */
final class Shortfall {
    /** Records that the node had when it was asked, and that are missing nonetheless. */
    private static final Set<Gap.Cause> LOST_SINCE =
            EnumSet.of(Gap.Cause.RECYCLED, Gap.Cause.CORRUPT, Gap.Cause.NODE_UNREACHABLE);

    private Shortfall() {}

    /** The first; empty where nothing is. */
    static Optional<Problem> of(List<NodePart> nodes) {
        return firstFailed(nodes).or(() -> nodes.stream().flatMap(node -> lost(node).stream()).findFirst());
    }

    /** How many nodes failed, and why the first did. */
    static Optional<Problem> firstFailed(List<NodePart> nodes) {
        List<Problem> failed =
                nodes.stream().filter(NodePart::hasFailed).map(NodePart::error).filter(Objects::nonNull).toList();
        return failed.isEmpty() ? Optional.empty() : Optional.of(firstOf(failed, nodes.size()));
    }

    private static Problem firstOf(List<Problem> failed, int nodeCount) {
        Problem first = failed.getFirst();
        return new Problem(
                first.code(), failed.size() + " of " + nodeCount + " nodes failed; the first: " + first.detail());
    }

    private static Optional<Problem> lost(NodePart node) {
        Set<Gap> since = Set.copyOf(node.gapsSincePlan());
        return node.gaps().stream()
                .filter(gap ->
                        gap.cause() == Gap.Cause.CORRUPT || (LOST_SINCE.contains(gap.cause()) && since.contains(gap)))
                .findFirst()
                .map(gap ->
                        new Problem(
                                ErrorCode.INTEGRITY_VIOLATED.name(),
                                "node="
                                        + node.node()
                                        + " lacks records from "
                                        + gap.from()
                                        + " to "
                                        + gap.to()
                                        + ": "
                                        + gap.detail()));
    }
}
