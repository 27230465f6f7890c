package io.hindsight.hub.export;

import io.hindsight.api.Gap;
import io.hindsight.hub.store.Manifest;
import io.hindsight.hub.store.SealedSnapshot;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * The parts of a sealed snapshot that an export reads. Immutable.
 *
 * @param id the snapshot
 * @param name for people
 * @param from first instant of its window
 * @param nodes one entry per node that has a data file, in the order that equal timestamps keep
 */
public record SnapshotFiles(String id, String name, Instant from, List<NodeFile> nodes) {
    public SnapshotFiles {
        nodes = List.copyOf(nodes);
    }

    /**
     * One node's data file.
     *
     * @param node name
     * @param path chunks one after the other
     * @param gaps missing parts of the window, oldest first
     */
    public record NodeFile(String node, Path path, List<Gap> gaps) {
        public NodeFile {
            gaps = List.copyOf(gaps);
        }
    }

    /** Of a sealed snapshot, wherever its folder lies. */
    public static SnapshotFiles of(SealedSnapshot sealed) {
        Manifest manifest = sealed.manifest();
        return new SnapshotFiles(
                manifest.id(),
                manifest.name(),
                manifest.from(),
                sealed.files().stream()
                        .map(files -> new NodeFile(files.node().node(), files.data(), files.node().gaps()))
                        .toList());
    }

    /** Names of all nodes, in order. */
    public List<String> nodeNames() {
        return nodes.stream().map(NodeFile::node).toList();
    }
}
