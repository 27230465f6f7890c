package io.hindsight.hub.export;

import io.hindsight.chunk.DropCause;
import io.hindsight.hub.export.SnapshotFiles.AbsentNode;
import io.hindsight.time.EpochNanos;
import io.hindsight.time.TimeWindow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The comments of an exported section: what it was made from and what is missing in it. Comments, because every tool shows them and
 * {@code editcap} keeps them, while it drops interface statistics.
 */
final class ExportComments {
    /** Gaps that are told one by one, for each node; the rest is counted. */
    private static final int MAX_GAPS = 50;

    /** The same of all nodes together. */
    private static final int MAX_GAPS_OF_ALL = 1_000;

    private final SnapshotFiles snapshot;
    private final List<String> comments = new ArrayList<>();
    private final int maxGaps;

    private ExportComments(SnapshotFiles snapshot) {
        this.snapshot = snapshot;
        int nodes = snapshot.nodes().size() + snapshot.absent().size();
        this.maxGaps = Math.clamp(MAX_GAPS_OF_ALL / Math.max(1, nodes), 1, MAX_GAPS);
    }

    /** @param summaries by file index, as are the directories */
    static List<String> of(
            SnapshotFiles snapshot,
            ExportRequest request,
            List<ChunkDirectory> directories,
            List<NodeSummary> summaries,
            ExportNames names,
            List<CaptureNote> captureNotes) {
        ExportComments all = new ExportComments(snapshot);
        all.addSnapshot();
        all.addChoice(request);
        all.comments.addAll(names.comments());
        all.comments.addAll(CaptureNotes.comments(captureNotes));
        for (int file = 0; file < directories.size(); file++) {
            String node = snapshot.nodes().get(file).node();
            all.addDrops(node, directories.get(file).drops());
            all.addGaps(node, NodeSummary.lines(summaries.get(file).gaps(), all.maxGaps));
        }
        snapshot.absent().forEach(node -> all.addAbsent(node, request));
        return all.comments;
    }

    private void addSnapshot() {
        comments.add(
                "hindsight snapshot "
                        + snapshot.id()
                        + (snapshot.name().isEmpty() ? "" : " \"" + snapshot.name() + "\"")
                        + ", nodes "
                        + String.join(", ", snapshot.nodeNames()));
    }

    private void addChoice(ExportRequest request) {
        TimeWindow window = request.window();
        if (window.fromNs() != Long.MIN_VALUE) {
            comments.add("only records from " + EpochNanos.format(window.fromNs()));
        }
        if (window.toNs() != Long.MAX_VALUE) {
            comments.add("only records before " + EpochNanos.format(window.toNs()));
        }
        if (request.filters()) {
            comments.add("only packets that match: " + request.bpf());
        }
        if (!request.meaning().isEmpty()) {
            comments.add("only what concerns " + request.meaning().text());
        }
        addContents(request);
        if (request.correctClocks()) {
            comments.addAll(ClockCorrection.comments(snapshot));
        }
    }

    private void addContents(ExportRequest request) {
        Set<ExportContent> usual = ExportContent.defaultsOf(request.format());
        String without = labels(usual.stream().filter(content -> !request.has(content)));
        String with = labels(request.contents().stream().filter(content -> !usual.contains(content)));
        if (!without.isEmpty()) {
            comments.add("without " + without);
        }
        if (!with.isEmpty()) {
            comments.add("with " + with);
        }
    }

    private static String labels(Stream<ExportContent> contents) {
        return contents.map(ExportContent::label).collect(Collectors.joining(", "));
    }

    private void addDrops(String node, Map<DropCause, Long> drops) {
        drops.forEach((cause, count) -> {
            if (count != 0) {
                comments.add("node " + node + " lost " + count + " records while recording, cause " + cause.label());
            }
        });
    }

    private void addGaps(String node, List<String> lines) {
        lines.forEach(line -> comments.add("node " + node + ": " + line));
    }

    private void addAbsent(AbsentNode node, ExportRequest request) {
        comments.add("node " + node.node() + " delivered nothing");
        long shiftNs = request.correctClocks() && node.clock() != null ? node.clock().offsetNs() : 0;
        addGaps(
                node.node(),
                NodeSummary.lines(NodeSummary.chosenGaps(node.gaps(), request.window(), shiftNs), maxGaps));
    }
}
