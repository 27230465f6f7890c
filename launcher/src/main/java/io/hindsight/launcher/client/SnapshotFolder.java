package io.hindsight.launcher.client;

import io.hindsight.api.VerifyReport;
import io.hindsight.error.ErrorCode;
import io.hindsight.launcher.cli.CommandFailure;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A sealed snapshot as it lies on disk, read without a Hub. */
record SnapshotFolder(Path folder) {
    private static final String MANIFEST = "manifest.json";

    /** The folder that a command line names: anything with a separator in it, or a folder that holds a manifest. */
    static Optional<Path> named(String reference) {
        Path path = Path.of(reference);
        boolean meant = reference.contains("/") || Files.exists(path.resolve(MANIFEST));
        return meant ? Optional.of(path) : Optional.empty();
    }

    VerifyReport verify() {
        check();
        throw CommandFailure.of(ErrorCode.INTERNAL, "not yet");
    }

    /** Writes it; returns how many bytes that were. */
    long export(ExportOptions options, OutputStream out) throws IOException {
        check();
        out.flush();
        throw CommandFailure.of(ErrorCode.INTERNAL, "not yet " + options.format());
    }

    private void check() {
        if (!Files.exists(folder.resolve(MANIFEST))) {
            throw CommandFailure.of(
                    ErrorCode.SNAPSHOT_NOT_FOUND,
                    "There is no snapshot at " + folder + ": it has no " + MANIFEST + ".");
        }
    }
}
