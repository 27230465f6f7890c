package io.hindsight.hub.verify;

import io.hindsight.api.VerifyReport;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.store.Digest;
import io.hindsight.hub.store.DigestList;
import io.hindsight.hub.store.FileCounts;
import io.hindsight.hub.store.Manifest;
import io.hindsight.hub.store.ManifestCodec;
import io.hindsight.hub.store.MerkleTree;
import io.hindsight.hub.store.SealedSnapshot;
import io.hindsight.hub.store.SealedSnapshot.NodeFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Verifies a sealed snapshot's folder, wherever it lies: reads every byte of every file and computes every checksum, digest and count anew. Uses
 * memory for one chunk, whatever the snapshot's size. Each violation is laid to the file that is at fault: the data files by their own CRCs, the
 * index by its records' CRCs, the manifest by the digest that it carries, {@code manifest.sha256} by all of these.
 */
public final class SnapshotVerifier {
    private final Path folder;
    private final Findings findings = new Findings();
    private final MerkleTree merkleTree = new MerkleTree();
    private int files;
    private long chunks;
    private long bytes;

    private SnapshotVerifier(Path folder) {
        this.folder = folder;
    }

    /**
     * Verifies the folder. Blocks for as long as the reading takes.
     *
     * @throws HindsightException SNAPSHOT_NOT_FOUND where there is no such folder
     */
    public static VerifyReport verify(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new HindsightException(ErrorCode.SNAPSHOT_NOT_FOUND, "There is no snapshot folder=" + folder + ".");
        }
        return new SnapshotVerifier(folder.toAbsolutePath().normalize()).run();
    }

    private VerifyReport run() {
        long startedNs = System.nanoTime();
        byte[] manifestBytes = readSmall(SealedSnapshot.MANIFEST_FILE);
        byte[] digestList = readSmall(SealedSnapshot.DIGESTS_FILE);
        Manifest manifest = manifestBytes == null ? null : decode(manifestBytes);
        if (manifest == null || manifestBytes == null) {
            checkByDigestList(digestList);
        } else {
            checkByManifest(manifest, manifestBytes, digestList);
        }
        return new VerifyReport(
                String.valueOf(folder.getFileName()),
                findings.count() == 0,
                files,
                chunks,
                bytes,
                merkleTree.root().hex(),
                (System.nanoTime() - startedNs) / 1_000_000,
                findings.violations());
    }

    private byte @Nullable [] readSmall(String name) {
        Path file = folder.resolve(name);
        try {
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || Files.size(file) > ManifestCodec.MAX_LENGTH) {
                findings.add(
                        name,
                        Files.exists(file) ? "The file is no regular file, or too long." : "The file is missing.");
                return null;
            }
            byte[] content = Files.readAllBytes(file);
            files++;
            bytes += content.length;
            return content;
        } catch (IOException e) {
            findings.add(name, "The file cannot be read: " + e.getMessage() + ".");
            return null;
        }
    }

    private @Nullable Manifest decode(byte[] content) {
        try {
            return ManifestCodec.decode(content);
        } catch (HindsightException e) {
            findings.add(SealedSnapshot.MANIFEST_FILE, String.valueOf(e.getMessage()));
            return null;
        }
    }

    private void checkByManifest(Manifest manifest, byte[] manifestBytes, byte @Nullable [] digestList) {
        List<DataFileFacts> facts = new ArrayList<>();
        for (Manifest.Node node : manifest.nodes()) {
            if (node.data() != null) {
                facts.add(checkNode(manifest, node));
            }
        }
        ManifestCheck.checkTotals(manifest, facts, findings);
        boolean merkleRootFits = merkleTree.root().hex().equals(manifest.merkleRoot());
        if (!merkleRootFits && findings.count() == 0) {
            findings.add(
                    SealedSnapshot.MANIFEST_FILE,
                    "The Merkle root over all chunks is "
                            + merkleTree.root()
                            + ", the manifest says "
                            + manifest.merkleRoot()
                            + ".");
        }
        checkDigestList(DigestList.of(manifest, manifestBytes), digestList);
        checkExtraFiles(expectedNames(manifest));
    }

    private DataFileFacts checkNode(Manifest manifest, Manifest.Node node) {
        Findings found = new Findings();
        try {
            NodeFiles nodeFiles = new SealedSnapshot(folder, manifest).filesOf(node);
            DataFileFacts facts = new DataFileCheck(nodeFiles, DataFileCheck.Depth.DIGESTS, found, merkleTree).run();
            files++;
            chunks += facts.counts().chunks();
            bytes += facts.bytesRead();
            Suspect data = new Suspect(node.data(), facts.bytesRead(), facts.digest());
            Suspect index = indexSuspect(node.index());
            ManifestCheck.checkNode(node, facts, found);
            Suspect.blame(found, findings, data, index);
            return facts;
        } catch (IOException | HindsightException e) {
            String name = node.data() == null ? SealedSnapshot.MANIFEST_FILE : node.data().name();
            findings.add(name, "The file cannot be read: " + e.getMessage() + ".");
            return new DataFileFacts(FileCounts.NONE, List.of(), 0, null);
        }
    }

    private Suspect indexSuspect(Manifest.@Nullable File index) throws IOException {
        Path path = folder.resolve(index == null ? "" : index.name());
        if (index == null || !Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            return new Suspect(index, 0, null);
        }
        files++;
        bytes += Files.size(path);
        return new Suspect(index, Files.size(path), digest(path));
    }

    private static Digest digest(Path file) throws IOException {
        MessageDigest digester = Digest.digester();
        byte[] buffer = new byte[1 << 16];
        try (InputStream input = Files.newInputStream(file)) {
            for (int length = input.read(buffer); length >= 0; length = input.read(buffer)) {
                digester.update(buffer, 0, length);
            }
        }
        return Digest.of(digester);
    }

    private void checkDigestList(byte[] expected, byte @Nullable [] found) {
        if (found == null) {
            return;
        }
        int at = Arrays.mismatch(expected, found);
        if (at >= 0) {
            findings.add(
                    SealedSnapshot.DIGESTS_FILE,
                    null,
                    (long) at,
                    "The list of digests is not the one that belongs to "
                            + SealedSnapshot.MANIFEST_FILE
                            + ": one of the two was changed.");
        }
    }

    /** Without a manifest that can be trusted, what is left is the list of digests. */
    private void checkByDigestList(byte @Nullable [] digestList) {
        Set<String> names = new HashSet<>(Set.of(SealedSnapshot.MANIFEST_FILE, SealedSnapshot.DIGESTS_FILE));
        if (digestList != null) {
            for (DigestList.Line line : DigestList.parse(digestList)) {
                names.add(line.name());
                checkListed(line);
            }
        }
        checkExtraFiles(names);
    }

    private void checkListed(DigestList.Line line) {
        Path file = folder.resolve(line.name()).normalize();
        boolean within = folder.equals(file.getParent());
        if (line.name().equals(SealedSnapshot.MANIFEST_FILE) || !within) {
            return;
        }
        try {
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                findings.add(line.name(), "The file is missing.");
                return;
            }
            files++;
            bytes += Files.size(file);
            if (!digest(file).hex().equals(line.sha256())) {
                findings.add(line.name(), "The file's SHA-256 is not the one in " + SealedSnapshot.DIGESTS_FILE + ".");
            }
        } catch (IOException e) {
            findings.add(line.name(), "The file cannot be read: " + e.getMessage() + ".");
        }
    }

    private static Set<String> expectedNames(Manifest manifest) {
        Set<String> names = new HashSet<>(Set.of(SealedSnapshot.MANIFEST_FILE, SealedSnapshot.DIGESTS_FILE));
        for (Manifest.Node node : manifest.nodes()) {
            Stream.of(node.data(), node.index()).filter(file -> file != null).forEach(file -> names.add(file.name()));
        }
        return names;
    }

    private void checkExtraFiles(Set<String> expected) {
        try (Stream<Path> entries = Files.list(folder)) {
            entries.map(entry -> String.valueOf(entry.getFileName()))
                    .filter(name -> !expected.contains(name))
                    .sorted()
                    .forEach(name -> findings.add(name, "The file does not belong to the snapshot."));
        } catch (IOException e) {
            findings.add(".", "The folder cannot be listed: " + e.getMessage() + ".");
        }
    }
}
