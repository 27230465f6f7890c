package io.hindsight.launcher.client;

import io.hindsight.api.Gap;
import io.hindsight.launcher.cli.Human;

/** A gap in one line, as exports tell it. */
record GapText(Gap gap) {
    /** {@code gap <from> to <to> <cause>: <detail> (lost 12)}. */
    String line() {
        return "gap "
                + gap.from()
                + " to "
                + gap.to()
                + " "
                + gap.cause()
                + ": "
                + gap.detail()
                + (gap.lost() == null ? "" : " (lost " + Human.count(gap.lost()) + ")");
    }
}
