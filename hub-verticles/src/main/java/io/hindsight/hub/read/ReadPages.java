package io.hindsight.hub.read;

import io.hindsight.chunk.Chunk;
import io.hindsight.chunk.ChunkHeader;
import java.lang.foreign.MemorySegment;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Knows for how long a reading's files must stay mapped: until it has ended, and every chunk that went out by reference was given back, or is reachable by nobody any
 * more. Unmapping what somebody still reads would end the process. Thread-safe.
 */
final class ReadPages {
    private final Consumer<ReadPages> unmapped;
    private final ReferenceQueue<MemorySegment> forgotten = new ReferenceQueue<>();
    private final Set<Hold> holds = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean retired = new AtomicBoolean();

    /** One for each hold, and one for the reading itself. */
    private final AtomicInteger users = new AtomicInteger(1);

    /** A chunk that is out. It refers to the slice behind the chunk's buffers, which all of their duplicates keep alive. */
    private final class Hold extends PhantomReference<MemorySegment> {
        Hold(MemorySegment bytes) {
            super(bytes, forgotten);
        }

        void end() {
            if (holds.remove(this)) {
                leave();
            }
        }
    }

    /** {@code unmapped} runs when the files may be unmapped, once, on any thread. */
    ReadPages(Consumer<ReadPages> unmapped) {
        this.unmapped = unmapped;
    }

    /** A chunk that lies in the files; they stay mapped until it is released. */
    Chunk chunk(ChunkHeader header, MemorySegment bytes) {
        Hold hold = new Hold(bytes);
        users.incrementAndGet();
        holds.add(hold);
        return new Chunk(header, List.of(bytes.asByteBuffer()), hold::end);
    }

    /** Takes chunks that nobody can reach any more for given back. */
    void collect() {
        for (Reference<?> dropped = forgotten.poll(); dropped != null; dropped = forgotten.poll()) {
            if (dropped instanceof Hold hold) {
                hold.end();
            }
        }
    }

    /** Chunks that are out. */
    int held() {
        return holds.size();
    }

    /** The reading has ended. Idempotent. */
    void retire() {
        if (!retired.getAndSet(true)) {
            leave();
        }
    }

    private void leave() {
        if (users.decrementAndGet() == 0) {
            unmapped.accept(this);
        }
    }
}
