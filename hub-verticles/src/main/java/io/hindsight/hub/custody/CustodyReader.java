package io.hindsight.hub.custody;

import io.hindsight.api.CustodyAnchor;
import io.hindsight.api.CustodyEntry;
import io.hindsight.api.CustodyPage;
import io.hindsight.api.CustodyQuery;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Lists the log, the newest line first. A page reads {@value #MAX_FILES} files at most, and says where the next one begins; of a file it keeps no more than the page
 * holds. Lines that are broken are passed over and counted: {@link CustodyVerifier} says what is wrong with them. Blocks. Used once.
 */
final class CustodyReader {
    static final int DEFAULT_LIMIT = 100;
    static final int MAX_LIMIT = 1_000;

    /** 128 MiB. */
    static final int MAX_FILES = 2;

    private final Path folder;
    private final CustodyQuery query;
    private final int limit;
    private final List<CustodyEntry> found = new ArrayList<>();
    private int unreadable;

    CustodyReader(Path folder, CustodyQuery query) {
        this.folder = folder;
        this.query = query;
        this.limit = Objects.requireNonNullElse(query.limit(), DEFAULT_LIMIT);
        if (limit < 1 || limit > MAX_LIMIT) {
            throw HindsightException.ofField(
                    ErrorCode.INVALID_REQUEST, "limit", "The limit is 1 to " + MAX_LIMIT + ", got " + limit + ".");
        }
    }

    CustodyPage page(CustodyAnchor last) {
        long before = Objects.requireNonNullElse(query.before(), Long.MAX_VALUE);
        List<Path> files = Files.isDirectory(folder) ? CustodyFiles.of(folder) : List.of();
        int newest = files.size() - 1;
        while (newest >= 0 && CustodyFiles.firstSequence(files.get(newest)) >= before) {
            newest--;
        }
        int oldest = newest;
        while (oldest >= 0 && newest - oldest < MAX_FILES && found.size() < limit) {
            read(files.get(oldest), before);
            oldest--;
        }
        return new CustodyPage(found, next(oldest >= 0, files, oldest), unreadable, last.sequence(), last.digest());
    }

    private @Nullable Long next(boolean olderFiles, List<Path> files, int oldest) {
        if (found.size() == limit) {
            long lowest = found.getLast().sequence();
            return lowest > 1 ? lowest : null;
        }
        return olderFiles ? (Long) CustodyFiles.firstSequence(files.get(oldest + 1)) : null;
    }

    private void read(Path file, long before) {
        int room = limit - found.size();
        Deque<byte[]> newest = new ArrayDeque<>();
        try (LineReader reader = LineReader.open(file)) {
            for (LineReader.Line line = reader.next(); line != null; line = reader.next()) {
                // A last line without an end is being written now.
                if (line.ended() && sequence(line.bytes()) < before && matches(line)) {
                    newest.addLast(line.bytes());
                    if (newest.size() > room) {
                        newest.removeFirst();
                    }
                }
            }
        }
        while (!newest.isEmpty()) {
            add(newest.removeLast());
        }
    }

    /** Without understanding the line: most are passed over. */
    private static long sequence(byte[] line) {
        byte[] start = CustodyFormat.LINE_START;
        long sequence = 0;
        for (int i = start.length; i < line.length && i < start.length + CustodyFormat.SEQUENCE_DIGITS; i++) {
            if (line[i] < '0' || line[i] > '9') {
                break;
            }
            sequence = sequence * 10 + (line[i] - '0');
        }
        return sequence;
    }

    /** Without a filter every line does, and is understood only if it ends up on the page. */
    private boolean matches(LineReader.Line line) {
        if (!isFiltered()) {
            return true;
        }
        if (!mayMatch(line.bytes())) {
            return false;
        }
        CustodyEntry entry = understood(line.bytes());
        return entry != null
                && is(query.snapshot(), entry.snapshot())
                && is(query.action(), entry.action())
                && is(query.who(), entry.who())
                && (query.from() == null || !entry.time().isBefore(query.from()))
                && (query.to() == null || entry.time().isBefore(query.to()));
    }

    private boolean isFiltered() {
        return query.snapshot() != null
                || query.action() != null
                || query.who() != null
                || query.from() != null
                || query.to() != null;
    }

    /** An id stands in a line as it is: no line without it can be meant. */
    private boolean mayMatch(byte[] line) {
        String id = query.snapshot();
        return id == null || new String(line, StandardCharsets.ISO_8859_1).contains('"' + id + '"');
    }

    private static boolean is(@Nullable String asked, @Nullable String found) {
        return asked == null || asked.equals(found);
    }

    private void add(byte[] line) {
        CustodyEntry entry = understood(line);
        if (entry == null) {
            unreadable++;
        } else {
            found.add(entry);
        }
    }

    private static @Nullable CustodyEntry understood(byte[] line) {
        try {
            return CustodyLine.decode(line);
        } catch (HindsightException broken) {
            return null;
        }
    }
}
