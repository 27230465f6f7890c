package io.hindsight.agent.kubernetes;

import io.hindsight.agent.events.EventSink;
import io.hindsight.chunk.DropCause;
import io.hindsight.event.EventEntry;
import io.hindsight.event.KubernetesChange;
import io.hindsight.pcapng.JournalEntryReader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Keeps what is recorded, as it can be read back from an entry's bytes. */
final class RecordingSink implements EventSink {
    /** What was recorded. */
    record Recorded(long timeNs, KubernetesChange change, Map<String, String> fields, String bytes) {
        /** {@code ADDED Pod shop/cart}. */
        String summary() {
            String path = change.namespace() == null ? change.name() : change.namespace() + "/" + change.name();
            return change.kind() + " " + change.resource() + " " + path;
        }
    }

    private final List<Recorded> recorded = new CopyOnWriteArrayList<>();
    private final Map<DropCause, LongAdder> drops = new ConcurrentHashMap<>();
    private final int maxEntryLength;
    private final boolean keeping;
    private volatile boolean due = true;
    private volatile long lastBytes;
    private volatile @Nullable String thread;
    private final LongAdder events = new LongAdder();

    RecordingSink(int maxEntryLength, boolean keeping) {
        this.maxEntryLength = maxEntryLength;
        this.keeping = keeping;
    }

    @Override
    public int maxEntryLength() {
        return maxEntryLength;
    }

    @Override
    public void event(long timestampNs, byte[] entry) {
        events.increment();
        if (entry.length > maxEntryLength) {
            throw new AssertionError("too long: " + entry.length);
        }
        thread = Thread.currentThread().getName();
        if (keeping) {
            recorded.add(read(timestampNs, entry));
        }
    }

    private static Recorded read(long timestampNs, byte[] entry) {
        int length = 12 + (entry.length + 3) / 4 * 4;
        MemorySegment block = MemorySegment.ofArray(new int[length / 4]);
        block.set(ValueLayout.JAVA_INT_UNALIGNED, 0, 9);
        block.set(ValueLayout.JAVA_INT_UNALIGNED, 4, length);
        MemorySegment.copy(MemorySegment.ofArray(entry), 0, block, 8, entry.length);
        block.set(ValueLayout.JAVA_INT_UNALIGNED, length - 4, length);
        Map<String, String> fields = new HashMap<>();
        JournalEntryReader reader = new JournalEntryReader(block, 0);
        while (reader.next()) {
            fields.put(reader.name(), reader.value());
        }
        return new Recorded(
                timestampNs, EventEntry.kubernetesChange(block, 0), fields, new String(entry, StandardCharsets.UTF_8));
    }

    @Override
    public void dropped(DropCause cause, long count) {
        drops.computeIfAbsent(cause, none -> new LongAdder()).add(count);
    }

    @Override
    public void commit() {}

    @Override
    public boolean isCheckpointDue() {
        return due;
    }

    @Override
    public boolean beginCheckpoint(long bytes) {
        lastBytes = bytes;
        return true;
    }

    @Override
    public void endCheckpoint() {
        due = false;
    }

    /** Asks for a checkpoint. */
    void makeDue() {
        due = true;
    }

    List<Recorded> recorded() {
        return recorded;
    }

    /** Summaries of what was recorded outside of checkpoints. */
    List<String> changes() {
        return recorded.stream().filter(one -> one.change().checkpoint() == null).map(Recorded::summary).toList();
    }

    long dropped(DropCause cause) {
        LongAdder count = drops.get(cause);
        return count == null ? 0 : count.sum();
    }

    long events() {
        return events.sum();
    }

    long lastCheckpointBytes() {
        return lastBytes;
    }

    String thread() {
        return Objects.requireNonNull(thread);
    }
}
