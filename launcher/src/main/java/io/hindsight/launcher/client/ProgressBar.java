package io.hindsight.launcher.client;

import io.hindsight.api.Snapshot;
import java.io.PrintStream;
import java.util.Locale;

/** One line that is drawn anew with each update; gaps stay above it as they come up. */
final class ProgressBar implements ProgressView {
    private static final int WIDTH = 30;
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final PrintStream out;
    private final GapNews gaps = new GapNews();

    ProgressBar(PrintStream out) {
        this.out = out;
    }

    @Override
    public void update(Snapshot snapshot) {
        gaps.of(snapshot).forEach(line -> out.print(CLEAR_LINE + line + "\n"));
        ProgressText text = new ProgressText(snapshot);
        int done = (int) (text.part() * WIDTH);
        out.print(
                CLEAR_LINE
                        + String.format(Locale.ROOT, "%-9s [", snapshot.state())
                        + "#".repeat(done)
                        + " ".repeat(WIDTH - done)
                        + String.format(Locale.ROOT, "] %3.0f %%  ", text.part() * 100)
                        + text.figures());
        out.flush();
    }

    @Override
    public void end() {
        out.print(CLEAR_LINE);
        out.flush();
    }
}
