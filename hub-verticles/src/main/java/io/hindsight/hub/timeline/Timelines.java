package io.hindsight.hub.timeline;

import io.hindsight.api.Timeline;
import io.hindsight.api.Violation;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.store.DerivedFile;
import io.hindsight.hub.store.Manifest;
import io.hindsight.hub.store.MerkleTree;
import io.hindsight.hub.store.SealedSnapshot;
import io.hindsight.hub.verify.DataFileCheck;
import io.hindsight.hub.verify.Findings;
import io.hindsight.hub.verify.ReadPace;
import io.hindsight.time.TimeWindow;
import java.io.IOException;
import java.util.Optional;

/** Answers what is asked of a sealed snapshot's timeline, on the calling thread. Needs no Hub. Stateless, thread-safe. */
public final class Timelines {
    private Timelines() {}

    /** Whether the snapshot has its timeline stored; otherwise {@link #answer} reads all of its data. */
    public static boolean isStored(SealedSnapshot snapshot) {
        return snapshot.derivedFile(DerivedFile.TIMELINE).isPresent();
    }

    /**
     * The answer: from what is stored, or where an older version sealed the snapshot, counted now. Blocks.
     *
     * @param pace is told of what is read of the data, and may end it
     * @throws HindsightException UNKNOWN_NODE, INVALID_WINDOW, INVALID_REQUEST naming the field; INTEGRITY_VIOLATED, IO_FAILED naming the file
     * @throws java.util.concurrent.CancellationException where the pace says so
     */
    public static Timeline answer(SealedSnapshot snapshot, TimelineQuery query, ReadPace pace) {
        Manifest manifest = snapshot.manifest();
        TimeWindow window = TimeWindow.between(manifest.from(), manifest.to());
        Optional<byte[]> stored = snapshot.derived(DerivedFile.TIMELINE);
        TimelineData data =
                stored.map(file -> TimelineCodec.read(file, window)).orElseGet(() -> count(snapshot, window, pace));
        return TimelineSum.of(manifest, data, query);
    }

    private static TimelineData count(SealedSnapshot snapshot, TimeWindow window, ReadPace pace) {
        TimelineDerivation derivation = new TimelineDerivation(window, snapshot.manifest().nodes().size());
        for (Manifest.Node node : snapshot.manifest().nodes()) {
            derivation.node(node);
            if (node.data() != null) {
                read(snapshot.filesOf(node), derivation, pace);
            }
        }
        return derivation.data();
    }

    private static void read(SealedSnapshot.NodeFiles files, TimelineDerivation derivation, ReadPace pace) {
        Findings findings = new Findings();
        try {
            new DataFileCheck(files, DataFileCheck.Depth.CHECKSUMS, findings, new MerkleTree(), pace, derivation::chunk)
                    .run();
        } catch (IOException e) {
            throw new HindsightException(
                    ErrorCode.IO_FAILED, "Cannot read file=" + files.data() + ": " + e.getMessage() + ".", e);
        }
        findings.violations().stream().findFirst().ifPresent(Timelines::refuse);
    }

    private static void refuse(Violation violation) {
        throw new HindsightException(
                ErrorCode.INTEGRITY_VIOLATED,
                "The snapshot is damaged, so its timeline cannot be counted: file="
                        + violation.file()
                        + " chunk="
                        + violation.chunk()
                        + ": "
                        + violation.detail());
    }
}
