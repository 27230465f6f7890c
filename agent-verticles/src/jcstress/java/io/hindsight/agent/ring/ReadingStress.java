package io.hindsight.agent.ring;

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
    private final TwoSlots slots = new TwoSlots();

    @Actor
    public void writer() {
        slots.write(3);
    }

    @Actor
    public void reader(II_Result result) {
        result.r1 = -1;
        result.r2 = -1;
        if (slots.pool.beginReading(0, 1) == ReadingStart.BEGUN) {
            result.r1 = slots.read(0);
            result.r2 = slots.read(0);
            slots.pool.endReading(0);
        }
    }
}
