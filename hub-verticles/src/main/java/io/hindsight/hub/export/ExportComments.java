package io.hindsight.hub.export;

import io.hindsight.api.Gap;
import io.hindsight.chunk.DropCause;
import io.hindsight.time.EpochNanos;
import io.hindsight.time.TimeWindow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The comments of an exported section: what it was made from and what is missing in it. Comments, because every tool shows them and
 * {@code editcap} keeps them.
 */
final class ExportComments {
    /** Gaps that are told one by one, for each node; the rest is counted. */
    private static final int MAX_GAPS = 50;

    private ExportComments() {}

    static List<String> of(SnapshotFiles snapshot, ExportRequest request, List<ChunkDirectory> directories) {
        List<String> comments = new ArrayList<>();
        comments.add(
                "hindsight snapshot "
                        + snapshot.id()
                        + (snapshot.name().isEmpty() ? "" : " \"" + snapshot.name() + "\"")
                        + ", nodes "
                        + String.join(", ", snapshot.nodeNames()));
        addChoice(comments, request);
        for (int file = 0; file < directories.size(); file++) {
            SnapshotFiles.NodeFile node = snapshot.nodes().get(file);
            addDrops(comments, node.node(), directories.get(file).drops());
            addGaps(comments, node);
        }
        return comments;
    }

    private static void addChoice(List<String> comments, ExportRequest request) {
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
    }

    private static void addDrops(List<String> comments, String node, Map<DropCause, Long> drops) {
        drops.forEach((cause, count) -> {
            if (count != 0) {
                comments.add("node " + node + " lost " + count + " records while recording, cause " + cause.label());
            }
        });
    }

    private static void addGaps(List<String> comments, SnapshotFiles.NodeFile node) {
        List<Gap> gaps = node.gaps();
        for (Gap gap : gaps.subList(0, Math.min(MAX_GAPS, gaps.size()))) {
            comments.add(
                    "gap: node "
                            + node.node()
                            + " from "
                            + gap.from()
                            + " to "
                            + gap.to()
                            + ", "
                            + gap.cause()
                            + ": "
                            + gap.detail());
        }
        if (gaps.size() > MAX_GAPS) {
            comments.add("node " + node.node() + " has " + (gaps.size() - MAX_GAPS) + " more gaps; see the manifest");
        }
    }
}
