package io.hindsight.hub.snapshot;

import io.hindsight.api.Gap;
import io.hindsight.api.Snapshot.Problem;
import io.hindsight.api.SnapshotNode;
import io.hindsight.api.SnapshotState;
import io.hindsight.api.Violation;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.derive.Derivations;
import io.hindsight.hub.store.Digest;
import io.hindsight.hub.store.Manifest;
import io.hindsight.hub.store.ManifestCodec;
import io.hindsight.hub.store.MerkleTree;
import io.hindsight.hub.store.NodeFile;
import io.hindsight.hub.store.SnapshotBuild;
import io.hindsight.hub.verify.DataFileCheck;
import io.hindsight.hub.verify.Findings;
import io.hindsight.hub.verify.ReadPace;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a session: reads back what was written, and puts the manifest together. {@link #readBack()} and {@link #seal()} block and run on
 * workers, one after the other, while nothing else happens to the session's nodes.
 */
final class Sealing {
    private static final Logger LOG = LoggerFactory.getLogger(Sealing.class);

    private final HubResources hub;
    private final SnapshotOrder order;
    private final List<NodePart> nodes;
    private final SnapshotBuild build;
    private final MerkleTree merkleTree = new MerkleTree();
    private final List<Manifest.Node> entries = new ArrayList<>();
    private final Derivations derivations;
    private List<Manifest.File> derived = List.of();

    Sealing(HubResources hub, SnapshotOrder order, List<NodePart> nodes, SnapshotBuild build) {
        this.hub = hub;
        this.order = order;
        this.nodes = nodes;
        this.build = build;
        this.derivations = new Derivations(hub.derivers(), order.id(), order.window(), nodes.size());
    }

    /**
     * Reads every byte of every file. The digests were computed from what arrived; that the files hold the same is shown by the CRCs of every
     * chunk, which cost a tenth of computing the digests again. What is derived from the data is computed on the way.
     *
     * @throws HindsightException INTEGRITY_VIOLATED with the first violation, IO_FAILED
     */
    Sealing readBack() {
        for (NodePart node : nodes) {
            entries.add(readBack(node));
        }
        derived =
                derivations.write(
                        build, entries.stream().filter(entry -> entry.data() != null).map(build::files).toList());
        return this;
    }

    private Manifest.Node readBack(NodePart node) {
        NodeFile file = node.file();
        if (file == null || file.counts().chunks() == 0) {
            build.discard(node.node());
            Manifest.Node entry = entry(node, Optional.empty(), List.of());
            derivations.node(entry);
            return entry;
        }
        Manifest.Node entry = entry(node, Optional.of(file), List.of());
        derivations.node(entry);
        Findings findings = new Findings();
        try {
            List<Manifest.Interface> interfaces =
                    new DataFileCheck(
                                    build.files(entry),
                                    DataFileCheck.Depth.CHECKSUMS,
                                    findings,
                                    merkleTree,
                                    ReadPace.UNLIMITED,
                                    derivations)
                            .run()
                            .interfaces();
            findings.violations().stream().findFirst().ifPresent(Sealing::refuse);
            return entry(node, Optional.of(file), interfaces);
        } catch (IOException e) {
            throw new HindsightException(
                    ErrorCode.IO_FAILED,
                    "What was written cannot be read back: node=" + node.node() + ": " + e.getMessage() + ".",
                    e);
        }
    }

    private static void refuse(Violation violation) {
        throw new HindsightException(
                ErrorCode.INTEGRITY_VIOLATED,
                "What was written reads back wrong: file="
                        + violation.file()
                        + " chunk="
                        + violation.chunk()
                        + " offset="
                        + violation.offset()
                        + ": "
                        + violation.detail());
    }

    private Manifest.Node entry(NodePart node, Optional<NodeFile> file, List<Manifest.Interface> interfaces) {
        SnapshotNode shown = node.show();
        return new Manifest.Node(
                shown.node(),
                shown.state(),
                node.agentVersion(),
                file.map(NodeFile::data).orElse(null),
                file.map(NodeFile::index).orElse(null),
                shown.chunks(),
                shown.packets(),
                shown.records(),
                shown.firstTimestamp(),
                shown.lastTimestamp(),
                interfaces,
                shown.drops(),
                shown.gaps().stream().sorted(Comparator.comparing(Gap::from)).toList(),
                shown.error(),
                shown.clock(),
                node.shiftNs() == 0 ? null : node.shiftNs(),
                presentOrNull(node.captures().changes()));
    }

    /** Writes the manifest and seals the folder. */
    Manifest seal() {
        Optional<Problem> shortfall = Shortfall.of(nodes);
        Manifest manifest =
                new Manifest(
                        Manifest.FORMAT_VERSION,
                        order.id(),
                        order.name(),
                        shortfall.isPresent() ? SnapshotState.PARTIAL : SnapshotState.COMPLETE,
                        order.request(),
                        order.idempotencyKey(),
                        order.batch(),
                        order.createdBy(),
                        order.createdAt(),
                        hub.clock().instant(),
                        hub.program(),
                        order.from(),
                        order.to(),
                        sum(Manifest.Node::bytes),
                        sum(Manifest.Node::chunks),
                        sum(Manifest.Node::packets),
                        sum(Manifest.Node::records),
                        merkleTree.root().hex(),
                        entries,
                        hub.custody().last(),
                        shortfall.orElse(null),
                        presentOrNull(derived),
                        presentOrNull(notes()),
                        "0".repeat(2 * Digest.LENGTH));
        boolean immutable = build.seal(manifest);
        LOG.info(
                "snapshot={} sealed: read-only{}",
                order.id(),
                immutable ? " and immutable" : ", not immutable: not possible here");
        return manifest;
    }

    private List<String> notes() {
        List<String> notes = new ArrayList<>(derivations.notes());
        for (NodePart node : nodes) {
            if (node.captures().leftOut() > 0) {
                notes.add(
                        "Of what node=%s recorded when, the oldest %d changes are left out: they have no room in %d bytes."
                                .formatted(node.node(), node.captures().leftOut(), RecordedCaptures.MAX_BYTES));
            }
        }
        return notes;
    }

    /** What the custody log says of it. */
    static Map<String, String> record(Manifest manifest, long bytesOnVolume) {
        return Map.of(
                "state", manifest.state().name(),
                "merkleRoot", manifest.merkleRoot(),
                "manifest", ManifestCodec.digest(manifest).hex(),
                "bytes", Long.toString(bytesOnVolume),
                "chunks", Long.toString(manifest.chunks()),
                "packets", Long.toString(manifest.packets()),
                "records", Long.toString(manifest.records()),
                "from", manifest.from().toString(),
                "to", manifest.to().toString());
    }

    private static <T> @Nullable List<T> presentOrNull(List<T> list) {
        return list.isEmpty() ? null : list;
    }

    private long sum(ToLongFunction<Manifest.Node> value) {
        return entries.stream().mapToLong(value).sum();
    }
}
