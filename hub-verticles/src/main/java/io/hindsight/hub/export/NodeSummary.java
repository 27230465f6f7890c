package io.hindsight.hub.export;

import io.hindsight.api.Gap;
import io.hindsight.chunk.DropCause;
import io.hindsight.hub.export.SnapshotFiles.NodeFile;
import io.hindsight.time.EpochNanos;
import io.hindsight.time.TimeWindow;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * What an export tells of a node beside its records: in the Interface Statistics Block of the first of its interfaces, because neither a drop nor a gap
 * belongs to one interface, and sums over a file are to be right.
 *
 * @param shiftNs what was added to the times of its records
 * @param startNs where the exported part of the window begins, by the exported times
 * @param endNs where it ends
 * @param droppedInKernel packets
 * @param droppedByRecorder packets, all other causes
 * @param gaps of the exported part, oldest first, with the exported times
 * @param windowStartNs where the snapshot's window begins, by the exported times: events before it are there to be understood by
 */
record NodeSummary(
        long shiftNs,
        long startNs,
        long endNs,
        long droppedInKernel,
        long droppedByRecorder,
        List<Gap> gaps,
        long windowStartNs) {
    /** Gaps that are told one by one; the rest is counted. */
    static final int MAX_GAPS = 100;

    /** A sentence that is longer is cut: it stands in the manifest as a whole. */
    private static final int MAX_DETAIL_LENGTH = 500;

    NodeSummary {
        gaps = List.copyOf(gaps);
    }

    /**
     * @param shiftNs what is added to the file's times
     * @param drops of the chosen chunks of packets
     */
    static NodeSummary of(
            SnapshotFiles snapshot, NodeFile file, TimeWindow chosen, long shiftNs, Map<DropCause, Long> drops) {
        long windowShiftNs = file.windowShiftNs() + shiftNs;
        long windowStartNs = windowStartNs(snapshot, file, shiftNs);
        long startNs = Math.max(chosen.fromNs(), windowStartNs);
        long endNs = Math.min(chosen.toNs(), EpochNanos.of(snapshot.to().plusNanos(windowShiftNs)));
        long all = drops.values().stream().mapToLong(Long::longValue).sum();
        long inKernel = drops.getOrDefault(DropCause.KERNEL, 0L);
        return new NodeSummary(
                shiftNs,
                startNs,
                Math.max(startNs, endNs),
                inKernel,
                all - inKernel,
                chosenGaps(file.gaps(), chosen, shiftNs),
                windowStartNs);
    }

    /** Where the snapshot's window begins on this node, by the exported times. */
    static long windowStartNs(SnapshotFiles snapshot, NodeFile file, long shiftNs) {
        return EpochNanos.of(snapshot.from().plusNanos(file.windowShiftNs() + shiftNs));
    }

    /** Those that overlap the chosen times, with the exported times, oldest first. */
    static List<Gap> chosenGaps(List<Gap> gaps, TimeWindow chosen, long shiftNs) {
        return gaps.stream()
                .map(gap -> shifted(gap, shiftNs))
                .filter(gap -> chosen.overlaps(EpochNanos.of(gap.from()), EpochNanos.of(gap.to()) - 1))
                .sorted(Comparator.comparing(Gap::from))
                .toList();
    }

    private static Gap shifted(Gap gap, long shiftNs) {
        return shiftNs == 0
                ? gap
                : new Gap(
                        gap.from().plusNanos(shiftNs),
                        gap.to().plusNanos(shiftNs),
                        gap.cause(),
                        gap.detail(),
                        gap.lost());
    }

    /** Whether there is anything missing to tell of. */
    boolean tellsLoss() {
        return droppedInKernel != 0 || droppedByRecorder != 0 || !gaps.isEmpty();
    }

    /** A line for each gap, at most {@link #MAX_GAPS} and one that counts the others. */
    List<String> gapLines() {
        return lines(gaps, MAX_GAPS);
    }

    /** {@code gap <from> to <to> <cause>: <detail>}, at most so many and one that counts the others. */
    static List<String> lines(List<Gap> gaps, int limit) {
        List<String> lines = new ArrayList<>();
        for (Gap gap : gaps.subList(0, Math.min(limit, gaps.size()))) {
            lines.add("gap " + gap.from() + " to " + gap.to() + " " + gap.cause() + ": " + cut(gap.detail()));
        }
        if (gaps.size() > limit) {
            lines.add("and " + (gaps.size() - limit) + " more gaps; see the manifest");
        }
        return lines;
    }

    private static String cut(String detail) {
        return detail.length() <= MAX_DETAIL_LENGTH ? detail : detail.substring(0, MAX_DETAIL_LENGTH) + " …";
    }
}
