package io.hindsight.launcher.client;

import io.hindsight.error.HindsightException;
import io.hindsight.time.Durations;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Instants to come as people write them: {@code 2027-01-31T00:00:00Z}, with an offset, without one (this machine's zone), or how long from now: {@code 7d}. */
final class DeadlineOption implements ITypeConverter<Instant> {
    @Override
    public Instant convert(String text) {
        try {
            return text.contains(":") || (text.contains("T") && !text.startsWith("PT"))
                    ? absolute(text)
                    : Instant.now().plus(Durations.parse(text));
        } catch (DateTimeException | ArithmeticException | HindsightException malformed) {
            throw new TypeConversionException(
                    "'"
                            + text
                            + "' is not a time to come; write 2027-01-31T00:00:00Z, 2027-01-31T01:00 (this machine's zone), or 7d");
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
