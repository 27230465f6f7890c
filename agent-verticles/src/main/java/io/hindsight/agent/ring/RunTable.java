package io.hindsight.agent.ring;

import static io.hindsight.agent.ring.RingHeaderDescriptor.RUN_CAPACITY;
import static io.hindsight.agent.ring.RingHeaderDescriptor.RUN_LAST_ALIVE_OFFSET;
import static io.hindsight.agent.ring.RingHeaderDescriptor.RUN_LENGTH;
import static io.hindsight.agent.ring.RingHeaderDescriptor.RUN_NUMBER_OFFSET;
import static io.hindsight.agent.ring.RingHeaderDescriptor.RUN_STARTED_OFFSET;
import static io.hindsight.agent.ring.RingHeaderDescriptor.RUN_TABLE_OFFSET;

import io.hindsight.pcapng.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The run table in a ring's header: when the recorder ran. Not thread-safe, but {@link #alive} and {@link #runs} may race harmlessly. */
final class RunTable {
    private final MemorySegment header;

    RunTable(MemorySegment header) {
        this.header = header;
    }

    /** Number of the run that {@link #begin} would begin. */
    int next() {
        return (int) runs().stream().mapToLong(RecorderRun::number).max().orElse(0) + 1;
    }

    /** Begins the next run and returns its number. */
    int begin(long nowNs) {
        long run = next();
        long entry = entry(run);
        header.set(LittleEndian.U64, entry + RUN_STARTED_OFFSET, nowNs);
        header.set(LittleEndian.U64, entry + RUN_LAST_ALIVE_OFFSET, nowNs);
        header.set(LittleEndian.U64, entry + RUN_NUMBER_OFFSET, run);
        return (int) run;
    }

    /** The run still records. */
    void alive(int run, long nowNs) {
        header.set(LittleEndian.U64, entry(run) + RUN_LAST_ALIVE_OFFSET, nowNs);
    }

    /** The runs that are remembered, oldest first. */
    List<RecorderRun> runs() {
        List<RecorderRun> runs = new ArrayList<>();
        for (int index = 0; index < RUN_CAPACITY; index++) {
            long entry = entry(index);
            long number = header.get(LittleEndian.U64, entry + RUN_NUMBER_OFFSET);
            if (isPossible(number, index)) {
                runs.add(
                        new RecorderRun(
                                number,
                                header.get(LittleEndian.U64, entry + RUN_STARTED_OFFSET),
                                header.get(LittleEndian.U64, entry + RUN_LAST_ALIVE_OFFSET)));
            }
        }
        runs.sort(Comparator.comparingLong(RecorderRun::number));
        return runs;
    }

    /** The table has no checksum: a number that cannot stand there, or after which none could follow, is damage, and no run. */
    private static boolean isPossible(long number, int index) {
        return number > 0 && number < Integer.MAX_VALUE && number % RUN_CAPACITY == index;
    }

    private static long entry(long run) {
        return RUN_TABLE_OFFSET + run % RUN_CAPACITY * RUN_LENGTH;
    }
}
