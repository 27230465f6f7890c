package io.hindsight.launcher.client;

import io.hindsight.api.Gap;
import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Gaps of a running snapshot, each named once, when it comes up. One thread at a time. */
final class GapNews {
    /** A lossy window has thousands: then the whole list is for {@code snapshot show}. */
    static final int MAX_LINES = 20;

    private final Set<NodeGap> told = new HashSet<>();
    private boolean saidThatThereAreMore;

    /** Whose it is. */
    private record NodeGap(String node, Gap gap) {}

    /** A line for each gap that was not there before. */
    List<String> of(Snapshot snapshot) {
        List<String> lines = new ArrayList<>();
        for (SnapshotNode node : snapshot.nodes()) {
            for (Gap gap : node.gaps()) {
                add(lines, new NodeGap(node.node(), gap), snapshot.id());
            }
        }
        return lines;
    }

    private void add(List<String> lines, NodeGap found, String id) {
        if (told.contains(found) || saidThatThereAreMore) {
            return;
        }
        if (told.size() == MAX_LINES) {
            saidThatThereAreMore = true;
            lines.add("more gaps: hindsight snapshot show " + id + " has them all");
        } else {
            told.add(found);
            lines.add("node " + found.node() + ": " + new GapText(found.gap()).line());
        }
    }
}
