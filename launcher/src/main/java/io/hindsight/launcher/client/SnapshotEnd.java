package io.hindsight.launcher.client;

import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotState;
import io.hindsight.launcher.cli.ExitStatus;
import org.jspecify.annotations.Nullable;

/** What an ended snapshot means for the command that waited for it. */
record SnapshotEnd(Snapshot snapshot) {
    ExitStatus status() {
        return status(snapshot.state(), snapshot.error());
    }

    static ExitStatus status(SnapshotState state, Snapshot.@Nullable Problem error) {
        return switch (state) {
            case COMPLETE -> ExitStatus.DONE;
            case PARTIAL -> ExitStatus.PARTIAL;
            case FAILED -> failed(error);
            case CANCELLED, REQUESTED, PLANNING, STREAMING, VERIFYING, SEALING -> ExitStatus.FAILED;
        };
    }

    private static ExitStatus failed(Snapshot.@Nullable Problem error) {
        boolean violated = error != null && error.code().equals("INTEGRITY_VIOLATED");
        return violated ? ExitStatus.INTEGRITY_VIOLATED : ExitStatus.FAILED;
    }
}
