package io.hindsight.launcher.client;

import io.hindsight.api.Snapshot;
import io.hindsight.launcher.cli.Terminal;

/** Shows how far a snapshot is. One thread at a time. */
public interface ProgressView {
    /** Shows the newest state. */
    void update(Snapshot snapshot);

    /** Nothing more comes. */
    void end();

    /** Shows nothing. */
    static ProgressView silent() {
        return new ProgressSilence();
    }

    /** A bar on a terminal, lines elsewhere, nothing where the output is for a program. */
    static ProgressView of(Terminal terminal, boolean json) {
        if (terminal.errInteractive()) {
            return new ProgressBar(terminal.err());
        }
        return json ? silent() : new ProgressLines(terminal.err());
    }
}
