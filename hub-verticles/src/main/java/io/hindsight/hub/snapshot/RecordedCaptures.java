package io.hindsight.hub.snapshot;

import io.hindsight.api.CaptureChange;
import io.hindsight.api.CapturePolicy;
import io.hindsight.bus.ExtentPlan;
import io.hindsight.error.HindsightException;
import io.hindsight.json.JsonMapping;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a node recorded when, as its plans tell it: from the change that was in force at the window's start on. An agent's word: it is cut to what a manifest of
 * a thousand nodes has room for, the oldest left out first, and counted. Immutable.
 *
 * @param changes oldest first
 * @param leftOut how many there were beside
 */
record RecordedCaptures(List<CaptureChange> changes, int leftOut) {
    /** Of a node's changes as JSON, the newest in any case. */
    static final int MAX_BYTES = 48 << 10;

    /** Characters of an expression, and of a problem. */
    static final int MAX_TEXT_LENGTH = 2_048;

    static final RecordedCaptures NONE = new RecordedCaptures(List.of(), 0);

    RecordedCaptures {
        changes = List.copyOf(changes);
    }

    /** What a plan, or a remembered one, tells. */
    static RecordedCaptures of(List<CaptureChange> told) {
        return NONE.with(told);
    }

    /** With what another plan of the same window tells: an agent that was started anew may remember less. */
    RecordedCaptures with(List<CaptureChange> told) {
        List<CaptureChange> all =
                Stream.concat(changes.stream(), told.stream().map(RecordedCaptures::cut))
                        .distinct()
                        .sorted(Comparator.comparingLong(CaptureChange::fromNs))
                        .toList();
        int first = all.size();
        long bytes = 0;
        while (first > 0 && all.size() - first < ExtentPlan.MAX_CAPTURES) {
            bytes += JsonMapping.toJson(all.get(first - 1)).encode().length();
            if (bytes > MAX_BYTES && first < all.size()) {
                break;
            }
            first--;
        }
        return new RecordedCaptures(all.subList(first, all.size()), Math.max(leftOut, first));
    }

    private static CaptureChange cut(CaptureChange told) {
        return new CaptureChange(
                told.fromNs(),
                told.revision(),
                possible(told.policy()),
                cut(told.changedBy()),
                String.valueOf(cut(told.expression())),
                told.pods(),
                cut(told.problem()));
    }

    /** One beyond its bounds no Hub has ever told. */
    private static @Nullable CapturePolicy possible(@Nullable CapturePolicy policy) {
        try {
            return policy == null ? null : policy.checked();
        } catch (HindsightException impossible) {
            return null;
        }
    }

    private static @Nullable String cut(@Nullable String text) {
        return text == null || text.length() <= MAX_TEXT_LENGTH ? text : text.substring(0, MAX_TEXT_LENGTH) + "…";
    }
}
