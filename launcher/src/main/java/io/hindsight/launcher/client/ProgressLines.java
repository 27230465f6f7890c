package io.hindsight.launcher.client;

import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotState;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A line for each new state and each new gap, and one every few seconds in between: for logs and pipes. */
final class ProgressLines implements ProgressView {
    private static final long INTERVAL_NS = Duration.ofSeconds(5).toNanos();

    private final PrintStream out;
    private final GapNews gaps = new GapNews();
    private @Nullable SnapshotState state;
    private long printedAtNs;

    ProgressLines(PrintStream out) {
        this.out = out;
    }

    @Override
    public void update(Snapshot snapshot) {
        gaps.of(snapshot).forEach(line -> out.println(snapshot.id() + " " + line));
        long now = System.nanoTime();
        if (snapshot.state() == state && now - printedAtNs < INTERVAL_NS) {
            return;
        }
        state = snapshot.state();
        printedAtNs = now;
        ProgressText text = new ProgressText(snapshot);
        out.println(
                snapshot.id()
                        + " "
                        + snapshot.state()
                        + String.format(Locale.ROOT, " %.0f %%  ", text.part() * 100)
                        + text.figures());
    }

    @Override
    public void end() {}
}
