package io.hindsight.hub.snapshot;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.time.Durations;
import java.time.Duration;

/** The length of a window: {@code 5m}, {@code 1h30m}, {@code 12h}, {@code 2d}, or ISO 8601 ({@code PT5M}). */
final class WindowLength {
    /** The longest. */
    static final Duration MAX = Duration.ofDays(366);

    private static final String FIELD = "last";
    private static final int MAX_TEXT_LENGTH = 40;

    private WindowLength() {}

    static Duration parse(String text) {
        Duration length = read(text);
        if (length.isZero() || length.isNegative() || length.compareTo(MAX) > 0) {
            throw HindsightException.ofField(
                    ErrorCode.INVALID_WINDOW,
                    FIELD,
                    "The window's length last=" + text + " is not above 0 and at most 366d.");
        }
        return length;
    }

    private static Duration read(String text) {
        try {
            return Durations.parse(text.length() <= MAX_TEXT_LENGTH ? text : text.substring(0, MAX_TEXT_LENGTH) + "…");
        } catch (HindsightException | ArithmeticException e) {
            throw HindsightException.ofField(ErrorCode.INVALID_REQUEST, FIELD, String.valueOf(e.getMessage()));
        }
    }
}
