package io.hindsight.launcher.client;

import io.hindsight.error.HindsightException;
import io.hindsight.time.Durations;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Instants as people write them: {@code 2026-11-22T21:30:00Z}, with an offset, without one (this machine's zone), {@code now}, how
 * long ago: {@code -5m}, or how long from now: {@code +10m}.
 */
final class TimeOption implements ITypeConverter<Instant> {
    @Override
    public Instant convert(String text) {
        if (text.equals("now")) {
            return Instant.now();
        }
        try {
            return switch (text.isEmpty() ? ' ' : text.charAt(0)) {
                case '-' -> Instant.now().minus(Durations.parse(text.substring(1)));
                case '+' -> Instant.now().plus(Durations.parse(text.substring(1)));
                default -> absolute(text);
            };
        } catch (DateTimeParseException | HindsightException malformed) {
            throw new TypeConversionException(
                    "'"
                            + text
                            + "' is not a time; write 2026-11-22T21:30:00Z, 2026-11-22T22:30 (this machine's zone), now, -5m, or +10m");
        }
    }

    private static Instant absolute(String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeParseException withoutOffset) {
            return LocalDateTime.parse(text).atZone(ZoneId.systemDefault()).toInstant();
        }
    }
}
