package io.hindsight.hub.export;

import io.hindsight.pcapng.BlockDescriptor;
import io.hindsight.pcapng.BlockWriter;
import io.hindsight.pcapng.JournalEntryReader;
import io.hindsight.pcapng.JournalEntryWriter;
import io.hindsight.pcapng.JournalExportBlockDescriptor;
import io.hindsight.pcapng.LittleEndian;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;

/**
 * A journal entry with another time: both of its time fields are written anew, all others are kept as they stand. What a record says in
 * {@code HINDSIGHT_JSON} stays what the node said.
 */
final class JournalShift {
    private static final int TIME_FIELDS_ROOM = 1024;

    private JournalShift() {}

    /** The block of the record at which the chunk stands, with its exported time. */
    static byte[] of(OpenChunk chunk) {
        ByteArrayOutputStream entry = new ByteArrayOutputStream(chunk.length() + TIME_FIELDS_ROOM);
        entry.writeBytes(new JournalEntryWriter(TIME_FIELDS_ROOM).begin(chunk.timestampNs()).toEntry());
        JournalEntryReader fields = new JournalEntryReader(chunk.segment(), chunk.offset());
        while (fields.next()) {
            boolean isTime =
                    fields.isNamed(JournalExportBlockDescriptor.REALTIME_TIMESTAMP)
                            || fields.isNamed(JournalExportBlockDescriptor.TIME_NS);
            if (!isTime) {
                entry.writeBytes(fields.fieldBytes().toArray(LittleEndian.U8));
            }
        }
        byte[] block = new byte[BlockDescriptor.MIN_LENGTH + BlockDescriptor.align(entry.size())];
        BlockWriter.begin(MemorySegment.ofArray(block), 0, JournalExportBlockDescriptor.TYPE)
                .padded(entry.toByteArray())
                .end();
        return block;
    }
}
