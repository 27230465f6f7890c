package io.hindsight.hub.verify;

import io.hindsight.api.VerifyReport;
import io.hindsight.api.Violation;
import io.hindsight.api.Violation.Kind;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.store.DerivedFile;
import io.hindsight.hub.store.DigestList;
import io.hindsight.hub.store.Manifest;
import io.hindsight.hub.store.ManifestCodec;
import io.hindsight.hub.store.MerkleTree;
import io.hindsight.hub.store.SealedSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Verifies a sealed snapshot's folder, wherever it lies: reads every byte of every file and computes every checksum, digest and count anew. Uses
 * memory for one chunk, whatever the snapshot's size; where something is wrong, some 1 KiB for each chunk more, to say what was done.
 *
 * <p>Three witnesses tell which file is at fault: the file's own CRCs, its SHA-256 in the manifest, and that in {@code manifest.sha256}. The manifest
 * carries its own digest. Nothing but regular files is opened, and nothing outside the folder.
 */
public final class SnapshotVerifier {
    private final Path folder;
    private final Findings findings = new Findings();
    private final MerkleTree merkleTree = new MerkleTree();
    private final FolderFiles files;
    private final ReadPace pace;
    private long chunks;

    private SnapshotVerifier(Path folder, ReadPace pace) {
        this.folder = folder;
        this.pace = pace;
        this.files = new FolderFiles(folder, findings, pace);
    }

    /**
     * Verifies the folder. Blocks for as long as the reading takes.
     *
     * @throws HindsightException SNAPSHOT_NOT_FOUND where there is no such folder
     */
    public static VerifyReport verify(Path folder) {
        return verify(folder, ReadPace.UNLIMITED);
    }

    /**
     * As {@link #verify(Path)}, held up by the pace.
     *
     * @throws java.util.concurrent.CancellationException where the pace says so
     */
    public static VerifyReport verify(Path folder, ReadPace pace) {
        if (!Files.isDirectory(folder)) {
            throw new HindsightException(ErrorCode.SNAPSHOT_NOT_FOUND, "There is no snapshot folder=" + folder + ".");
        }
        return new SnapshotVerifier(folder.toAbsolutePath().normalize(), pace).run();
    }

    private VerifyReport run() {
        long startedNs = System.nanoTime();
        byte[] manifestBytes = files.content(SealedSnapshot.MANIFEST_FILE, ManifestCodec.MAX_LENGTH);
        byte[] list = files.content(SealedSnapshot.DIGESTS_FILE, ManifestCodec.MAX_LENGTH);
        ManifestReading reading = manifestBytes == null ? null : ManifestReading.of(manifestBytes, findings);
        Manifest manifest = reading == null ? null : reading.manifest();
        Map<String, String> listed = list == null ? Map.of() : DigestListCheck.byName(list);
        if (reading == null || manifest == null) {
            checkByDigestList(listed);
        } else {
            checkByManifest(manifest, reading, list, listed);
        }
        return new VerifyReport(
                String.valueOf(folder.getFileName()),
                findings.count() == 0,
                files.files(),
                chunks,
                files.bytes(),
                merkleTree.root().hex(),
                (System.nanoTime() - startedNs) / 1_000_000,
                findings.count(),
                findings.violations());
    }

    private void checkByManifest(
            Manifest manifest, ManifestReading reading, byte @Nullable [] list, Map<String, String> listed) {
        ManifestClaims claims = new ManifestClaims(reading.bytes(), findings);
        checkId(manifest, claims);
        checkNodes(manifest, listed, claims);
        boolean manifestIsSound = reading.isSound() && !hasClaims();
        if (list != null && manifestIsSound) {
            DigestListCheck.compare(DigestList.of(manifest, reading.bytes()), list, findings);
        }
        checkExtraFiles(expectedNames(manifest), manifestIsSound ? Set.of() : listed.keySet());
    }

    private boolean hasClaims() {
        return findings.violations().stream().anyMatch(violation -> violation.kind() == Kind.CLAIM);
    }

