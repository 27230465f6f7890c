package io.hindsight.hub.scrub;

import io.hindsight.api.Snapshot;
import io.hindsight.api.Verification;
import io.hindsight.api.VerifyReport;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What the scrubber works on. Called on the Hub's context. */
public interface ScrubTargets {
    /** Every snapshot that lies on the volume, in no order. */
    Stream<Snapshot> onVolume();

    /** A snapshot's folder. */
    Path folder(String id);

    /** Whether snapshots are being taken: they come first. */
    boolean isBusy();

    /** Keeps an outcome over a restart, and lets those know who watch. */
    void verified(String id, Verification verification);

    /** Records that it was verified in the background. */
    void verifiedInBackground(String id, VerifyReport report);
}
