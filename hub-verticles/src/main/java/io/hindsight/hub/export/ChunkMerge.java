package io.hindsight.hub.export;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A k-way merge by time over chunks that may overlap in any way: several writers of one ring, several nodes, clocks that were set back.
 * Chunks wait in the order of their first time and are opened when the merge gets there, so that only those are open whose times surround
 * the present record; those stand in a binary heap. As long as the chunk on top stays below {@link #limitNs}, the smallest time of
 * everything else, it goes on without a look at the heap: runs of one chunk cost next to nothing. Equal times keep
 * {@link ChunkEntry#compareStable}, then the position in the chunk.
 *
 * <p>Owned by the export's thread.
 */
final class ChunkMerge {
    private final MappedFiles files;
    private final InterfaceRegistry registry;
    private final List<ChunkEntry> waiting;
    private int nextWaiting;
    private @Nullable OpenChunk[] heap = new OpenChunk[8];
    private int size;
    private boolean started;

    /** While the top's time is below this, nothing else can come first. */
    private long limitNs = Long.MIN_VALUE;

    /** @param waiting in {@link ChunkEntry#OPENING_ORDER} */
    ChunkMerge(MappedFiles files, InterfaceRegistry registry, List<ChunkEntry> waiting) {
        this.files = files;
        this.registry = registry;
        this.waiting = waiting;
    }

    /** The chunk that stands at the next record of all, or null at the end. */
    @Nullable OpenChunk next() {
        if (size > 0 && started) {
            OpenChunk top = at(0);
            if (!top.advance()) {
                removeTop();
            } else if (top.timestampNs() < limitNs) {
                return top;
            } else {
                siftDown();
            }
        }
        started = true;
        openWhatIsDue();
        limitNs = limit();
        return heap[0];
    }

    private OpenChunk at(int index) {
        OpenChunk chunk = heap[index];
        if (chunk == null) {
            throw new IllegalStateException("index=" + index + " size=" + size);
        }
        return chunk;
    }

    private void removeTop() {
        at(0).close();
        size--;
        heap[0] = heap[size];
        heap[size] = null;
        siftDown();
    }

    private void openWhatIsDue() {
        while (nextWaiting < waiting.size()
                && (size == 0 || waiting.get(nextWaiting).firstNs() <= at(0).timestampNs())) {
            OpenChunk opened = open(waiting.get(nextWaiting++));
            if (opened.advance()) {
                add(opened);
            }
        }
    }

    private OpenChunk open(ChunkEntry entry) {
        try {
            return OpenChunk.open(entry, files.segment(entry.file()), registry);
        } catch (RuntimeException | InternalError e) {
            throw files.failure(entry.file(), e);
        }
    }

    private void add(OpenChunk chunk) {
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, 2 * size);
        }
        int hole = size++;
        while (hole > 0 && chunk.isBefore(at((hole - 1) / 2))) {
            heap[hole] = heap[(hole - 1) / 2];
            hole = (hole - 1) / 2;
        }
        heap[hole] = chunk;
    }

    private void siftDown() {
        if (size == 0) {
            return;
        }
        OpenChunk moving = at(0);
        int hole = 0;
        while (2 * hole + 1 < size) {
            int child = 2 * hole + 1;
            if (child + 1 < size && at(child + 1).isBefore(at(child))) {
                child++;
            }
            if (!at(child).isBefore(moving)) {
                break;
            }
            heap[hole] = heap[child];
            hole = child;
        }
        heap[hole] = moving;
    }

    private long limit() {
        long limit = nextWaiting < waiting.size() ? waiting.get(nextWaiting).firstNs() : Long.MAX_VALUE;
        for (int child = 1; child <= 2 && child < size; child++) {
            limit = Math.min(limit, at(child).timestampNs());
        }
        return limit;
    }

    /** Chunks opened so far. */
    int openedChunks() {
        return nextWaiting;
    }
}
