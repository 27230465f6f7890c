package io.hindsight.hub.verify;

import io.hindsight.hub.store.FileCounts;
import io.hindsight.hub.store.Manifest;
import io.hindsight.hub.store.SealedSnapshot;
import io.hindsight.time.EpochNanos;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** What a manifest claims against what was read. */
final class ManifestCheck {
    private ManifestCheck() {}

    /** Compares a node's entry; where its files are broken, their violations say enough. */
    static void checkNode(Manifest.Node node, DataFileFacts facts, Findings findings) {
        if (findings.count() > 0) {
            return;
        }
        FileCounts counts = facts.counts();
        Claim claim = new Claim("node=" + node.node(), findings);
        claim.equal("chunks", node.chunks(), counts.chunks());
        claim.equal("packets", node.packets(), counts.packets());
        claim.equal("records", node.records(), counts.records());
        claim.equal("drops", node.drops(), counts.drops());
        claim.equal("interfaces", node.interfaces(), facts.interfaces());
        claim.equal("firstTimestamp", node.firstTimestamp(), time(counts, counts.firstTimestampNs()));
        claim.equal("lastTimestamp", node.lastTimestamp(), time(counts, counts.lastTimestampNs()));
    }

    private static @Nullable Instant time(FileCounts counts, long timestampNs) {
        return counts.hasRecords() ? EpochNanos.toInstant(timestampNs) : null;
    }

    /** Compares the sums over all nodes. */
    static void checkTotals(Manifest manifest, List<DataFileFacts> facts, Findings findings) {
        if (findings.count() > 0) {
            return;
        }
        Claim claim = new Claim("the snapshot", findings);
        claim.equal("bytes", manifest.bytes(), sum(facts, FileCounts::bytes));
        claim.equal("chunks", manifest.chunks(), sum(facts, FileCounts::chunks));
        claim.equal("packets", manifest.packets(), sum(facts, FileCounts::packets));
        claim.equal("records", manifest.records(), sum(facts, FileCounts::records));
    }

    private static long sum(List<DataFileFacts> facts, ToLongFunction<FileCounts> count) {
        return facts.stream().map(DataFileFacts::counts).mapToLong(count).sum();
    }

    /** Says what the manifest got wrong. */
    private record Claim(String subject, Findings findings) {
        void equal(String field, @Nullable Object claimed, @Nullable Object found) {
            if (!Objects.equals(claimed, found)) {
                findings.add(
                        SealedSnapshot.MANIFEST_FILE,
                        "The manifest says "
                                + field
                                + "="
                                + claimed
                                + " for "
                                + subject
                                + ", the files hold "
                                + found
                                + ".");
            }
        }
    }
}
