package io.hindsight.hub.resolve;

import io.hindsight.chunk.ChunkHeader;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.chunk.ChunkVerifier;
import io.hindsight.error.HindsightException;
import io.hindsight.event.EventEntry;
import io.hindsight.pcapng.BlockCursor;
import io.hindsight.pcapng.JournalExportBlockDescriptor;
import java.lang.foreign.MemorySegment;

/** The events of a chunk, for a builder. */
final class RecordedEvents {
    private RecordedEvents() {}

    /** Whether such chunks tell anything. */
    static boolean areIn(ChunkSource source) {
        return source == ChunkSource.KUBERNETES || source == ChunkSource.OS;
    }

    /**
     * Hands over every event of a chunk that was found valid. A record that is no event costs itself alone, and is counted.
     *
     * @param bytes of the whole chunk
     */
    static void take(String node, ChunkHeader header, MemorySegment bytes, ResolutionBuilder builder) {
        if (!areIn(header.source())) {
            return;
        }
        BlockCursor blocks = new BlockCursor(bytes, ChunkVerifier.bodyOffset(bytes, 0), bytes.byteSize());
        while (blocks.next()) {
            if (blocks.type() == JournalExportBlockDescriptor.TYPE) {
                takeRecord(node, header.source(), bytes, blocks.offset(), builder);
            }
        }
    }

    private static void takeRecord(
            String node, ChunkSource source, MemorySegment bytes, long block, ResolutionBuilder builder) {
        try {
            if (source == ChunkSource.OS) {
                builder.osEvent(node, EventEntry.osEvent(bytes, block));
            } else {
                builder.kubernetesChange(node, EventEntry.kubernetesChange(bytes, block));
            }
        } catch (HindsightException noEvent) {
            builder.unusable();
        }
    }
}
