package io.hindsight.agent.ring;

import io.hindsight.time.TimeWindow;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZI_Result;

/** A reader whose pin holds after it has read, has read the pinned chunk and nothing of the one that was written over it. */
@JCStressTest
@Outcome(id = "true, 1", expect = Expect.ACCEPTABLE, desc = "Pinned first: the writer passed it by.")
@Outcome(id = "false, -1", expect = Expect.ACCEPTABLE, desc = "Recycled first: there was nothing to pin.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A held pin, and other bytes.")
@State
public class PinStress {
    private static final String SESSION = "s";
    private static final int SLOTS = 2;

    private final SlotDirectory directory = new SlotDirectory(MemorySegment.ofArray(new long[8 * SLOTS]));
    private final MemorySegment slots = MemorySegment.ofArray(new long[SLOTS]);
    private final SlotPool pool = new SlotPool(directory, 1, 1, SLOTS, 0, () -> 0L);

    public PinStress() {
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
    public void reader(ZI_Result result) {
        SlotInfo pinned = pool.pin(SESSION, 1, new TimeWindow(1, 2)).getFirst();
        long read = slots.getAtIndex(ValueLayout.JAVA_LONG, pinned.index());
        result.r1 = pool.holds(SESSION, 1);
        result.r2 = result.r1 ? (int) read : -1;
    }
}
