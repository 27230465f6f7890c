package io.hindsight.hub.resolve;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.store.ChunkReader;
import io.hindsight.hub.store.DerivedFile;
import io.hindsight.hub.store.IndexReader;
import io.hindsight.hub.store.IndexRecord;
import io.hindsight.hub.store.Manifest;
import io.hindsight.hub.store.SealedSnapshot;
import io.hindsight.hub.store.SealedSnapshot.NodeFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;

/** The resolution of a sealed snapshot, wherever it lies: from what is stored, or where nothing is, made anew of its events; its packets are not touched. Blocks. Stateless. */
public final class SnapshotResolution {
    private SnapshotResolution() {}

    /**
     * The snapshot's resolution; {@link Resolution#NONE} where it has no events.
     *
     * @throws HindsightException INTEGRITY_VIOLATED, IO_FAILED naming the file
     */
    public static Resolution read(SealedSnapshot snapshot) {
        return snapshot.derived(DerivedFile.RESOLUTION).map(ResolutionFile::read).orElseGet(() -> make(snapshot));
    }

    private static Resolution make(SealedSnapshot snapshot) {
        ResolutionBuilder builder = new ResolutionBuilder();
        for (NodeFiles files : snapshot.files()) {
            if (files.node().records() > 0) {
                take(files, builder);
            }
        }
        return builder.build();
    }

    private static void take(NodeFiles files, ResolutionBuilder builder) {
        Manifest.Node node = files.node();
        try (IndexReader index = files.openIndex();
                FileChannel data = files.openData();
                ChunkReader chunks = new ChunkReader(data, data.size())) {
            while (index.hasNext()) {
                IndexRecord record = index.next();
                if (RecordedEvents.areIn(record.source())) {
                    ChunkReader.Read chunk = chunks.read(record.offset());
                    RecordedEvents.take(node.node(), chunk.header(), chunk.bytes(), builder);
                }
            }
        } catch (IOException e) {
            throw new HindsightException(
                    ErrorCode.IO_FAILED,
                    "Cannot read the events of node=" + node.node() + ": " + e.getMessage() + ".",
                    e);
        }
    }
}
