package io.hindsight.hub.export;

import io.hindsight.chunk.ChunkSource;
import io.hindsight.chunk.ChunkVerifier;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.event.EventEntry;
import io.hindsight.event.OsEvent;
import io.hindsight.pcapng.BlockCursor;
import io.hindsight.pcapng.JournalExportBlockDescriptor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Whether a snapshot's operating-system events know the processes that a filter names. Reads until it has met them all. */
final class KnownProcesses {
    private final List<String> wanted;

    private KnownProcesses(List<String> processes) {
        this.wanted = new ArrayList<>(processes);
    }

    /** @throws HindsightException INVALID_REQUEST where one was never there */
    static void require(List<String> processes, MappedFiles files, List<ChunkEntry> chunks) {
        KnownProcesses known = new KnownProcesses(processes);
        for (ChunkEntry chunk : chunks) {
            if (known.wanted.isEmpty()) {
                return;
            }
            if (chunk.source() == ChunkSource.OS) {
                known.read(files, chunk);
            }
        }
        if (!known.wanted.isEmpty()) {
            throw HindsightException.ofField(
                    ErrorCode.INVALID_REQUEST,
                    "process",
                    "No operating-system event of the chosen nodes knows of process \""
                            + known.wanted.getFirst()
                            + "\", in the snapshot's window or at the checkpoint before it.");
        }
    }

    private void read(MappedFiles files, ChunkEntry chunk) {
        MemorySegment segment = files.segment(chunk.file());
        try {
            ChunkVerifier.checkBytes(segment, chunk.offset());
            BlockCursor blocks =
                    new BlockCursor(
                            segment,
                            ChunkVerifier.bodyOffset(segment, chunk.offset()),
                            chunk.offset() + chunk.length());
            while (!wanted.isEmpty() && blocks.next()) {
                if (blocks.type() == JournalExportBlockDescriptor.TYPE) {
                    meet(segment, blocks.offset());
                }
            }
        } catch (RuntimeException | InternalError e) {
            throw files.failure(chunk.file(), e);
        }
    }

    private void meet(MemorySegment segment, long block) {
        try {
            OsEvent event = EventEntry.osEvent(segment, block);
            if (event.process() != null) {
                int pid = event.process().pid();
                String command = event.process().command();
                wanted.removeIf(process -> Selection.isProcess(process, pid, command));
            }
        } catch (HindsightException unreadable) {
            // It is told of, and counted, by the export itself.
            if (unreadable.code() != ErrorCode.INTEGRITY_VIOLATED) {
                throw unreadable;
            }
        }
    }
}
