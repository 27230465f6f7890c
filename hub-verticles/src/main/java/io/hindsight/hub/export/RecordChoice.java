package io.hindsight.hub.export;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.pcapng.EnhancedPacketBlockDescriptor;
import io.hindsight.pcapng.JournalEntryReader;
import io.hindsight.pcapng.JournalExportBlockDescriptor;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which of the records that a merge comes by are exported, and why the others are not. Owned by the export's thread. */
final class RecordChoice {
    private final ExportPlan plan;
    private final boolean hasCheckpoints;
    private final @Nullable PacketFilter filter;
    private final @Nullable PacketSelection packets;
    private final @Nullable EventSelection events;

    private long filteredOut;
    private long outsideWindow;
    private long notAskedFor;
    private long unreadable;

    RecordChoice(ExportPlan plan, PacketReader reader) {
        this.plan = plan;
        this.hasCheckpoints = plan.request().has(ExportContent.CHECKPOINTS);
        this.filter = plan.request().filters() ? new PacketFilter(plan.request().bpf()) : null;
        if (filter != null) {
            filter.compileFor(plan.linkTypes());
        }
        Optional<Selection> selection = plan.names().selection();
        this.packets =
                selection
                        .map(chosen ->
                                new PacketSelection(
                                        chosen, plan.names().resolution(), plan.snapshot().nodeNames(), reader))
                        .orElse(null);
        this.events = selection.map(EventSelection::new).orElse(null);
    }

    /** Whether the record at which the chunk stands is exported; if not, it is counted. */
    boolean accepts(OpenChunk chunk) {
        if (!plan.request().window().contains(chunk.timestampNs())) {
            outsideWindow++;
            return false;
        }
        return chunk.type() == EnhancedPacketBlockDescriptor.TYPE ? acceptsPacket(chunk) : acceptsEvent(chunk);
    }

    private boolean acceptsPacket(OpenChunk chunk) {
        boolean accepted = (filter == null || filter.accepts(chunk)) && (packets == null || packets.accepts(chunk));
        if (!accepted) {
            filteredOut++;
        }
        return accepted;
    }

    private boolean acceptsEvent(OpenChunk chunk) {
        if (!hasCheckpoints && chunk.timestampNs() < plan.summaries().get(chunk.entry().file()).windowStartNs()) {
            outsideWindow++;
            return false;
        }
        if (!hasCheckpoints && isOfCheckpoint(chunk)) {
            notAskedFor++;
            return false;
        }
        return events == null || isSelected(events, chunk);
    }

    private static boolean isOfCheckpoint(OpenChunk chunk) {
        JournalEntryReader fields = new JournalEntryReader(chunk.segment(), chunk.offset());
        while (fields.next()) {
            if (fields.isNamed(JournalExportBlockDescriptor.CHECKPOINT)) {
                return true;
            }
        }
        return false;
    }

    private boolean isSelected(EventSelection selection, OpenChunk chunk) {
        try {
            boolean selected = selection.accepts(chunk);
            if (!selected) {
                filteredOut++;
            }
            return selected;
        } catch (HindsightException e) {
            if (e.code() != ErrorCode.INTEGRITY_VIOLATED) {
                throw e;
            }
            unreadable++;
            return false;
        }
    }

    /** Records that no filter accepted. */
    long filteredOut() {
        return filteredOut;
    }

    /** Records outside the window. */
    long outsideWindow() {
        return outsideWindow;
    }

    /** Entries of checkpoints. */
    long notAskedFor() {
        return notAskedFor;
    }

    /** Events whose content a filter could not read. */
    long unreadable() {
        return unreadable;
    }
}
