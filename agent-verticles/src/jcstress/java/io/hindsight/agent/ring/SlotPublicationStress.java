package io.hindsight.agent.ring;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;

/** Who sees a committed length sees the bytes, the times and the CRC that belong to it. */
@JCStressTest
@Outcome(id = "0, 0, 0", expect = Expect.ACCEPTABLE, desc = "Nothing is committed yet.")
@Outcome(id = "8, 42, 7", expect = Expect.ACCEPTABLE, desc = "Committed: bytes and time are there.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A length without what it covers.")
@State
public class SlotPublicationStress {
    private final SlotDirectory directory = new SlotDirectory(MemorySegment.ofArray(new long[8]));
    private final MemorySegment slot = MemorySegment.ofArray(new long[1]);

    public SlotPublicationStress() {
        directory.open(0, 1, 0, 1);
    }

    @Actor
    public void writer() {
        slot.set(ValueLayout.JAVA_LONG, 0, 42);
        directory.describe(0, 7, 7, 1);
        directory.commit(0, 8, 99);
    }

    @Actor
    public void reader(LLL_Result result) {
        int length = directory.committedLength(0);
        result.r1 = (long) length;
        result.r2 = length == 0 ? 0 : slot.get(ValueLayout.JAVA_LONG, 0);
        result.r3 = length == 0 ? 0 : directory.firstTimestampNs(0);
    }
}
