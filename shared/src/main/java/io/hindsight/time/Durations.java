package io.hindsight.time;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Lengths of time as people write them: {@code 500ms}, {@code 5m}, {@code 1h30m}, {@code 2d}, or ISO 8601 ({@code PT5M}). */
public final class Durations {
    private static final Pattern SHORT =
            Pattern.compile("(?:(\\d{1,9})d)?(?:(\\d{1,9})h)?(?:(\\d{1,9})m(?!s))?(?:(\\d{1,9})s)?(?:(\\d{1,9})ms)?");

    private Durations() {}

    /** Parses either form; anything else is {@link ErrorCode#INVALID_REQUEST} with an example. */
    public static Duration parse(String text) {
        String compact = text.strip().toLowerCase(Locale.ROOT);
        Matcher matcher = SHORT.matcher(compact);
        if (!compact.isEmpty() && matcher.matches()) {
            return Duration.ofDays(part(matcher, 1))
                    .plusHours(part(matcher, 2))
                    .plusMinutes(part(matcher, 3))
                    .plusSeconds(part(matcher, 4))
                    .plusMillis(part(matcher, 5));
        }
        try {
            return Duration.parse(compact);
        } catch (DateTimeParseException neither) {
            throw new HindsightException(
                    ErrorCode.INVALID_REQUEST,
                    "Not a length of time: \"" + text + "\". Write for example 30s, 5m, 1h30m, 2d or PT5M.");
        }
    }

    /** The short form, to the millisecond: {@code 1h30m}, {@code 250ms}, {@code 0s}. */
    public static String format(Duration length) {
        if (length.toMillis() <= 0) {
            return "0s";
        }
        StringBuilder text = new StringBuilder();
        append(text, length.toDaysPart(), "d");
        append(text, length.toHoursPart(), "h");
        append(text, length.toMinutesPart(), "m");
        append(text, length.toSecondsPart(), "s");
        append(text, length.toMillisPart(), "ms");
        return text.toString();
    }

    private static void append(StringBuilder text, long value, String unit) {
        if (value > 0) {
            text.append(value).append(unit);
        }
    }

    private static long part(Matcher matcher, int group) {
        String digits = matcher.group(group);
        return digits == null ? 0 : Long.parseLong(digits);
    }
}
