package io.hindsight.agent.ring;

import io.hindsight.chunk.ChunkSource;
import io.hindsight.pcapng.BlockCursor;
import io.hindsight.pcapng.JournalEntryReader;
import io.hindsight.pcapng.JournalEntryWriter;
import io.hindsight.pcapng.JournalExportBlockDescriptor;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Events for tests of rings, and what lies in chunks. */
public final class TestEvents {
    private TestEvents() {}

    /** A ring of events in a folder. */
    public static RingSpec spec(Path folder, long storageBytes, int slotSize) {
        return new RingSpec(
                RingSpec.fileIn(folder, ChunkSource.OS),
                TestPackets.NODE,
                ChunkSource.OS,
                storageBytes,
                slotSize,
                "hindsight test");
    }

    /** A journal entry of this time and message. */
    public static byte[] entry(long timestampNs, String message) {
        return new JournalEntryWriter(64 << 10)
                .begin(timestampNs)
                .field(JournalExportBlockDescriptor.MESSAGE, message)
                .toEntry();
    }

    /** The messages of a whole chunk, in order. */
    public static List<String> messages(MemorySegment chunk, long start, long end) {
        List<String> messages = new ArrayList<>();
        BlockCursor blocks = new BlockCursor(chunk, start, end);
        while (blocks.next()) {
            if (blocks.type() == JournalExportBlockDescriptor.TYPE) {
                JournalEntryReader fields = new JournalEntryReader(chunk, blocks.offset());
                while (fields.next()) {
                    if (fields.isNamed(JournalExportBlockDescriptor.MESSAGE)) {
                        messages.add(fields.value());
                    }
                }
            }
        }
        return messages;
    }
}
