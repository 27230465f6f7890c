package io.hindsight.hub.custody;

import io.hindsight.api.CustodyAnchor;
import io.hindsight.api.CustodyEntry;
import io.hindsight.api.CustodyReport;
import io.hindsight.api.CustodyReport.Fault;
import io.hindsight.api.CustodyReport.Kind;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the log and checks every line against the one before; names the first that is broken and what happened to it. Of a folder it also checks that nothing is
 * missing at the end (the head), and that the manifests of sealed snapshots beside it name lines as they are in the log. Needs no Hub, and does not disturb one that is
 * running. Blocks. Used once.
 */
public final class CustodyVerifier {
    private final Path path;
    private final List<Path> files;
    private final Optional<CustodyAnchor> head;
    private final SealedAnchors anchors;
    private @Nullable CustodyAnchor last;
    private long lines;

    private CustodyVerifier(Path path, List<Path> files, Optional<CustodyAnchor> head, SealedAnchors anchors) {
        this.path = path;
        this.files = files;
        this.head = head;
        this.anchors = anchors;
    }

    /**
     * Verifies one file of a log, the log's folder, or the volume or data folder that it is in.
     *
     * @throws HindsightException NOT_FOUND where there is no log, IO_FAILED
     */
    public static CustodyReport verify(Path path) {
        if (Files.isRegularFile(path)) {
            return new CustodyVerifier(path, List.of(path), Optional.empty(), SealedAnchors.NONE).run();
        }
        Path folder = folder(path);
        // The head first: a Hub that is running may write more meanwhile, and never less.
        Optional<CustodyAnchor> head = CustodyHead.read(folder);
        List<Path> files = CustodyFiles.of(folder);
        if (files.isEmpty() && head.isEmpty()) {
            throw noLog(path);
        }
        SealedAnchors anchors = SealedAnchors.beside(folder);
        return new CustodyVerifier(path, CustodyFiles.of(folder), head, anchors).run();
    }

    private static Path folder(Path path) {
        for (Path folder :
                List.of(
                        path.resolve(CustodyFormat.FOLDER),
                        path.resolve("snapshots").resolve(CustodyFormat.FOLDER),
                        path)) {
            if (Files.isDirectory(folder)) {
                return folder;
            }
        }
        throw noLog(path);
    }

    private static HindsightException noLog(Path path) {
        return new HindsightException(ErrorCode.NOT_FOUND, "There is no custody log at " + path + ".");
    }

    private CustodyReport run() {
        Fault fault = null;
        for (int i = 0; i < files.size() && fault == null; i++) {
            fault = read(i);
        }
        if (fault == null) {
            fault = missingEnd();
        }
        CustodyAnchor end = lastOrNothing();
        return new CustodyReport(
                path.toString(),
                fault == null,
                files.size(),
                lines,
                anchors.count(),
                end.sequence(),
                end.digest(),
                fault);
    }

    private CustodyAnchor lastOrNothing() {
        CustodyAnchor known = last;
        return known == null ? new CustodyAnchor(0, CustodyFormat.NO_DIGEST) : known;
    }

    private @Nullable Fault read(int index) {
        Path file = files.get(index);
        try (LineReader reader = LineReader.open(file)) {
            for (LineReader.Line line = reader.next(); line != null; line = reader.next()) {
                if (!line.ended()) {
                    return unfinished(index, line);
                }
                Fault fault = check(index, line);
                if (fault != null) {
                    return fault;
                }
                lines++;
            }
        }
        return null;
    }

    /** What a Hub is writing just now, or had not finished when it ended, was told to nobody. */
    private @Nullable Fault unfinished(int index, LineReader.Line line) {
        boolean atTheEnd = index == files.size() - 1;
        boolean toldToNobody = head.isPresent() && lastOrNothing().sequence() >= head.get().sequence();
        return atTheEnd && toldToNobody
                ? null
                : fault(Kind.CUT_OFF, index, line, "The file ends in the middle of this line.");
    }

    private @Nullable Fault check(int index, LineReader.Line line) {
        CustodyEntry entry;
        try {
            if (line.isTooLong()) {
                return fault(
                        Kind.CHANGED,
                        index,
                        line,
                        "The line is longer than " + CustodyFormat.MAX_LINE_BYTES + " bytes: it is none of this log.");
            }
            entry = CustodyLine.decode(line.bytes());
        } catch (HindsightException broken) {
            return fault(Kind.CHANGED, index, line, "The line was changed: " + broken.getMessage() + ".");
        }
        Fault fault = last == null ? first(index, line, entry) : follows(index, line, entry);
        if (fault != null) {
            return fault;
        }
        last = new CustodyAnchor(entry.sequence(), entry.digest());
        return contradiction(index, line);
    }

