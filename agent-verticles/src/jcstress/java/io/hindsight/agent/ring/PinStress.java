package io.hindsight.agent.ring;

import io.hindsight.time.TimeWindow;
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

    private final TwoSlots slots = new TwoSlots();

    @Actor
    public void writer() {
        slots.write(3);
    }

    @Actor
    public void reader(ZI_Result result) {
        SlotInfo pinned = slots.pool.pin(SESSION, 1, new TimeWindow(1, 2)).getFirst();
        int read = slots.read(pinned.index());
        result.r1 = slots.pool.holds(SESSION, 1);
        result.r2 = result.r1 ? read : -1;
    }
}
