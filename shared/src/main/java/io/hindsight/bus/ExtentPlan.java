package io.hindsight.bus;

import io.hindsight.api.CaptureChange;
import io.hindsight.api.Gap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * An agent's answer to {@link PlanRequest}: what it has pinned.
 *
 * @param node name
 * @param chunks chunks that will be sent, at most: edge chunks that hold no record of the window fall away
 * @param bytes upper bound of their bytes: what the Hub reserves
 * @param records upper bound of their records
 * @param firstNs smallest time pinned, 0 if there is none
 * @param lastNs greatest time pinned, 0 if there is none
 * @param gaps parts of the window that the ring does not hold, oldest first
 * @param rings by source label, which rings it is about
 * @param captures what was recorded when: the last change before the window and those within it, oldest first; none where an older agent does not say
 */
public record ExtentPlan(
        String node,
        long chunks,
        long bytes,
        long records,
        long firstNs,
        long lastNs,
        List<Gap> gaps,
        Map<String, PlannedRing> rings,
        @Nullable List<CaptureChange> captures) {
    /** Changes that a plan tells, at most; older ones are left out first. */
    public static final int MAX_CAPTURES = 256;

    public ExtentPlan {
        gaps = List.copyOf(gaps);
        captures = captures == null ? List.of() : List.copyOf(captures);
        rings = Map.copyOf(rings);
    }

    /** Without the rings of sources that are not wanted, by label: an agent that knows nothing of such a wish plans them too. */
    public ExtentPlan only(Predicate<String> wanted) {
        if (rings.keySet().stream().allMatch(wanted)) {
            return this;
        }
        Map<String, PlannedRing> chosen = new HashMap<>(rings);
        chosen.keySet().removeIf(wanted.negate());
        return new ExtentPlan(node, chunks, bytes, records, firstNs, lastNs, gaps, chosen, captures);
    }

    /** Never null. */
    @Override
    public List<CaptureChange> captures() {
        return captures == null ? List.of() : captures;
    }
}
