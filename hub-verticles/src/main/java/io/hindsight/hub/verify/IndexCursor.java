package io.hindsight.hub.verify;

import io.hindsight.api.Violation;
import io.hindsight.api.Violation.Kind;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.store.IndexDescriptor;
import io.hindsight.hub.store.IndexReader;
import io.hindsight.hub.store.IndexRecord;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Walks an index that may be broken, noting what is wrong. One thread at a time. */
final class IndexCursor implements AutoCloseable {
    private final String name;
    private final Findings findings;
    private final @Nullable IndexReader reader;
    private long record;

    IndexCursor(Path file, NodeId node, Findings findings) {
        this.name = String.valueOf(file.getFileName());
        this.findings = findings;
        this.reader = open(file, node);
    }

    private @Nullable IndexReader open(Path file, NodeId node) {
        try {
            return IndexReader.open(file, node);
        } catch (HindsightException | IOException e) {
            findings.add(Violation.of(Kind.CHANGED, name, "The index cannot be used: " + e.getMessage()));
            return null;
        }
    }

    String name() {
        return name;
    }

    /** The next record; null where it is broken or absent. */
    @Nullable IndexRecord next() throws IOException {
        if (reader == null) {
            return null;
        }
        long current = record++;
        if (!reader.hasNext()) {
            add(Kind.MISSING, current, "The data file holds a chunk that the index lacks.");
            return null;
        }
        try {
            return reader.next();
        } catch (HindsightException broken) {
            add(Kind.CHANGED, current, String.valueOf(broken.getMessage()));
            return null;
        }
    }

    /** Notes records for which the data file has no chunk. */
    void expectEnd() {
        if (reader != null && reader.hasNext()) {
            add(
                    Kind.ADDED,
                    record,
                    "The index has " + reader.recordCount() + " records, the data file " + record + " chunks.");
        }
    }

    private void add(Kind kind, long number, String detail) {
        findings.add(
                Violation.of(kind, name, detail)
                        .at(number, IndexDescriptor.recordOffset(number), IndexDescriptor.RECORD_LENGTH));
    }

    @Override
    public void close() throws IOException {
        if (reader != null) {
            reader.close();
        }
    }
}