    private @Nullable Fault first(int index, LineReader.Line line, CustodyEntry entry) {
        Path file = files.get(index);
        boolean whole = !files.get(0).equals(path);
        long expected =
                !whole && CustodyFiles.isNamed(file) ? CustodyFiles.firstSequence(file) : whole ? 1 : entry.sequence();
        if (entry.sequence() > expected) {
            return removedOrMoved(index, line, entry, new CustodyAnchor(expected - 1, CustodyFormat.NO_DIGEST));
        }
        if (entry.sequence() < expected) {
            return fault(
                    Kind.INSERTED,
                    index,
                    line,
                    "A line of sequence=" + entry.sequence() + " stands before sequence=" + expected + ".");
        }
        return entry.sequence() == 1 && !entry.previous().equals(CustodyFormat.NO_DIGEST)
                ? fault(Kind.CHANGED, index, line, "The first line of a log names a line before it.")
                : null;
    }

    private @Nullable Fault follows(int index, LineReader.Line line, CustodyEntry entry) {
        CustodyAnchor before = lastOrNothing();
        if (entry.sequence() <= before.sequence()) {
            return fault(
                    Kind.INSERTED,
                    index,
                    line,
                    "A line of sequence=" + entry.sequence() + " stands behind sequence=" + before.sequence() + ".");
        }
        if (entry.sequence() > before.sequence() + 1) {
            return removedOrMoved(index, line, entry, before);
        }
        if (entry.previous().equals(before.digest())) {
            return null;
        }
        return standsLater(index, line, before)
                ? fault(
                        Kind.INSERTED,
                        index,
                        line,
                        "The line is not of this log: the one that belongs here stands later.")
                : fault(
                        Kind.CHANGED,
                        index,
                        line,
                        "The line names another one before it than the one that stands there: one of the two was"
                                + " changed and its digest computed anew.");
    }

    private Fault removedOrMoved(int index, LineReader.Line line, CustodyEntry entry, CustodyAnchor before) {
        long expected = before.sequence() + 1;
        return standsLater(index, line, before)
                ? fault(
                        Kind.REORDERED,
                        index,
                        line,
                        "Sequence="
                                + entry.sequence()
                                + " stands where sequence="
                                + expected
                                + " belongs, which stands later.")
                : fault(
                        Kind.REMOVED,
                        index,
                        line,
                        "Lines are missing before this one: sequence="
                                + expected
                                + " to "
                                + (entry.sequence() - 1)
                                + ".");
    }

    /** Whether the line that belongs behind this one stands somewhere further on. */
    private boolean standsLater(int index, LineReader.Line from, CustodyAnchor before) {
        for (int i = index; i < files.size(); i++) {
            try (LineReader reader = LineReader.open(files.get(i))) {
                for (LineReader.Line line = reader.next(); line != null; line = reader.next()) {
                    boolean further = i > index || line.number() > from.number();
                    if (further && line.ended() && isNext(line, before)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private static boolean isNext(LineReader.Line line, CustodyAnchor before) {
        try {
            CustodyEntry entry = CustodyLine.decode(line.bytes());
            boolean first = before.digest().equals(CustodyFormat.NO_DIGEST);
            return entry.sequence() == before.sequence() + 1 && (first || entry.previous().equals(before.digest()));
        } catch (HindsightException broken) {
            return false;
        }
    }

    private @Nullable Fault contradiction(int index, LineReader.Line line) {
        CustodyAnchor here = lastOrNothing();
        if (head.isPresent() && head.get().sequence() == here.sequence() && !head.get().equals(here)) {
            return fault(
                    Kind.CHANGED,
                    index,
                    line,
                    "The file "
                            + CustodyFormat.HEAD_FILE
                            + " has another digest of this line: the log was written anew, or that file.");
        }
        return anchors.contradicting(here)
                .map(id ->
                        fault(
                                Kind.CHANGED,
                                index,
                                line,
                                "The manifest of snapshot="
                                        + id
                                        + " has another digest of this line: the log was written anew up to here, or the manifest."))
                .orElse(null);
    }

    private @Nullable Fault missingEnd() {
        long end = lastOrNothing().sequence();
        long told = head.map(CustodyAnchor::sequence).orElse(0L);
        if (told > end) {
            return endFault(
                    "The log's end is missing: the file "
                            + CustodyFormat.HEAD_FILE
                            + " names sequence="
                            + told
                            + " as its last.");
        }
        return anchors.behind(end)
                .map(id ->
                        endFault("The log's end is missing: the manifest of snapshot=" + id + " names a later line."))
                .orElse(null);
    }

    private Fault endFault(String detail) {
        String file = files.isEmpty() ? CustodyFormat.HEAD_FILE : String.valueOf(files.getLast().getFileName());
        return new Fault(Kind.REMOVED, file, 0, lastOrNothing().sequence() + 1, detail);
    }

    private Fault fault(Kind kind, int index, LineReader.Line line, String detail) {
        return new Fault(
                kind,
                String.valueOf(files.get(index).getFileName()),
                line.number(),
                lastOrNothing().sequence() + 1,
                detail);
    }
}
