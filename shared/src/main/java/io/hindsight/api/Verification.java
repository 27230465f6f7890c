package io.hindsight.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How the newest verification of a sealed snapshot ended: one that was asked for, or one that the Hub made in the background.
 *
 * @param at when it ended
 * @param intact whether nothing was found
 * @param violationCount how many violations were found
 * @param first the first of them
 */
public record Verification(Instant at, boolean intact, long violationCount, @Nullable Violation first) {
    /** The outcome of a report. */
    public static Verification of(VerifyReport report, Instant at) {
        Violation first = report.violations().isEmpty() ? null : report.violations().getFirst();
        return new Verification(at, report.intact(), report.violationCount(), first);
    }
}
