package io.hindsight.agent.ring;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Between the beginning and the end of a reading a slot has the chunk that was asked for, without any pin. */
@JCStressTest
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "Begun first: the writer passed it by.")
@Outcome(id = "-1, -1", expect = Expect.ACCEPTABLE, desc = "Recycled first: there was nothing to read.")
@Outcome(expect = Expect.FORBIDDEN, desc = "It changed under the reader's hands.")
@State
public class ReadingStress {
    private static final int SLOTS = 2;

    private final SlotDirectory directory = new SlotDirectory(MemorySegment.ofArray(new long[8 * SLOTS]));
    private final MemorySegment slots = MemorySegment.ofArray(new long[SLOTS]);
    private final SlotPool pool = new SlotPool(directory, 1, 1, SLOTS, 0, () -> 0L);

    public ReadingStress() {
        write(1);
        write(2);
    }

    private void write(long time) {
        int slot = pool.take(0);
        slots.setAtIndex(ValueLayout.JAVA_LONG, slot, time);
        directory.describe(slot, time, time, 1);
        directory.commit(slot, 8, 0);
        directory.settle(slot, SlotState.SEALED, 0);
    }

    @Actor
    public void writer() {
        write(3);
    }

    @Actor
    public void reader(II_Result result) {
        result.r1 = -1;
        result.r2 = -1;
        if (pool.beginReading(0, 1) == ReadingStart.BEGUN) {
            result.r1 = (int) slots.getAtIndex(ValueLayout.JAVA_LONG, 0);
            result.r2 = (int) slots.getAtIndex(ValueLayout.JAVA_LONG, 0);
            pool.endReading(0);
        }
    }
}
