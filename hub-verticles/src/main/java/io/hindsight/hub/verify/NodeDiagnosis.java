package io.hindsight.hub.verify;

import io.hindsight.api.Violation;
import io.hindsight.chunk.NodeId;
import io.hindsight.hub.store.SealedSnapshot.NodeFiles;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * Explains what is wrong with a node's data file and index. {@link DataFileCheck} has found <em>that</em> something is, front to back and in little
 * memory; this reads them a second time and keeps what it finds of every chunk, to say <em>what</em> was done. Some 1 KiB for each chunk, and
 * {@link IndexContent#MAX_RECORDS} of them at most.
 */
final class NodeDiagnosis {
    private final NodeFiles files;
    private final NodeId node;
    private final Map<Long, String> nodeNames;
    private final boolean dataIsCleared;
    private final boolean indexIsCleared;

    /**
     * @param dataIsCleared whether the data file is what was sealed; then only the index can be at fault
     * @param indexIsCleared whether the index is what was sealed
     */
    NodeDiagnosis(NodeFiles files, Map<Long, String> nodeNames, boolean dataIsCleared, boolean indexIsCleared) {
        this.files = files;
        this.node = new NodeId(files.node().node());
        this.nodeNames = nodeNames;
        this.dataIsCleared = dataIsCleared;
        this.indexIsCleared = indexIsCleared;
    }

    /** What was done; nothing where that cannot be told. */
    Findings run(ReadPace pace) throws IOException {
        Findings findings = new Findings();
        IndexContent index = IndexContent.read(files.index(), node);
        List<FoundChunk> chunks = DataContent.read(files.openData(), index, pace);
        if (index.isTooLong() || chunks.size() >= IndexContent.MAX_RECORDS) {
            return findings;
        }
        boolean indexTells = index.records().stream().anyMatch(record -> record != null);
        if ((!dataIsCleared || indexIsCleared) && (indexTells || chunks.isEmpty())) {
            String name = String.valueOf(files.data().getFileName());
            new DataDiagnosis(name, node, nodeNames, index.records(), chunks, findings).run();
        }
        if (!indexIsCleared) {
            index.problems().forEach(findings::add);
        }
        if (dataIsCleared && !indexIsCleared) {
            new IndexDiagnosis(index, chunks, findings).run();
        }
        return findings;
    }

    /** Whether a violation is laid to a file that the manifest clears while the other is not cleared. */
    boolean isUnjust(Violation violation) {
        if (dataIsCleared == indexIsCleared) {
            return false;
        }
        String cleared = String.valueOf((dataIsCleared ? files.data() : files.index()).getFileName());
        return violation.file().equals(cleared);
    }
}
