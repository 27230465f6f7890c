package io.hindsight.hub.export;

import io.hindsight.api.CaptureChange;
import io.hindsight.event.EventEntry;
import io.hindsight.pcapng.JournalEntryWriter;
import io.hindsight.pcapng.JournalExportBlockDescriptor;
import io.hindsight.time.EpochNanos;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What a node recorded from some moment of an export on, as the manifest tells it: a journal entry of its own, between the records. FORMAT.md tells its fields. Immutable.
 *
 * @param timeNs where it stands, by the exported times
 * @param sinceNs from when on, by the exported times: before {@code timeNs} for what was in force at the start
 * @param node name
 * @param change what the agent said
 */
record CaptureNote(long timeNs, long sinceNs, String node, CaptureChange change) {
    static final Comparator<CaptureNote> BY_TIME =
            Comparator.comparingLong(CaptureNote::timeNs).thenComparing(CaptureNote::node);

    /** The value of {@code HINDSIGHT_KIND}, and the source of a line of NDJSON. */
    static final String KIND = "capture";

    private static final String IDENTIFIER = "hindsight-capture";

    /** Of an expression, in a sentence; the record has it as it is. */
    private static final int MAX_EXPRESSION_LENGTH = 200;

    private static final int MAX_PROBLEM_LENGTH = 500;
    private static final int NOTICE = 5;
    private static final int WARNING = 4;

    /**
     * One for what was in force at the start, and one for each change up to the end; none where that was everything, all the time.
     *
     * @param changes oldest first
     * @param startNs of what is exported of the node, by the exported times
     * @param endNs the same
     * @param shiftNs what is added to the node's times
     */
    static List<CaptureNote> of(String node, List<CaptureChange> changes, long startNs, long endNs, long shiftNs) {
        List<CaptureNote> notes = new ArrayList<>();
        for (CaptureChange change : changes) {
            long sinceNs = change.fromNs() + shiftNs;
            if (sinceNs <= startNs) {
                notes.clear();
                notes.add(new CaptureNote(startNs, sinceNs, node, change));
            } else if (sinceNs < endNs) {
                notes.add(new CaptureNote(sinceNs, sinceNs, node, change));
            }
        }
        return notes.stream().noneMatch(note -> note.change().restricts()) ? List.of() : notes;
    }

    /** Whether it was so before the export's start. */
    boolean isOfStart() {
        return sinceNs < timeNs;
    }

    /** A sentence for people, on one line. */
    String message() {
        String expression = change.expression().isEmpty() ? "everything" : change.expression();
        return plain(
                node
                        + " records: "
                        + cut(expression, MAX_EXPRESSION_LENGTH)
                        + (change.changedBy() == null
                                ? ""
                                : ", revision " + change.revision() + " by " + cut(change.changedBy(), 100))
                        + (isOfStart() ? ", since " + EpochNanos.format(sinceNs) : "")
                        + (change.problem() == null ? "" : "; problem: " + cut(change.problem(), MAX_PROBLEM_LENGTH)));
    }

    private static String cut(String text, int maxLength) {
        return text.length() <= maxLength ? text : text.substring(0, maxLength) + " …";
    }

    /** It comes from an agent: no control characters, which would end a line or take over a terminal. */
    private static String plain(String text) {
        StringBuilder plain = new StringBuilder(text.length());
        text.codePoints().forEach(c -> plain.appendCodePoint(Character.isISOControl(c) ? ' ' : c));
        return plain.toString();
    }

    /** As a Journal Export Block. */
    byte[] block() {
        byte[] json = EventEntry.json(change);
        String message = message();
        JournalEntryWriter writer =
                new JournalEntryWriter(4_096 + 4 * message.length() + 2 * json.length)
                        .begin(timeNs)
                        .field(JournalExportBlockDescriptor.MESSAGE, message)
                        .field(JournalExportBlockDescriptor.PRIORITY, change.problem() == null ? NOTICE : WARNING)
                        .field(JournalExportBlockDescriptor.SYSLOG_IDENTIFIER, IDENTIFIER)
                        .field("HINDSIGHT_KIND", KIND)
                        .field("HINDSIGHT_NODE", node)
                        .field("CAPTURE_REVISION", change.revision())
                        .field("CAPTURE_PODS", change.pods())
                        .field(JournalExportBlockDescriptor.JSON, json);
        byte[] block = new byte[writer.blockLength()];
        writer.writeTo(MemorySegment.ofArray(block), 0);
        return block;
    }

    /** As a line of NDJSON. */
    byte[] line() {
        return JournalLine.of(MemorySegment.ofArray(block()), 0, timeNs, KIND, node);
    }
}
