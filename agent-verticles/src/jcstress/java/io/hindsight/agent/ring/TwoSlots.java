package io.hindsight.agent.ring;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A pool of two slots with chunks 1 and 2, each of the one time that is its number; its memory holds that number too. */
final class TwoSlots {
    private static final int SLOTS = 2;

    private final SlotDirectory directory = new SlotDirectory(MemorySegment.ofArray(new long[8 * SLOTS]));
    private final MemorySegment memory = MemorySegment.ofArray(new long[SLOTS]);
    final SlotPool pool = new SlotPool(directory, 1, 1, SLOTS, 0, () -> 0L);

    TwoSlots() {
        write(1);
        write(2);
    }

    /** The next chunk, in a slot that is recycled where it has to be. */
    void write(long number) {
        int slot = pool.take(0);
        memory.setAtIndex(ValueLayout.JAVA_LONG, slot, number);
        directory.describe(slot, number, number, 1);
        directory.commit(slot, 8, 0);
        directory.settle(slot, SlotState.SEALED, 0);
    }

    int read(int slot) {
        return (int) memory.getAtIndex(ValueLayout.JAVA_LONG, slot);
    }
}
