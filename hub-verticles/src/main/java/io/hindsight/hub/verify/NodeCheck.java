package io.hindsight.hub.verify;

import io.hindsight.api.Violation;
import io.hindsight.api.Violation.Kind;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.store.Digest;
import io.hindsight.hub.store.Manifest;
import io.hindsight.hub.store.MerkleTree;
import io.hindsight.hub.store.SealedSnapshot.NodeFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Checks the files of one node of the manifest. A file is cleared by its SHA-256 in the manifest; or by that in {@code manifest.sha256}, and then the
 * manifest is at fault. One thread at a time.
 */
final class NodeCheck {
    private final Path folder;
    private final FolderFiles files;
    private final Map<String, String> listed;
    private final Map<Long, String> nodeNames;
    private final ManifestClaims claims;
    private final MerkleTree merkleTree;
    private final ReadPace pace;

    /**
     * @param listed digests of {@code manifest.sha256}, by file name
     * @param nodeNames of the snapshot, by their hashes
     */
    NodeCheck(
            Path folder,
            FolderFiles files,
            Map<String, String> listed,
            Map<Long, String> nodeNames,
            ManifestClaims claims,
            MerkleTree merkleTree,
            ReadPace pace) {
        this.pace = pace;
        this.folder = folder;
        this.files = files;
        this.listed = listed;
        this.nodeNames = nodeNames;
        this.claims = claims;
        this.merkleTree = merkleTree;
    }

    /** What was read, where the data file could be; sound files are compared with the entry of this number. */
    Optional<DataFileFacts> check(
            int number, Manifest.Node node, Manifest.File data, Manifest.File index, Findings findings) {
        boolean dataIsThere = isThere("/nodes/" + number + "/data/name", data);
        boolean indexIsThere = isThere("/nodes/" + number + "/index/name", index);
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
            nameUnlessCleared(findings, index, indexIsCleared || !indexIsThere, 0, null);
            return facts;
        } catch (IOException | HindsightException e) {
            files.addUnreadable(data.name(), e);
            return Optional.empty();
        }
    }

    private boolean isIndexCleared(String entry, Manifest.File index) throws IOException {
        return isCleared(entry + "/index", index, files.length(index.name()), files.digest(index.name()));
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
        DataFileFacts facts = new DataFileCheck(nodeFiles, DataFileCheck.Depth.DIGESTS, found, merkleTree, pace).run();
        files.count(facts.bytesRead());
        Digest digest = facts.digest();
        boolean dataIsCleared = digest != null && isCleared(entry + "/data", data, facts.bytesRead(), digest);
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
            nameUnlessCleared(findings, data, dataIsCleared, facts.bytesRead(), digest);
        }
        return facts;
    }

    /** A manifest that points out of the folder is not followed; one that names what only it knows is at fault itself. */
    private boolean isThere(String field, Manifest.File file) {
        if (!files.isName(file.name())) {
            claims.add(field, "The manifest names a file outside the snapshot's folder.", null, file.name());
            return false;
        }
        if (!files.exists(file.name()) && !listed.isEmpty() && !listed.containsKey(file.name())) {
            claims.add(
                    field,
                    "The manifest names a file that is not there, nor in the list of digests.",
                    null,
                    file.name());
            return false;
        }
        return files.isPresent(file.name());
    }

    private boolean isCleared(String entry, Manifest.File claimed, long bytes, Digest digest) {
        if (claimed.bytes() == bytes && claimed.sha256().equals(digest.hex())) {
            return true;
        }
        boolean byList = digest.hex().equals(listed.get(claimed.name()));
        if (byList) {
            claims.checkFile(entry, claimed, bytes, digest);
        }
        return byList;
    }

    private void explain(NodeDiagnosis diagnosis, Findings found, Findings findings) throws IOException {
        Findings explained = diagnosis.run(pace);
        if (explained.count() > 0) {
            findings.addAll(explained);
        } else {
            found.violations().stream().filter(violation -> !diagnosis.isUnjust(violation)).forEach(findings::add);
        }
    }

    private static void nameUnlessCleared(
            Findings findings, Manifest.File claimed, boolean cleared, long bytes, @Nullable Digest digest) {
        if (!cleared && !findings.names(claimed.name())) {
            String is = digest == null ? "other bytes" : bytes + " bytes and SHA-256 " + digest;
            String detail =
                    "The file has "
                            + is
                            + ", the manifest says "
                            + claimed.bytes()
                            + " bytes and "
                            + claimed.sha256()
                            + ".";
            findings.add(
                    Violation.of(Kind.CHANGED, claimed.name(), detail)
                            .at(0, Math.max(bytes, claimed.bytes()))
                            .values("sha256:" + claimed.sha256(), digest == null ? null : "sha256:" + digest));
        }
    }
}
