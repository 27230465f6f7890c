package io.hindsight.hub.derive;

import io.hindsight.hub.store.DerivedFile;
import io.hindsight.time.TimeWindow;

/** Computes one derived file for each snapshot. Immutable: all sessions share it. */
public interface Deriver {
    /** Which. */
    DerivedFile file();

    /** Begins with a snapshot of this window, by the Hub's clock. */
    Derivation begin(TimeWindow window);
}
