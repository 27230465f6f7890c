package io.hindsight.launcher.client;

import io.hindsight.api.FlowPage;
import io.hindsight.api.Timeline;
import io.hindsight.api.VerifyReport;
import io.hindsight.hub.export.ExportPlan;
import io.hindsight.hub.export.Exporter;
import io.hindsight.hub.export.SnapshotFiles;
import io.hindsight.hub.flow.FlowComputation;
import io.hindsight.hub.flow.FlowLimits;
import io.hindsight.hub.flow.FlowQuery;
import io.hindsight.hub.resolve.SnapshotResolution;
import io.hindsight.hub.store.SealedSnapshot;
import io.hindsight.hub.timeline.TimelineQuery;
import io.hindsight.hub.timeline.Timelines;
import io.hindsight.hub.verify.ReadPace;
import io.hindsight.hub.verify.SnapshotVerifier;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A sealed snapshot as it lies on disk, read without a Hub. */
record SnapshotFolder(Path folder) {
    /** The folder that a command line names: anything with a separator in it, or a folder that holds a manifest. */
    static Optional<Path> named(String reference) {
        Path path = Path.of(reference);
        boolean meant = reference.contains("/") || Files.exists(path.resolve(SealedSnapshot.MANIFEST_FILE));
        return meant ? Optional.of(path) : Optional.empty();
    }

    /** How much happened when: as it is stored, or else counted now. */
    Timeline timeline(TimelineQuery query) {
        return Timelines.answer(SealedSnapshot.open(folder), query, ReadPace.UNLIMITED);
    }

    VerifyReport verify() {
        return SnapshotVerifier.verify(folder);
    }

    /** Who spoke to whom. */
    FlowPage flows(FlowQuery query) {
        SealedSnapshot snapshot = SealedSnapshot.open(folder);
        return query.page(
                FlowComputation.run(
                        SnapshotFiles.of(snapshot),
                        query.selection(),
                        SnapshotResolution.read(snapshot),
                        FlowLimits.DEFAULTS,
                        () -> false));
    }

    /** Writes it; returns how many bytes that were. The stream stays open. */
    long export(ExportOptions options, OutputStream out) {
        SealedSnapshot sealed = SealedSnapshot.open(folder);
        ExportPlan plan =
                Exporter.plan(SnapshotFiles.of(sealed), options.request(), () -> SnapshotResolution.read(sealed));
        return Exporter.exportTo(plan, Channels.newChannel(out)).bytes();
    }
}
