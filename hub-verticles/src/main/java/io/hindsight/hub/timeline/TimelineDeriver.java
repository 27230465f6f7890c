package io.hindsight.hub.timeline;

import io.hindsight.hub.derive.Derivation;
import io.hindsight.hub.derive.Deriver;
import io.hindsight.hub.store.DerivedFile;
import io.hindsight.time.TimeWindow;

/** Counts what happens when, on the way of the pass that reads a snapshot back. */
public final class TimelineDeriver implements Deriver {
    @Override
    public DerivedFile file() {
        return DerivedFile.TIMELINE;
    }

    @Override
    public Derivation begin(TimeWindow window, int nodes) {
        return new TimelineDerivation(window, nodes);
    }
}
