package io.hindsight.hub.export;

import io.hindsight.time.EpochNanos;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Names of exported files: {@code <snapshot name>-<start in UTC>.<extension>}. */
final class ExportFileName {
    private static final int MAX_NAME_LENGTH = 100;
    private static final DateTimeFormatter START =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private ExportFileName() {}

    static String of(SnapshotFiles snapshot, ExportRequest request) {
        String name = safe(snapshot.name());
        Instant from = snapshot.from();
        if (request.window().fromNs() > EpochNanos.of(from)) {
            from = EpochNanos.toInstant(request.window().fromNs());
        }
        return (name.isEmpty() ? snapshot.id() : name)
                + "-"
                + START.format(from)
                + "."
                + request.format().fileExtension();
    }

    /** Letters and digits of every script stay; what a file system or shell could take for more than a name becomes a dash. */
    private static String safe(String name) {
        StringBuilder safe = new StringBuilder();
        name.codePoints()
                .limit(MAX_NAME_LENGTH)
                .forEach(c -> {
                    boolean keeps = Character.isLetterOrDigit(c) || c == '_' || (c == '.' && !safe.isEmpty());
                    if (keeps) {
                        safe.appendCodePoint(c);
                    } else if (!safe.isEmpty() && safe.charAt(safe.length() - 1) != '-') {
                        safe.append('-');
                    }
                });
        while (!safe.isEmpty() && "-.".indexOf(safe.charAt(safe.length() - 1)) >= 0) {
            safe.setLength(safe.length() - 1);
        }
        return safe.toString();
    }
}
