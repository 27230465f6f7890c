package io.hindsight.launcher.client;

import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotNode;
import io.hindsight.launcher.cli.Human;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A snapshot's progress in words. */
record ProgressText(Snapshot snapshot) {
    /** Part done, 0 to 1. */
    double part() {
        Snapshot.Progress progress = snapshot.progress();
        if (snapshot.state().sealed()) {
            return 1;
        }
        return progress == null || progress.bytesExpected() <= 0
                ? 0
                : Math.min(1, (double) progress.bytesDone() / progress.bytesExpected());
    }

    /** {@code 1.2 GiB of 2.6 GiB  230 MiB/s  ETA 6.1 s}; while the window is being recorded {@code …  recording, 4 min left}. */
    String figures() {
        Snapshot.Progress progress = snapshot.progress();
        if (progress == null) {
            return Human.bytes(snapshot.bytes()) + "  " + Human.count(snapshot.packets()) + " packets";
        }
        return Human.bytes(progress.bytesDone())
                + " of "
                + Human.bytes(progress.bytesExpected())
                + "  "
                + Human.bytes(progress.bytesPerSecond())
                + "/s"
                + (progress.recordingUntil() == null ? eta(progress.etaMs()) : recording(progress.etaMs()))
                + waiting();
    }

    private String waiting() {
        List<String> nodes =
                snapshot.nodes().stream()
                        .filter(node -> node.state() == SnapshotNode.State.WAITING)
                        .map(SnapshotNode::node)
                        .toList();
        if (nodes.isEmpty()) {
            return "";
        }
        String more = nodes.size() > 1 ? " and " + (nodes.size() - 1) + " more" : "";
        return "  waiting for " + nodes.getFirst() + more;
    }

    private static String recording(@Nullable Long leftMs) {
        return "  recording" + (leftMs == null ? "" : ", " + Human.duration(Duration.ofMillis(leftMs)) + " left");
    }

    private static String eta(@Nullable Long etaMs) {
        return etaMs == null ? "" : "  ETA " + Human.duration(Duration.ofMillis(etaMs));
    }
}
