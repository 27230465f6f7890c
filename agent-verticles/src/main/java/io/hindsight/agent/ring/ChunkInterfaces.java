package io.hindsight.agent.ring;

import io.hindsight.agent.capture.CaptureInterface;
import io.hindsight.pcapng.InterfaceBlocks;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The interfaces of the chunk that a writer is filling: their numbers in the section, and how many packets each had. Allocates only when an
 * interface is seen for the first time ever. Not thread-safe: one writer's.
 */
@SuppressWarnings("ReferenceEquality") // An interface that was deleted and made again is a new one.
final class ChunkInterfaces {
    static final int ABSENT = -1;

    // By CaptureInterface.id, for the writer's life.
    private @Nullable CaptureInterface[] known = new @Nullable CaptureInterface[16];
    private byte[][] descriptions = new byte[16][];
    private int[] chunkOf = new int[16];
    private int[] numberInChunk = new int[16];

    // By number in the chunk.
    private long[] received = new long[16];
    private int count;
    private int chunk = 1;

    /** A new chunk begins: no interface is described in it. */
    void reset() {
        chunk++;
        Arrays.fill(received, 0, count, 0);
        count = 0;
    }

    /** The interface's number in this chunk, or {@link #ABSENT}. */
    int number(CaptureInterface networkInterface) {
        int id = networkInterface.id();
        return id < known.length && known[id] == networkInterface && chunkOf[id] == chunk ? numberInChunk[id] : ABSENT;
    }

    /** The interface's description block. */
    byte[] description(CaptureInterface networkInterface) {
        int id = networkInterface.id();
        if (id >= known.length) {
            grow(Math.max(id + 1, 2 * known.length));
        }
        if (known[id] != networkInterface) {
            known[id] = networkInterface;
            chunkOf[id] = 0;
            descriptions[id] =
                    InterfaceBlocks.description(
                            networkInterface.linkType(),
                            networkInterface.snapLength(),
                            networkInterface.name(),
                            "",
                            networkInterface.filter());
        }
        return descriptions[id];
    }

    private void grow(int capacity) {
        known = Arrays.copyOf(known, capacity);
        descriptions = Arrays.copyOf(descriptions, capacity);
        chunkOf = Arrays.copyOf(chunkOf, capacity);
        numberInChunk = Arrays.copyOf(numberInChunk, capacity);
    }

    /** The interface's description has been written; returns its number. */
    int add(CaptureInterface networkInterface) {
        int id = networkInterface.id();
        chunkOf[id] = chunk;
        numberInChunk[id] = count;
        if (count == received.length) {
            received = Arrays.copyOf(received, 2 * count);
        }
        return count++;
    }

    void countPacket(int number) {
        received[number]++;
    }

    long received(int number) {
        return received[number];
    }

    /** How many are described in this chunk. */
    int count() {
        return count;
    }
}
