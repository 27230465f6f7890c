package io.hindsight.hub.snapshot;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the length of a window: {@code 5m}, {@code 1h30m}, {@code 12h}, {@code 2d}, {@code 90s}, or ISO 8601 ({@code PT5M}). */
final class WindowLength {
    /** The longest. */
    static final Duration MAX = Duration.ofDays(366);

    private static final String FIELD = "last";
    private static final int MAX_TEXT_LENGTH = 40;
    private static final Pattern SHORT =
            Pattern.compile("(?:(\\d{1,9})d)?(?:(\\d{1,9})h)?(?:(\\d{1,9})m)?(?:(\\d{1,9})s)?(?:(\\d{1,9})ms)?");

    private WindowLength() {}

    static Duration parse(String text) {
        Duration length = text.length() > MAX_TEXT_LENGTH ? null : read(text.strip());
        if (length == null) {
            throw HindsightException.ofField(
                    ErrorCode.INVALID_REQUEST,
                    FIELD,
                    "Not the length of a window. Write for example last=5m, 1h30m, 12h, 2d, or ISO 8601 as PT5M.");
        }
        if (length.isZero() || length.isNegative() || length.compareTo(MAX) > 0) {
            throw HindsightException.ofField(
                    ErrorCode.INVALID_WINDOW,
                    FIELD,
                    "The window's length last=" + text + " is not above 0 and at most 366d.");
        }
        return length;
    }

    private static @Nullable Duration read(String text) {
        Matcher units = SHORT.matcher(text.toLowerCase(Locale.ROOT));
        if (!text.isEmpty() && units.matches()) {
            return Duration.ofDays(number(units, 1))
                    .plusHours(number(units, 2))
                    .plusMinutes(number(units, 3))
                    .plusSeconds(number(units, 4))
                    .plusMillis(number(units, 5));
        }
        try {
            return Duration.parse(text);
        } catch (DateTimeParseException neither) {
            return null;
        }
    }

    private static long number(Matcher units, int group) {
        String digits = units.group(group);
        return digits == null ? 0 : Long.parseLong(digits);
    }
}
