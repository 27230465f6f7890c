package io.hindsight.hub.custody;

import io.hindsight.api.CustodyAction;
import io.hindsight.api.CustodyAnchor;
import io.hindsight.api.CustodyEntry;
import io.hindsight.api.CustodyEvent;
import io.hindsight.api.CustodyOutcome;
import io.hindsight.error.HindsightException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a log that was found goes on. Lines up to the head were acknowledged: they are never touched. What follows them and is no sound line was being written
 * when the power failed or the Hub was killed: it is cut. Where an acknowledged line is missing or broken, the file is left as evidence and the log goes on in a new
 * one, above every number that was seen. All of it is told by lines of the action RECOVER.
 *
 * @param last the line that the next one follows
 * @param file goes on; null: a new one is begun
 * @param lengthBytes of that file, what is behind is cut
 * @param notes to be recorded
 */
record CustodyRecovery(CustodyAnchor last, @Nullable Path file, long lengthBytes, List<CustodyEvent> notes) {
    private static final CustodyAnchor BEGINNING = new CustodyAnchor(0, CustodyFormat.NO_DIGEST);

    /** One file, read as far as its lines follow each other. */
    private record Scan(
            Path file,
            CustodyAnchor last,
            long greatest,
            long soundBytes,
            long bytes,
            boolean unfinished,
            boolean contradictsHead) {
        boolean isSound() {
            return soundBytes == bytes;
        }
    }

    /** Looks at the newest file that holds anything. Blocks. */
    static CustodyRecovery find(Path folder) {
        Optional<CustodyAnchor> head = CustodyHead.read(folder);
        List<Path> files = CustodyFiles.of(folder);
        for (int i = files.size() - 1; i >= 0; i--) {
            Scan scan = scan(files.get(i), head.orElse(BEGINNING));
            if (scan.bytes() > 0) {
                return judge(scan, head, before(files, i, head), i == files.size() - 1);
            }
        }
        return head.filter(last -> last.sequence() > 0)
                .map(last -> goOnBehind(last, note("The log's files are missing.", Map.of())))
                .orElseGet(() -> new CustodyRecovery(BEGINNING, null, 0, List.of()));
    }

    private static CustodyRecovery goOnBehind(CustodyAnchor last, CustodyEvent note) {
        return new CustodyRecovery(last, null, 0, List.of(note));
    }

    /** What the first line of a file follows, where that file holds no sound line. */
    private static CustodyAnchor before(List<Path> files, int index, Optional<CustodyAnchor> head) {
        CustodyAnchor last = head.orElse(BEGINNING);
        return head.isPresent() || index == 0 ? last : scan(files.get(index - 1), BEGINNING).last();
    }

    private static Scan scan(Path file, CustodyAnchor head) {
        CustodyAnchor last = BEGINNING;
        long greatest = CustodyFiles.firstSequence(file) - 1;
        long soundBytes = 0;
        boolean sound = true;
        boolean contradictsHead = false;
        LineReader.Line line = null;
        long bytes = 0;
        try (LineReader reader = LineReader.open(file)) {
            for (line = reader.next(); line != null; line = reader.next()) {
                bytes = reader.offset();
                Optional<CustodyEntry> entry = understood(line);
                greatest = Math.max(greatest, entry.map(CustodyEntry::sequence).orElse(0L));
                sound = sound && entry.isPresent() && follows(entry.get(), last, file);
                if (sound) {
                    last = new CustodyAnchor(entry.orElseThrow().sequence(), entry.orElseThrow().digest());
                    soundBytes = bytes;
                    contradictsHead |= last.sequence() == head.sequence() && !last.equals(head);
                }
                if (!line.ended()) {
                    boolean onlyTail = soundBytes == line.offset();
                    return new Scan(file, last, greatest, soundBytes, bytes, onlyTail, contradictsHead);
                }
            }
        }
        return new Scan(file, last, greatest, soundBytes, bytes, false, contradictsHead);
    }

    private static boolean follows(CustodyEntry entry, CustodyAnchor last, Path file) {
        return last.sequence() == 0
                ? entry.sequence() == CustodyFiles.firstSequence(file)
                : entry.sequence() == last.sequence() + 1 && entry.previous().equals(last.digest());
    }

    private static Optional<CustodyEntry> understood(LineReader.Line line) {
        if (!line.ended() || line.isTooLong()) {
            return Optional.empty();
        }
        try {
            return Optional.of(CustodyLine.decode(line.bytes()));
        } catch (HindsightException broken) {
            return Optional.empty();
        }
    }

    private static CustodyRecovery judge(
            Scan scan, Optional<CustodyAnchor> head, CustodyAnchor before, boolean isNewest) {
        CustodyAnchor last = scan.last().sequence() == 0 ? before : scan.last();
        boolean reachesHead = head.isEmpty() || last.sequence() >= head.get().sequence();
        boolean cuttable = head.isPresent() || scan.unfinished();
        boolean followsOn =
                scan.last().sequence() > 0 || last.sequence() + 1 == CustodyFiles.firstSequence(scan.file());
        if (!reachesHead || scan.contradictsHead() || !followsOn || !(scan.isSound() || cuttable)) {
            return damaged(scan, head.orElse(BEGINNING));
        }
        List<CustodyEvent> notes = new ArrayList<>();
        if (!scan.isSound()) {
            notes.add(note("A line that was never finished was cut off.", place(scan)));
        }
        if (head.isEmpty()) {
            notes.add(note("The file that names the log's last line was missing or not readable.", Map.of()));
        }
        return new CustodyRecovery(last, isNewest ? scan.file() : null, scan.soundBytes(), notes);
    }

    private static CustodyRecovery damaged(Scan scan, CustodyAnchor head) {
        CustodyAnchor known = head.sequence() >= scan.last().sequence() ? head : scan.last();
        CustodyAnchor above = new CustodyAnchor(Math.max(known.sequence(), scan.greatest()), known.digest());
        return goOnBehind(above, note("Lines that were acknowledged are missing or broken.", place(scan)));
    }

    private static Map<String, String> place(Scan scan) {
        return Map.of(
                "file", String.valueOf(scan.file().getFileName()),
                "offset", Long.toString(scan.soundBytes()),
                "bytes", Long.toString(scan.bytes() - scan.soundBytes()),
                "last", Long.toString(scan.last().sequence()));
    }

    private static CustodyEvent note(String what, Map<String, String> place) {
        Map<String, String> details = new HashMap<>(place);
        details.put("what", what);
        return new CustodyEvent(CustodyAction.RECOVER, null, null, "hub", null, CustodyOutcome.DONE, null, details);
    }
}
