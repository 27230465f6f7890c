package io.hindsight.launcher.client;

import io.hindsight.api.Snapshot;
import io.hindsight.launcher.cli.ExitStatus;

/** What an ended snapshot means for the command that waited for it. */
record SnapshotEnd(Snapshot snapshot) {
    ExitStatus status() {
        return switch (snapshot.state()) {
            case COMPLETE -> ExitStatus.DONE;
            case PARTIAL -> ExitStatus.PARTIAL;
            case FAILED -> failed();
            case CANCELLED, REQUESTED, PLANNING, STREAMING, VERIFYING, SEALING -> ExitStatus.FAILED;
        };
    }

    private ExitStatus failed() {
        Snapshot.Problem error = snapshot.error();
        boolean violated = error != null && error.code().equals("INTEGRITY_VIOLATED");
        return violated ? ExitStatus.INTEGRITY_VIOLATED : ExitStatus.FAILED;
    }
}
