package io.hindsight.launcher.client;

import io.hindsight.api.Snapshot;
import io.hindsight.launcher.cli.Terminal;

/** Shows how far a snapshot is. One thread at a time. */
interface ProgressView {
    /** Shows the newest state. */
    void update(Snapshot snapshot);

    /** Nothing more comes. */
    void end();

    /** A bar on a terminal, lines elsewhere, nothing where the output is for a program. */
    static ProgressView of(Terminal terminal, boolean json) {
        if (terminal.errInteractive()) {
            return new ProgressBar(terminal.err());
        }
        return json ? new ProgressSilence() : new ProgressLines(terminal.err());
    }
}
