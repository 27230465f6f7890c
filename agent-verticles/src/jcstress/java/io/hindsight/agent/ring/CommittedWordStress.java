package io.hindsight.agent.ring;

import java.lang.foreign.MemorySegment;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Length and CRC are one word: nobody sees the one of one commit with the other of another. */
@JCStressTest
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "Nothing is committed yet.")
@Outcome(id = "4, -4", expect = Expect.ACCEPTABLE, desc = "The first commit.")
@Outcome(id = "8, -8", expect = Expect.ACCEPTABLE, desc = "The second commit.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A CRC of other bytes.")
@State
public class CommittedWordStress {
    private final SlotDirectory directory = new SlotDirectory(MemorySegment.ofArray(new long[8]));

    public CommittedWordStress() {
        directory.open(0, 1, 0, 1);
    }

    @Actor
    public void writer() {
        directory.commit(0, 4, -4);
        directory.commit(0, 8, -8);
    }

    @Actor
    public void reader(II_Result result) {
        SlotInfo info = directory.info(0);
        result.r1 = info.committedLength();
        result.r2 = info.committedCrc();
    }
}
