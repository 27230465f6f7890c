package io.hindsight.hub.export;

import io.hindsight.error.HindsightException;
import io.hindsight.hub.resolve.Resolution;
import io.hindsight.time.TimeWindow;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Works out what an export says and chooses by names. Stateless. */
final class NameLookup {
    private static final Logger LOG = LoggerFactory.getLogger(NameLookup.class);

    private final SnapshotFiles all;
    private final SnapshotFiles snapshot;
    private final ExportRequest request;
    private final List<NodeSummary> summaries;
    private final List<String> comments = new ArrayList<>();

    /**
     * @param all with the nodes that were not chosen: one of them may have recorded what names are known by
     * @param snapshot with the chosen nodes alone
     * @param summaries of the chosen nodes
     */
    NameLookup(SnapshotFiles all, SnapshotFiles snapshot, ExportRequest request, List<NodeSummary> summaries) {
        this.all = all;
        this.snapshot = snapshot;
        this.request = request;
        this.summaries = summaries;
    }

    /** @throws HindsightException INVALID_REQUEST where a filter names what is not known; what the resolution fails with, where a filter needs it */
    ExportNames names(Supplier<Resolution> source) {
        Resolution resolution = request.needsNames() ? resolution(source) : Resolution.NONE;
        NameBlocks blocks = request.has(ExportContent.NAMES) ? blocks(resolution) : NameBlocks.NONE;
        if (blocks.leftOut() > 0) {
            comments.add(
                    blocks.leftOut()
                            + " addresses are not named: there are more than limit="
                            + NameBlocks.MAX_ADDRESSES);
        }
        Optional<Selection> selection =
                request.meaning().isEmpty() ? Optional.empty() : Optional.of(selection(resolution));
        return new ExportNames(resolution, blocks, selection, comments);
    }

    private Selection selection(Resolution resolution) {
        return new Selection(request.meaning(), resolution, ServiceSelectors.read(all, request.meaning().services()));
    }

    private Resolution resolution(Supplier<Resolution> source) {
        try {
            return source.get();
        } catch (HindsightException e) {
            if (!request.meaning().isEmpty()) {
                throw e;
            }
            LOG.warn("Export of snapshot={} goes without names: {}", snapshot.id(), e.getMessage());
            comments.add("without names and flows: " + e.getMessage());
            return Resolution.NONE;
        }
    }

    /** Of the exported times, as they were recorded. */
    private NameBlocks blocks(Resolution resolution) {
        long fromNs = Long.MAX_VALUE;
        long toNs = Long.MIN_VALUE;
        for (NodeSummary summary : summaries) {
            fromNs = Math.min(fromNs, summary.startNs() - summary.shiftNs());
            toNs = Math.max(toNs, summary.endNs() - summary.shiftNs());
        }
        return resolution.isEmpty() || fromNs >= toNs
                ? NameBlocks.NONE
                : NameBlocks.of(resolution, new TimeWindow(fromNs, toNs));
    }
}
