package io.hindsight.config;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number of bytes, written as Kubernetes writes quantities: {@code 512}, {@code 64Ki}, {@code 1Gi}, {@code 20G}. Immutable.
 *
 * @param bytes at least 0
 */
public record DataSize(long bytes) {
    private static final Pattern SYNTAX = Pattern.compile("(\\d{1,18})\\s*(|[KMGT]i?)B?", Pattern.CASE_INSENSITIVE);
    private static final Map<String, Long> UNITS =
            Map.of(
                    "",
                    1L,
                    "k",
                    1_000L,
                    "ki",
                    1L << 10,
                    "m",
                    1_000_000L,
                    "mi",
                    1L << 20,
                    "g",
                    1_000_000_000L,
                    "gi",
                    1L << 30,
                    "t",
                    1_000_000_000_000L,
                    "ti",
                    1L << 40);

    public DataSize {
        if (bytes < 0) {
            throw new HindsightException(ErrorCode.INVALID_CONFIGURATION, "A size is at least 0; got " + bytes + ".");
        }
    }

    /** Parses {@code 1Gi}; anything else is {@link ErrorCode#INVALID_CONFIGURATION}. */
    public static DataSize parse(String text) {
        Matcher matcher = SYNTAX.matcher(text.strip());
        if (!matcher.matches()) {
            throw new HindsightException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "Not a size: \""
                            + text
                            + "\". Write a number with K, M, G, T (powers of 1000) or Ki, Mi, Gi, Ti (of 1024), for example 1Gi.");
        }
        long unit = UNITS.getOrDefault(matcher.group(2).toLowerCase(Locale.ROOT), 1L);
        try {
            return new DataSize(Math.multiplyExact(Long.parseLong(matcher.group(1)), unit));
        } catch (ArithmeticException tooLarge) {
            throw new HindsightException(
                    ErrorCode.INVALID_CONFIGURATION, "The size \"" + text + "\" does not fit in 63 bits.");
        }
    }

    /** The largest binary unit that divides it: {@code 1Gi}, {@code 1536Mi}, {@code 100}. */
    @Override
    public String toString() {
        String[] suffixes = {"", "Ki", "Mi", "Gi", "Ti"};
        int power = 0;
        long value = bytes;
        while (power < suffixes.length - 1 && value != 0 && value % 1024 == 0) {
            value /= 1024;
            power++;
        }
        return value + suffixes[power];
    }
}
