package io.hindsight.hub.export;

import io.hindsight.api.CaptureChange;
import io.hindsight.api.ClockOffset;
import io.hindsight.api.Gap;
import io.hindsight.hub.store.Manifest;
import io.hindsight.hub.store.SealedSnapshot;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a sealed snapshot that an export reads. Immutable.
 *
 * @param id the snapshot
 * @param name for people
 * @param from first instant of its window
 * @param to first instant after its window
 * @param nodes one entry per node that has a data file, in the order that equal timestamps keep
 * @param absent nodes that delivered nothing
 */
public record SnapshotFiles(
        String id, String name, Instant from, Instant to, List<NodeFile> nodes, List<AbsentNode> absent) {
    public SnapshotFiles {
        nodes = List.copyOf(nodes);
        absent = List.copyOf(absent);
    }

    /**
     * One node's data file.
     *
     * @param node name
     * @param path chunks one after the other
     * @param gaps missing parts of the window, oldest first
     * @param clock how far the node's clock was from the Hub's, where that is known
     * @param windowShiftNs added to the snapshot's window to get the node's, in its own time
     * @param captures what was recorded when, oldest first
     */
    public record NodeFile(
            String node,
            Path path,
            List<Gap> gaps,
            @Nullable ClockOffset clock,
            long windowShiftNs,
            List<CaptureChange> captures) {
        public NodeFile {
            gaps = List.copyOf(gaps);
            captures = List.copyOf(captures);
        }

        /** Of a node that did not say what it records. */
        public NodeFile(String node, Path path, List<Gap> gaps, @Nullable ClockOffset clock, long windowShiftNs) {
            this(node, path, gaps, clock, windowShiftNs, List.of());
        }
    }

    /**
     * A node of the snapshot that has no data file.
     *
     * @param node name
     * @param gaps missing parts of the window; none where nothing happened on it
     * @param clock how far the node's clock was from the Hub's, where that is known
     * @param captures what was recorded when, oldest first
     */
    public record AbsentNode(String node, List<Gap> gaps, @Nullable ClockOffset clock, List<CaptureChange> captures) {
        public AbsentNode {
            gaps = List.copyOf(gaps);
            captures = List.copyOf(captures);
        }

        /** Of a node that did not say what it records. */
        public AbsentNode(String node, List<Gap> gaps, @Nullable ClockOffset clock) {
            this(node, gaps, clock, List.of());
        }
    }

    /** Of a sealed snapshot, wherever its folder lies. */
    public static SnapshotFiles of(SealedSnapshot sealed) {
        Manifest manifest = sealed.manifest();
        return new SnapshotFiles(
                manifest.id(),
                manifest.name(),
                manifest.from(),
                manifest.to(),
                sealed.files().stream().map(SnapshotFiles::file).toList(),
                manifest.nodes().stream()
                        .filter(node -> node.data() == null)
                        .map(node -> new AbsentNode(node.node(), node.gaps(), node.clock(), node.captureChanges()))
                        .toList());
    }

    private static NodeFile file(SealedSnapshot.NodeFiles files) {
        Manifest.Node node = files.node();
        long shiftNs = node.windowShiftNs() == null ? 0 : node.windowShiftNs();
        return new NodeFile(node.node(), files.data(), node.gaps(), node.clock(), shiftNs, node.captureChanges());
    }

    /** Names of all nodes that have a data file, in order. */
    public List<String> nodeNames() {
        return nodes.stream().map(NodeFile::node).toList();
    }

    /** Names of all nodes that delivered nothing. */
    public List<String> absentNames() {
        return absent.stream().map(AbsentNode::node).toList();
    }

    /** The snapshot as if these nodes were all; with none named, as it is. */
    SnapshotFiles only(List<String> names) {
        return new SnapshotFiles(
                id,
                name,
                from,
                to,
                nodes.stream().filter(file -> names.isEmpty() || names.contains(file.node())).toList(),
                absent.stream().filter(node -> names.isEmpty() || names.contains(node.node())).toList());
    }
}
