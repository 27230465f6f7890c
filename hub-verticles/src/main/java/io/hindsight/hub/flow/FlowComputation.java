package io.hindsight.hub.flow;

import io.hindsight.api.FlowPage;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.export.ExportPlan;
import io.hindsight.hub.export.Exporter;
import io.hindsight.hub.export.PacketPass;
import io.hindsight.hub.export.SnapshotFiles;
import io.hindsight.hub.resolve.Resolution;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Reads the chosen packets of a sealed snapshot once, in the order of their times, and makes flows of them. Flows are computed when they are asked for, not at
 * seal: most snapshots are never asked, and what is asked is often a part.
 */
public final class FlowComputation {
    private static final int ROWS_BETWEEN_CHECKS = 1_024;

    /** Most packets first; of equal ones the one that saw the flow first, the nearest to the client as far as clocks tell. */
    private static final Comparator<Observation> BEST_FIRST =
            Comparator.comparingLong(Observation::packets)
                    .reversed()
                    .thenComparingLong(Observation::firstNs)
                    .thenComparingInt(Observation::point);

    private final Resolution resolution;
    private final FlowTable table;
    private final FlowVisitor visitor;
    private final BooleanSupplier cancelled;

    private FlowComputation(Resolution resolution, FlowLimits limits, BooleanSupplier cancelled) {
        this.resolution = resolution;
        this.table = new FlowTable(limits);
        this.visitor = new FlowVisitor(table);
        this.cancelled = cancelled;
    }

    /**
     * Computes on the calling thread: call it on a worker.
     *
     * @param cancelled makes the computation fail soon once it is true
     * @throws HindsightException UNKNOWN_NODE, INVALID_FILTER; CANCELLED; TIMED_OUT; INTEGRITY_VIOLATED or IO_FAILED naming file and offset
     */
    public static FlowSet run(
            SnapshotFiles snapshot,
            FlowSelection selection,
            Resolution resolution,
            FlowLimits limits,
            BooleanSupplier cancelled) {
        BooleanSupplier ends = until(limits.timeout(), cancelled);
        FlowComputation computation = new FlowComputation(resolution, limits, ends);
        ExportPlan plan = Exporter.plan(snapshot, selection.request());
        PacketPass.run(plan, ends, computation.visitor);
        return computation.result();
    }

    private static BooleanSupplier until(Duration timeout, BooleanSupplier cancelled) {
        long startNanos = System.nanoTime();
        return () -> {
            if (System.nanoTime() - startNanos >= timeout.toNanos()) {
                throw new HindsightException(
                        ErrorCode.TIMED_OUT,
                        "Reading the packets took longer than limit="
                                + timeout.toMillis()
                                + " ms. Choose fewer with from and to, nodes or bpf.");
            }
            return cancelled.getAsBoolean();
        };
    }

    private FlowSet result() {
        FlowResolver resolver = new FlowResolver(resolution, visitor.points());
        List<FlowRow> rows = new ArrayList<>(table.flows().size());
        for (TrackedFlow flow : table.flows()) {
            if (rows.size() % ROWS_BETWEEN_CHECKS == 0 && cancelled.getAsBoolean()) {
                throw new HindsightException(ErrorCode.CANCELLED, "The computation of flows was cancelled.");
            }
            rows.add(row(flow, resolver));
        }
        return new FlowSet(rows, visitor.points(), coverage());
    }

    private static FlowRow row(TrackedFlow flow, FlowResolver resolver) {
        List<Observation> observations = new ArrayList<>();
        for (Observation each = flow.latest(); each != null; each = each.earlier()) {
            observations.add(each);
        }
        observations.sort(BEST_FIRST);
        boolean clientIsLower = flow.clientIsLower();
        FlowFigures figures = FlowFigures.of(observations.getFirst(), clientIsLower);
        List<FlowRow.Seen> seenAt =
                observations.stream()
                        .map(each -> new FlowRow.Seen(each.point(), each.packets(), each.bytes()))
                        .toList();
        FlowKey key = flow.key();
        return new FlowRow(
                key,
                clientIsLower,
                resolver.party(key, clientIsLower, figures, seenAt),
                resolver.party(key, !clientIsLower, figures, seenAt),
                figures,
                seenAt);
    }

    private FlowPage.Coverage coverage() {
        UnlistedFlows unlisted = table.unlisted();
        return new FlowPage.Coverage(
                visitor.packets(),
                visitor.packetsWithoutAddress(),
                table.flows().size(),
                unlisted.flows(),
                unlisted.isExact(),
                unlisted.packets(),
                unlisted.bytes(),
                table.packetsAtFurtherPoints(),
                table.unmeasuredHandshakes());
    }
}
