package io.hindsight.hub.export;

import io.hindsight.api.ClockOffset;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.export.SnapshotFiles.NodeFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Turns the times of each node's clock into those of the Hub's, by the offsets in the manifest: merge, window and what is written all have the corrected
 * times, stored files keep theirs. An offset that is not known is no offset of zero: such an export is refused, because its order would say what nobody
 * knows.
 */
final class ClockCorrection {
    private ClockCorrection() {}

    /** What is added to the times of each file's records, by file index; zeros where nothing is to be corrected. */
    static long[] shiftsNs(SnapshotFiles snapshot, ExportRequest request) {
        if (!request.correctClocks()) {
            return new long[snapshot.nodes().size()];
        }
        requireOffsets(snapshot);
        return snapshot.nodes().stream().mapToLong(file -> offset(file).offsetNs()).toArray();
    }

    private static void requireOffsets(SnapshotFiles snapshot) {
        List<String> without =
                snapshot.nodes().stream().filter(file -> file.clock() == null).map(NodeFile::node).toList();
        if (!without.isEmpty()) {
            throw HindsightException.ofField(
                    ErrorCode.INVALID_REQUEST,
                    "correctClocks",
                    "Clocks cannot be corrected: the snapshot has no clock offset of nodes="
                            + without
                            + ", because their agents had not measured it when it was taken. Leave these nodes out, or"
                            + " export with the times as they were recorded.");
        }
    }

    /** What was done to which node, a sentence each. */
    static List<String> comments(SnapshotFiles snapshot) {
        List<String> comments = new ArrayList<>();
        for (NodeFile file : snapshot.nodes()) {
            ClockOffset offset = offset(file);
            comments.add(
                    "clock of node "
                            + file.node()
                            + " corrected: "
                            + added(offset.offsetNs())
                            + ", error at most "
                            + offset.errorNs()
                            + " ns, measured at "
                            + offset.measuredAt());
        }
        return comments;
    }

    /** {@code +1500 ns added to every time}. */
    static String added(long shiftNs) {
        return (shiftNs < 0 ? "" : "+") + shiftNs + " ns added to every time";
    }

    private static ClockOffset offset(NodeFile file) {
        return Objects.requireNonNull(file.clock());
    }
}
