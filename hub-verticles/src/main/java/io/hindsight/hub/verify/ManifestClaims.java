package io.hindsight.hub.verify;

import io.hindsight.api.Violation;
import io.hindsight.api.Violation.Kind;
import io.hindsight.hub.store.Digest;
import io.hindsight.hub.store.FileCounts;
import io.hindsight.hub.store.Manifest;
import io.hindsight.hub.store.SealedSnapshot;
import io.hindsight.time.EpochNanos;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** What a manifest claims against what was read; each field that is wrong is named with its place in the file. */
final class ManifestClaims {
    private final byte[] manifestBytes;
    private final Findings findings;

    ManifestClaims(byte[] manifestBytes, Findings findings) {
        this.manifestBytes = manifestBytes;
        this.findings = findings;
    }

    /** Compares the counts of a node's entry. */
    void checkNode(String entry, Manifest.Node node, DataFileFacts facts) {
        FileCounts counts = facts.counts();
        equal(entry + "/chunks", node.chunks(), counts.chunks());
        equal(entry + "/packets", node.packets(), counts.packets());
        equal(entry + "/records", node.records(), counts.records());
        equal(entry + "/drops", node.drops(), counts.drops());
        equal(entry + "/interfaces", node.interfaces(), facts.interfaces());
        equal(entry + "/firstTimestamp", node.firstTimestamp(), time(counts, counts.firstTimestampNs()));
        equal(entry + "/lastTimestamp", node.lastTimestamp(), time(counts, counts.lastTimestampNs()));
    }

    private static @Nullable Instant time(FileCounts counts, long timestampNs) {
        return counts.hasRecords() ? EpochNanos.toInstant(timestampNs) : null;
    }

    /** Compares a file that something else than the manifest clears. */
    void checkFile(String entry, Manifest.File claimed, long bytes, Digest digest) {
        equal(entry + "/bytes", claimed.bytes(), bytes);
        equal(entry + "/sha256", claimed.sha256(), digest.hex());
    }

    /** Compares the sums over all nodes. */
    void checkTotals(Manifest manifest, List<DataFileFacts> facts, Digest merkleRoot) {
        equal("/bytes", manifest.bytes(), sum(facts, FileCounts::bytes));
        equal("/chunks", manifest.chunks(), sum(facts, FileCounts::chunks));
        equal("/packets", manifest.packets(), sum(facts, FileCounts::packets));
        equal("/records", manifest.records(), sum(facts, FileCounts::records));
        equal("/merkleRoot", manifest.merkleRoot(), merkleRoot.hex());
    }

    private static long sum(List<DataFileFacts> facts, ToLongFunction<FileCounts> count) {
        return facts.stream().map(DataFileFacts::counts).mapToLong(count).sum();
    }

    /** Notes the field where the two differ. */
    void equal(String field, @Nullable Object claimed, @Nullable Object found) {
        if (!Objects.equals(claimed, found)) {
            String claim = "The manifest says " + field + "=" + claimed + ", the files hold " + found + ".";
            add(field, claim, text(found), text(claimed));
        }
    }

    /** Notes a field that is wrong. */
    void add(String field, String detail, @Nullable String expected, @Nullable String found) {
        Violation violation =
                Violation.of(Kind.CLAIM, SealedSnapshot.MANIFEST_FILE, detail).in(field).values(expected, found);
        findings.add(
                JsonPlaces.find(manifestBytes, field)
                        .map(place -> violation.at(place.offset(), place.length()))
                        .orElse(violation));
    }

    private static @Nullable String text(@Nullable Object value) {
        return value == null ? null : value.toString();
    }
}
