package io.hindsight.hub.resolve;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;

/**
 * A regular expression from a user. RE2's syntax: matching takes time linear in the name, whatever the expression. What the compiled expression needs is bounded by the
 * expression's length and by the product of its counted repetitions, which the library itself would multiply out when they are nested. Thread-safe.
 */
public final class NamePattern {
    /** Characters of an expression. */
    static final int MAX_LENGTH = 256;

    /** Product of all counts, as {@code {3}} and {@code {2,5}}. */
    static final int MAX_REPETITIONS = 1_000;

    private static final java.util.regex.Pattern COUNTS =
            java.util.regex.Pattern.compile("\\{(\\d{1,9})(?:,(\\d{0,9}))?}");

    private final Pattern pattern;

    private NamePattern(Pattern pattern) {
        this.pattern = pattern;
    }

    /** @throws HindsightException INVALID_REQUEST naming the field */
    static NamePattern of(String expression, String field) {
        return of(expression, field, MAX_LENGTH);
    }

    /**
     * One of another length at most.
     *
     * @throws HindsightException INVALID_REQUEST naming the field
     */
    public static NamePattern of(String expression, String field, int maxLength) {
        if (expression.length() > maxLength) {
            throw refusal(field, "it has length=" + expression.length() + ", limit=" + maxLength);
        }
        requireFewRepetitions(expression, field);
        try {
            return new NamePattern(Pattern.compile(expression));
        } catch (PatternSyntaxException e) {
            throw refusal(field, e.getDescription() + ": " + e.getPattern());
        }
    }

    private static void requireFewRepetitions(String expression, String field) {
        java.util.regex.Matcher counts = COUNTS.matcher(expression);
        long product = 1;
        while (counts.find() && product <= MAX_REPETITIONS) {
            String last = counts.group(2);
            product *= Math.max(1, Long.parseLong(last == null || last.isEmpty() ? counts.group(1) : last));
        }
        if (product > MAX_REPETITIONS) {
            throw refusal(field, "its counted repetitions make " + product + " or more, limit=" + MAX_REPETITIONS);
        }
    }

    private static HindsightException refusal(String field, String why) {
        return HindsightException.ofField(
                ErrorCode.INVALID_REQUEST,
                field,
                "The parameter " + field + " is no regular expression that can be used: " + why + ".");
    }

    /** Whether it occurs in the name. */
    public boolean isIn(String name) {
        return pattern.matcher(name).find();
    }
}
