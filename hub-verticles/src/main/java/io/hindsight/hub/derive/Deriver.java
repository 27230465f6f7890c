package io.hindsight.hub.derive;

import io.hindsight.hub.store.DerivedFile;
import io.hindsight.time.TimeWindow;

/** Computes one derived file for each snapshot. Immutable: all sessions share it. */
public interface Deriver {
    /** Which. */
    DerivedFile file();

    /**
     * Begins with a snapshot.
     *
     * @param window by the Hub's clock
     * @param nodes how many it has, those included that deliver nothing
     */
    Derivation begin(TimeWindow window, int nodes);
}
