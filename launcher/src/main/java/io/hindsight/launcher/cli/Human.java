package io.hindsight.launcher.cli;

import java.time.Duration;
import java.util.Locale;

/** Numbers as people read them. */
public final class Human {
    private static final String[] BINARY_UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

    private static final String[] DECIMAL_UNITS = {"ns", "µs", "ms", "s"};

    private Human() {}

    /** {@code 812 B}, {@code 1.4 MiB}. */
    public static String bytes(double bytes) {
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < BINARY_UNITS.length - 1) {
            value /= 1024;
            unit++;
        }
        return unit == 0
                ? String.format(Locale.ROOT, "%.0f B", value)
                : String.format(Locale.ROOT, value < 10 ? "%.1f %s" : "%.0f %s", value, BINARY_UNITS[unit]);
    }

    /** As {@link #bytes(double)}. */
    public static String bytes(long bytes) {
        return bytes((double) bytes);
    }

    /** {@code 12,345}. */
    public static String count(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    /** {@code 850 ns}, {@code 1.50 µs}, {@code 2.35 ms}, {@code 1.20 s}; a negative one with its sign. */
    public static String nanos(long length) {
        double value = length;
        int unit = 0;
        while (Math.abs(value) >= 1_000 && unit < DECIMAL_UNITS.length - 1) {
            value /= 1_000;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.2f %s", value, DECIMAL_UNITS[unit]);
    }

    /** {@code 850 ms}, {@code 2.4 s}, {@code 3 min 20 s}, {@code 5 h 4 min}, {@code 2 d 3 h}. */
    public static String duration(Duration length) {
        long seconds = length.toSeconds();
        if (seconds < 1) {
            return length.toMillis() + " ms";
        }
        if (seconds < 60) {
            return String.format(Locale.ROOT, "%.1f s", length.toMillis() / 1000.0);
        }
        if (seconds < 3_600) {
            return length.toMinutes() + " min " + length.toSecondsPart() + " s";
        }
        if (seconds < 86_400) {
            return length.toHours() + " h " + length.toMinutesPart() + " min";
        }
        return length.toDays() + " d " + length.toHoursPart() + " h";
    }
}
