package io.hindsight.hub.store;

import io.hindsight.chunk.NodeId;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A sealed snapshot's folder, for readers. Its files never change; a deletion leaves open files readable. Immutable.
 *
 * @param folder where it lies
 * @param manifest as read from it
 */
public record SealedSnapshot(Path folder, Manifest manifest) {
    /** The manifest's name in the folder. */
    public static final String MANIFEST_FILE = "manifest.json";

    /** The digests of all other files, as {@code sha256sum} writes them. */
    public static final String DIGESTS_FILE = "manifest.sha256";

    /**
     * One node's files.
     *
     * @param node whose they are
     * @param data chunks, one after the other
     * @param index its index
     */
    public record NodeFiles(Manifest.Node node, Path data, Path index) {
        /** Opens the index. */
        public IndexReader openIndex() throws IOException {
            return IndexReader.open(index, new NodeId(node.node()));
        }

        /** Opens the data file for reading. */
        public FileChannel openData() throws IOException {
            return RegularFiles.open(data);
        }
    }

    /**
     * Opens a snapshot's folder, wherever it lies.
     *
     * @throws HindsightException SNAPSHOT_NOT_FOUND where there is no manifest, INTEGRITY_VIOLATED where it cannot be used, IO_FAILED
     */
    public static SealedSnapshot open(Path folder) {
        return new SealedSnapshot(folder, ManifestCodec.decode(manifestBytes(folder)));
    }

    /**
     * The manifest as it lies in the file, not checked.
     *
     * @throws HindsightException SNAPSHOT_NOT_FOUND where there is none, INTEGRITY_VIOLATED where it is too long, IO_FAILED
     */
    public static byte[] manifestBytes(Path folder) {
        Path file = folder.resolve(MANIFEST_FILE);
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new HindsightException(
                    ErrorCode.SNAPSHOT_NOT_FOUND, "There is no " + MANIFEST_FILE + " in " + folder + ".");
        }
        try {
            if (Files.size(file) > ManifestCodec.MAX_LENGTH) {
                throw new HindsightException(
                        ErrorCode.INTEGRITY_VIOLATED,
                        "The manifest has "
                                + Files.size(file)
                                + " bytes, at most "
                                + ManifestCodec.MAX_LENGTH
                                + " are read.");
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw IoFailures.of("read", file, e);
        }
    }

    /** Whether a Hub could have given this id: a folder of such a name holds that snapshot and no other. */
    public static boolean isGivenId(String name) {
        return FileNames.isMadeHere(name);
    }

    /** The files of every node that delivered something, in manifest order. */
    public List<NodeFiles> files() {
        return manifest.nodes().stream().filter(node -> node.data() != null).map(this::filesOf).toList();
    }

    /** The files of one node of the manifest. */
    public NodeFiles filesOf(Manifest.Node node) {
        if (node.data() == null || node.index() == null) {
            throw new HindsightException(
                    ErrorCode.INTEGRITY_VIOLATED,
                    "The manifest names no data file and index for node=" + node.node() + ".");
        }
        return new NodeFiles(node, within(node.data().name()), within(node.index().name()));
    }

    /** Where a derived file lies; empty where the snapshot has none. */
    public Optional<Path> derivedFile(DerivedFile file) {
        return entry(file).map(entry -> folder.resolve(file.fileName()));
    }

    private Optional<Manifest.File> entry(DerivedFile file) {
        return manifest.derivedFiles().stream().filter(entry -> entry.name().equals(file.fileName())).findFirst();
    }

    /**
     * A derived file's bytes, checked against length and digest of the manifest; empty where the snapshot has none. Blocks.
     *
     * @throws HindsightException INTEGRITY_VIOLATED where it is not what was sealed, IO_FAILED
     */
    public Optional<byte[]> derived(DerivedFile file) {
        return entry(file).map(entry -> read(folder.resolve(file.fileName()), entry));
    }

    private static byte[] read(Path file, Manifest.File entry) {
        try (FileChannel channel = RegularFiles.open(file)) {
            require(channel.size() == entry.bytes() && entry.bytes() <= DerivedFile.MAX_LENGTH, file, "its length");
            ByteBuffer content = ByteBuffer.allocate((int) entry.bytes());
            while (content.hasRemaining() && channel.read(content) >= 0) {
                // until all is there
            }
            require(Digest.ofContent(content.array()).hex().equals(entry.sha256()), file, "its SHA-256");
            return content.array();
        } catch (IOException e) {
            throw IoFailures.of("read", file, e);
        }
    }

    private static void require(boolean holds, Path file, String what) {
        if (!holds) {
            throw new HindsightException(
                    ErrorCode.INTEGRITY_VIOLATED,
                    "The file=" + file.getFileName() + " is not what was sealed: " + what + " is another.");
        }
    }

    /** A file of the folder; a manifest that points out of it is not followed. */
    private Path within(String name) {
        Path file = folder.resolve(name).normalize();
        if (!folder.normalize().equals(file.getParent())) {
            throw new HindsightException(
                    ErrorCode.INTEGRITY_VIOLATED, "The manifest names a file outside the snapshot's folder.");
        }
        return file;
    }
}