    /** A copy may have any name; but a name such as Hubs give is that of one snapshot. */
    private void checkId(Manifest manifest, ManifestClaims claims) {
        String name = String.valueOf(folder.getFileName());
        if (SealedSnapshot.isGivenId(name) && !name.equals(manifest.id())) {
            claims.add("/id", "The manifest is of another snapshot than the folder.", name, manifest.id());
        }
    }

    private void checkNodes(Manifest manifest, Map<String, String> listed, ManifestClaims claims) {
        Map<Long, String> names = nodeNames(manifest, claims);
        FileWitnesses witnesses = new FileWitnesses(files, listed, claims);
        NodeCheck check = new NodeCheck(folder, files, witnesses, names, claims, merkleTree, pace);
        List<DataFileFacts> facts = new ArrayList<>();
        Findings found = new Findings();
        for (int number = 0; number < manifest.nodes().size(); number++) {
            Manifest.Node node = manifest.nodes().get(number);
            Manifest.File data = node.data();
            Manifest.File index = node.index();
            if (data != null && index != null && names.containsValue(node.node())) {
                check.check(number, node, data, index, found).ifPresent(facts::add);
            } else if ((data == null) != (index == null)) {
                claims.add(
                        "/nodes/" + number,
                        "The manifest names a data file or an index without the other.",
                        null,
                        null);
            }
        }
        chunks = facts.stream().mapToLong(each -> each.counts().chunks()).sum();
        findings.addAll(found);
        if (found.count() == 0 && facts.size() == delivered(manifest)) {
            claims.checkTotals(manifest, facts, merkleTree.root());
        }
        new DerivedCheck(files, witnesses, claims).check(manifest, findings);
    }

    private static Map<Long, String> nodeNames(Manifest manifest, ManifestClaims claims) {
        Map<Long, String> names = new HashMap<>();
        for (int number = 0; number < manifest.nodes().size(); number++) {
            String name = manifest.nodes().get(number).node();
            try {
                names.put(new NodeId(name).hash(), name);
            } catch (HindsightException invalid) {
                claims.add("/nodes/" + number + "/node", String.valueOf(invalid.getMessage()), null, name);
            }
        }
        return names;
    }

    private static long delivered(Manifest manifest) {
        return manifest.nodes().stream().filter(node -> node.data() != null).count();
    }

    /** Without a manifest that can be understood, what is left is the list of digests. */
    private void checkByDigestList(Map<String, String> listed) {
        listed.forEach((name, sha256) -> {
            if (!name.equals(SealedSnapshot.MANIFEST_FILE) && files.isName(name) && files.isPresent(name)) {
                checkListed(name, sha256);
            }
        });
        checkExtraFiles(Set.of(SealedSnapshot.MANIFEST_FILE, SealedSnapshot.DIGESTS_FILE), listed.keySet());
    }

    private void checkListed(String name, String sha256) {
        try {
            String digest = files.digest(name).hex();
            if (!digest.equals(sha256)) {
                findings.add(
                        Violation.of(
                                        Kind.CHANGED,
                                        name,
                                        "The file's SHA-256 is not the one in " + SealedSnapshot.DIGESTS_FILE + ".")
                                .at(0, files.length(name))
                                .values("sha256:" + sha256, "sha256:" + digest));
            }
        } catch (IOException e) {
            files.addUnreadable(name, e);
        }
    }

    private static Set<String> expectedNames(Manifest manifest) {
        Set<String> names = new HashSet<>(Set.of(SealedSnapshot.MANIFEST_FILE, SealedSnapshot.DIGESTS_FILE));
        for (Manifest.Node node : manifest.nodes()) {
            Stream.of(node.data(), node.index()).filter(file -> file != null).forEach(file -> names.add(file.name()));
        }
        manifest.derivedFiles().stream()
                .map(Manifest.File::name)
                .filter(name -> DerivedFile.named(name).isPresent())
                .forEach(names::add);
        return names;
    }

    private void checkExtraFiles(Set<String> expected, Set<String> alsoExpected) {
        files.names().stream()
                .filter(name -> !expected.contains(name) && !alsoExpected.contains(name))
                .forEach(name ->
                        findings.add(Violation.of(Kind.ADDED, name, "The file does not belong to the snapshot.")));
    }
}
