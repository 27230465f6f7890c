package io.hindsight.hub.verify;

import io.hindsight.error.HindsightException;
import io.hindsight.hub.store.Digest;
import io.hindsight.hub.store.Manifest;
import io.hindsight.hub.store.MerkleTree;
import io.hindsight.hub.store.SealedSnapshot.NodeFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Checks the files of one node of the manifest. One thread at a time.
 */
final class NodeCheck {
    private final Path folder;
    private final FolderFiles files;
    private final FileWitnesses witnesses;
    private final Map<Long, String> nodeNames;
    private final ManifestClaims claims;
    private final MerkleTree merkleTree;
    private final ReadPace pace;

    /**
     * @param witnesses who say what was sealed
     * @param nodeNames of the snapshot, by their hashes
     */
    NodeCheck(
            Path folder,
            FolderFiles files,
            FileWitnesses witnesses,
            Map<Long, String> nodeNames,
            ManifestClaims claims,
            MerkleTree merkleTree,
            ReadPace pace) {
        this.pace = pace;
        this.folder = folder;
        this.files = files;
        this.witnesses = witnesses;
        this.nodeNames = nodeNames;
        this.claims = claims;
        this.merkleTree = merkleTree;
    }

    /** What was read, where the data file could be; sound files are compared with the entry of this number. */
    Optional<DataFileFacts> check(
            int number, Manifest.Node node, Manifest.File data, Manifest.File index, Findings findings) {
        boolean dataIsThere = witnesses.isThere("/nodes/" + number + "/data/name", data);
        boolean indexIsThere = witnesses.isThere("/nodes/" + number + "/index/name", index);
        try {
            String entry = "/nodes/" + number;
            boolean indexIsCleared = indexIsThere && isIndexCleared(entry, index);
            Optional<DataFileFacts> facts = Optional.empty();
            if (dataIsThere) {
                facts =
                        Optional.of(
                                checkData(
                                        entry, new Claimed(node, data, index), indexIsThere, indexIsCleared, findings));
            }
            FileWitnesses.nameUnlessCleared(findings, index, indexIsCleared || !indexIsThere, 0, null);
            return facts;
        } catch (IOException | HindsightException e) {
            files.addUnreadable(data.name(), e);
            return Optional.empty();
        }
    }

    private boolean isIndexCleared(String entry, Manifest.File index) throws IOException {
        return witnesses.isCleared(entry + "/index", index, files.length(index.name()), files.digest(index.name()));
    }

    /** What the manifest says of a node. */
    private record Claimed(Manifest.Node node, Manifest.File data, Manifest.File index) {}

    private DataFileFacts checkData(
            String entry, Claimed claimed, boolean indexIsThere, boolean indexIsCleared, Findings findings)
            throws IOException {
        Manifest.File data = claimed.data();
        // What stands in the place of an index that is none is not opened: then there is none.
        String indexName = indexIsThere ? claimed.index().name() : data.name() + ".no-index";
        NodeFiles nodeFiles = new NodeFiles(claimed.node(), folder.resolve(data.name()), folder.resolve(indexName));
        Findings found = new Findings();
        DataFileFacts facts =
                new DataFileCheck(nodeFiles, DataFileCheck.Depth.DIGESTS, found, merkleTree, pace, ChunkObserver.NONE)
                        .run();
        files.count(facts.bytesRead());
        Digest digest = facts.digest();
        boolean dataIsCleared = digest != null && witnesses.isCleared(entry + "/data", data, facts.bytesRead(), digest);
        if (dataIsCleared && indexIsCleared && found.count() == 0) {
            claims.checkNode(entry, claimed.node(), facts);
        } else {
            NodeDiagnosis diagnosis = new NodeDiagnosis(nodeFiles, nodeNames, dataIsCleared, indexIsCleared);
            if (indexIsThere) {
                explain(diagnosis, found, findings);
            } else {
                found.violations().stream()
                        .filter(violation -> violation.file().equals(data.name()))
                        .forEach(findings::add);
            }
            FileWitnesses.nameUnlessCleared(findings, data, dataIsCleared, facts.bytesRead(), digest);
        }
        return facts;
    }

    private void explain(NodeDiagnosis diagnosis, Findings found, Findings findings) throws IOException {
        Findings explained = diagnosis.run(pace);
        if (explained.count() > 0) {
            findings.addAll(explained);
        } else {
            found.violations().stream().filter(violation -> !diagnosis.isUnjust(violation)).forEach(findings::add);
        }
    }
}
