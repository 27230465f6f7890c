package io.hindsight.hub.export;

import io.hindsight.hub.export.SnapshotFiles.AbsentNode;
import io.hindsight.hub.export.SnapshotFiles.NodeFile;
import io.hindsight.time.EpochNanos;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What all chosen nodes recorded when. Stateless. */
final class CaptureNotes {
    /** Nodes whose state at the start a section's comments tell; the others have their entries between the records. */
    private static final int MAX_COMMENTS = 64;

    private CaptureNotes() {}

    /**
     * In the order in which they are written; none where the request does not want them.
     *
     * @param summaries by file index
     */
    static List<CaptureNote> of(SnapshotFiles snapshot, ExportRequest request, List<NodeSummary> summaries) {
        List<CaptureNote> notes = new ArrayList<>();
        if (request.has(ExportContent.CAPTURE)) {
            for (int file = 0; file < summaries.size(); file++) {
                NodeFile node = snapshot.nodes().get(file);
                NodeSummary summary = summaries.get(file);
                notes.addAll(
                        CaptureNote.of(
                                node.node(), node.captures(), summary.startNs(), summary.endNs(), summary.shiftNs()));
            }
            snapshot.absent().forEach(node -> notes.addAll(of(snapshot, request, node)));
        }
        return notes.stream().sorted(CaptureNote.BY_TIME).toList();
    }

    /** A filter may be why it delivered nothing. */
    private static List<CaptureNote> of(SnapshotFiles snapshot, ExportRequest request, AbsentNode node) {
        long shiftNs = request.correctClocks() && node.clock() != null ? node.clock().offsetNs() : 0;
        long startNs = Math.max(request.window().fromNs(), EpochNanos.of(snapshot.from()) + shiftNs);
        long endNs = Math.min(request.window().toNs(), EpochNanos.of(snapshot.to()) + shiftNs);
        return CaptureNote.of(node.node(), node.captures(), startNs, endNs, shiftNs);
    }

    /** Where a filter was in force at the start, or at the first word of the node. */
    static List<String> comments(List<CaptureNote> notes) {
        Set<String> nodes = new HashSet<>();
        List<CaptureNote> restricted =
                notes.stream().filter(note -> nodes.add(note.node()) && note.change().restricts()).toList();
        List<String> comments = new ArrayList<>();
        restricted.stream()
                .limit(MAX_COMMENTS)
                .forEach(note -> comments.add("node " + note.message() + ", from " + EpochNanos.format(note.timeNs())));
        if (restricted.size() > MAX_COMMENTS) {
            comments.add(
                    "and " + (restricted.size() - MAX_COMMENTS) + " more nodes recorded by a filter; see the manifest");
        }
        return comments;
    }
}
