package io.hindsight.hub.export;

import io.hindsight.pcapng.JournalExportBlockDescriptor;
import java.util.List;

/** Writes one JSON object a line for each journal record ({@link JournalLine}); packets do not fit. */
final class NdjsonSink implements RecordSink {
    private final ExportOutput output;
    private final List<String> nodes;

    /** @param nodes names, by file index */
    NdjsonSink(ExportOutput output, List<String> nodes) {
        this.output = output;
        this.nodes = nodes;
    }

    @Override
    public void begin() {
        // A line needs no head.
    }

    @Override
    public boolean record(OpenChunk chunk) {
        if (chunk.type() != JournalExportBlockDescriptor.TYPE) {
            return false;
        }
        output.append(JournalLine.of(chunk, nodes.get(chunk.entry().file())));
        return true;
    }

    @Override
    public boolean capture(CaptureNote note) {
        output.append(note.line());
        return true;
    }

    @Override
    public boolean isFull() {
        return output.remaining() < MIN_ROOM;
    }

    @Override
    public void flush() {
        // Nothing is held back.
    }

    @Override
    public void end() {
        // Nor an end.
    }
}
