package io.hindsight.hub.flow;

import io.hindsight.api.FlowPage;
import java.util.List;

/** The flows of a selection, in the order of their first packets. Immutable. */
public final class FlowSet {
    private final List<FlowRow> rows;
    private final List<ObservationPoint> points;
    private final FlowPage.Coverage coverage;

    FlowSet(List<FlowRow> rows, List<ObservationPoint> points, FlowPage.Coverage coverage) {
        this.rows = List.copyOf(rows);
        this.points = List.copyOf(points);
        this.coverage = coverage;
    }

    List<FlowRow> rows() {
        return rows;
    }

    /** By number. */
    List<ObservationPoint> points() {
        return points;
    }

    /** What the flows were made of. */
    public FlowPage.Coverage coverage() {
        return coverage;
    }
}
