package io.hindsight.agent.filter;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;

/**
 * The regular expression of a capture policy. RE2's syntax: matching takes time linear in the name, whatever the expression. What the compiled expression needs is bounded by its length
 * and by the product of its counted repetitions, which the library itself would multiply out when they are nested.
 */
final class PodNamePattern {
    /** Product of all counts, as {@code {3}} and {@code {2,5}}. */
    static final int MAX_COUNT_PRODUCT = 1_000;

    private static final Pattern COUNTS = Pattern.compile("\\{(\\d{1,9})(?:,(\\d{0,9}))?}");

    private final Pattern pattern;

    private PodNamePattern(Pattern pattern) {
        this.pattern = pattern;
    }

    /** Compiles; INVALID_REQUEST naming the field where it cannot be used. */
    static PodNamePattern of(String regex) {
        Matcher counts = COUNTS.matcher(regex);
        long product = 1;
        while (counts.find() && product <= MAX_COUNT_PRODUCT) {
            String last = counts.group(2);
            product *= Math.max(1, Long.parseLong(last == null || last.isEmpty() ? counts.group(1) : last));
        }
        if (product > MAX_COUNT_PRODUCT) {
            throw refused("its counted repetitions make " + product + " or more, limit=" + MAX_COUNT_PRODUCT);
        }
        try {
            return new PodNamePattern(Pattern.compile(regex));
        } catch (PatternSyntaxException e) {
            throw refused(e.getDescription() + ": " + e.getPattern());
        }
    }

    private static HindsightException refused(String why) {
        return HindsightException.ofField(
                ErrorCode.INVALID_REQUEST, "regex", "regex is no RE2 expression that can be used: " + why + ".");
    }

    /** Whether it occurs in the name. */
    boolean isIn(String name) {
        return pattern.matcher(name).find();
    }
}
