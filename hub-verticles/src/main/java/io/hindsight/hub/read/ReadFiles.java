package io.hindsight.hub.read;

import io.hindsight.bus.ReadRequest;
import io.hindsight.chunk.ChunkHeader;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.export.MappedFiles;
import io.hindsight.hub.store.Manifest;
import io.hindsight.hub.store.SealedSnapshot;
import io.hindsight.hub.store.SealedSnapshot.NodeFiles;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What one reading reads: the chosen data files, mapped from now on, so that a deletion meanwhile takes nothing away.
 *
 * @param manifest of the snapshot
 * @param mapped its chosen data files, in the manifest's order
 * @param sources that are wanted
 * @param chunks that are wanted
 * @param bytes of these
 */
record ReadFiles(Manifest manifest, MappedFiles mapped, Set<ChunkSource> sources, long chunks, long bytes) {
    /**
     * Opens them. Blocks.
     *
     * @throws HindsightException INVALID_REQUEST, UNKNOWN_NODE, SNAPSHOT_NOT_FOUND, INTEGRITY_VIOLATED, IO_FAILED
     */
    static ReadFiles open(Path folder, ReadRequest request) {
        Set<ChunkSource> sources = sources(request.chosenSources());
        SealedSnapshot sealed = SealedSnapshot.open(folder);
        List<NodeFiles> files = chosen(sealed, request.chosenNodes());
        MappedFiles mapped = MappedFiles.open(files.stream().map(NodeFiles::data).toList());
        try {
            requireLengths(files, mapped);
            if (sources.size() == ChunkSource.values().length) {
                long chunks = files.stream().mapToLong(file -> file.node().chunks()).sum();
                long bytes = files.stream().mapToLong(file -> file.node().bytes()).sum();
                return new ReadFiles(sealed.manifest(), mapped, sources, chunks, bytes);
            }
            return count(sealed.manifest(), mapped, sources);
        } catch (RuntimeException e) {
            mapped.close();
            throw e;
        }
    }

    private static Set<ChunkSource> sources(List<String> labels) {
        if (labels.isEmpty()) {
            return EnumSet.allOf(ChunkSource.class);
        }
        EnumSet<ChunkSource> sources = EnumSet.noneOf(ChunkSource.class);
        labels.forEach(label -> sources.add(source(label)));
        return sources;
    }

    private static ChunkSource source(String label) {
        return Arrays.stream(ChunkSource.values())
                .filter(source -> source.label().equals(label))
                .findFirst()
                .orElseThrow(() ->
                        HindsightException.ofField(
                                ErrorCode.INVALID_REQUEST,
                                "sources",
                                "There is no source="
                                        + label
                                        + ", but "
                                        + Arrays.stream(ChunkSource.values()).map(ChunkSource::label).toList()
                                        + "."));
    }

    /** A node of the snapshot that delivered nothing has no file. */
    private static List<NodeFiles> chosen(SealedSnapshot sealed, List<String> names) {
        List<String> all = sealed.manifest().nodes().stream().map(Manifest.Node::node).toList();
        names.stream()
                .filter(name -> !all.contains(name))
                .findFirst()
                .ifPresent(stranger -> {
                    throw HindsightException.ofField(
                            ErrorCode.UNKNOWN_NODE, "nodes", "The snapshot has no node=" + stranger + ".");
                });
        return sealed.files().stream().filter(file -> names.isEmpty() || names.contains(file.node().node())).toList();
    }

    private static void requireLengths(List<NodeFiles> files, MappedFiles mapped) {
        for (int file = 0; file < files.size(); file++) {
            long told = files.get(file).node().bytes();
            long found = mapped.segment(file).byteSize();
            if (told != found) {
                throw new HindsightException(
                        ErrorCode.INTEGRITY_VIOLATED,
                        "file="
                                + files.get(file).data().getFileName()
                                + " has bytes="
                                + found
                                + ", the manifest says "
                                + told
                                + ".");
            }
        }
    }

    private static ReadFiles count(Manifest manifest, MappedFiles mapped, Set<ChunkSource> sources) {
        ReadCursor cursor = new ReadCursor(mapped, sources);
        long chunks = 0;
        long bytes = 0;
        for (ChunkHeader chunk = cursor.peek(); chunk != null; chunk = cursor.peek()) {
            chunks++;
            bytes += chunk.lengthBytes();
            cursor.pass();
        }
        return new ReadFiles(manifest, mapped, sources, chunks, bytes);
    }
}
