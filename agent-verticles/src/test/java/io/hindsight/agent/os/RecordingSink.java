package io.hindsight.agent.os;

import io.hindsight.agent.events.EventSink;
import io.hindsight.chunk.DropCause;
import io.hindsight.event.EventEntry;
import io.hindsight.event.OsEvent;
import io.hindsight.pcapng.BlockDescriptor;
import io.hindsight.pcapng.BlockWriter;
import io.hindsight.pcapng.JournalExportBlockDescriptor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Keeps what a source hands over, and reads it as a reader of a snapshot would. */
final class RecordingSink implements EventSink {
    private static final int MAX_ENTRY_LENGTH = 1 << 16;

    private final boolean takesCheckpoints;

    // Guarded by this object's lock.
    private final List<OsEvent> committed = new ArrayList<>();
    private final List<OsEvent> checkpoint = new ArrayList<>();
    private final List<OsEvent> uncommitted = new ArrayList<>();
    private final Map<DropCause, Long> dropped = new EnumMap<>(DropCause.class);
    private final List<Long> times = new ArrayList<>();
    private boolean due = true;
    private boolean inCheckpoint;
    private int refused;
    private long announced;
    private long bytes;
    private int checkpoints;

    RecordingSink() {
        this(true);
    }

    RecordingSink(boolean takesCheckpoints) {
        this.takesCheckpoints = takesCheckpoints;
    }

    @Override
    public int maxEntryLength() {
        return MAX_ENTRY_LENGTH;
    }

    @Override
    public synchronized void event(long timestampNs, byte[] entry) {
        OsEvent event = read(entry);
        times.add(timestampNs);
        if (inCheckpoint) {
            bytes += entry.length;
            checkpoint.add(event);
        } else {
            uncommitted.add(event);
        }
    }

    static OsEvent read(byte[] entry) {
        int length = BlockDescriptor.MIN_LENGTH + BlockDescriptor.align(entry.length);
        MemorySegment block = MemorySegment.ofArray(new byte[length]);
        BlockWriter.begin(block, 0, JournalExportBlockDescriptor.TYPE).padded(entry, entry.length).end();
        return EventEntry.osEvent(block, 0);
    }

    @Override
    public synchronized void dropped(DropCause cause, long count) {
        dropped.merge(cause, count, Long::sum);
    }

    @Override
    public synchronized void commit() {
        committed.addAll(uncommitted);
        uncommitted.clear();
    }

    @Override
    public synchronized boolean isCheckpointDue() {
        return due;
    }

    @Override
    public synchronized boolean beginCheckpoint(long announcedBytes) {
        if (!takesCheckpoints) {
            refused++;
            return false;
        }
        inCheckpoint = true;
        checkpoint.clear();
        bytes = 0;
        announced = announcedBytes;
        return true;
    }

    @Override
    public synchronized void endCheckpoint() {
        inCheckpoint = false;
        due = false;
        checkpoints++;
        commit();
    }

    synchronized void makeCheckpointDue() {
        due = true;
    }

    synchronized List<OsEvent> events() {
        return List.copyOf(committed);
    }

    List<OsEvent> events(Predicate<OsEvent> wanted) {
        return events().stream().filter(wanted).toList();
    }

    synchronized List<OsEvent> checkpoint() {
        return List.copyOf(checkpoint);
    }

    synchronized int checkpoints() {
        return checkpoints;
    }

    synchronized int refusedCheckpoints() {
        return refused;
    }

    synchronized boolean announcedWhatCame() {
        return announced == bytes && bytes > 0;
    }

    synchronized List<Long> times() {
        return List.copyOf(times);
    }

    synchronized long dropped(DropCause cause) {
        return dropped.getOrDefault(cause, 0L);
    }
}
