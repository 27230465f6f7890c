package io.hindsight.agent.extract;

import io.hindsight.agent.ring.RecorderRun;
import io.hindsight.agent.ring.SlotInfo;
import java.util.ArrayList;
import java.util.List;

/**
 * The times that a run of the recorder covers. They are those of the run table, widened by the records that the ring has of the run: the wall
 * clock may have been set while it ran, and where there are records there was no gap.
 *
 * @param number of the run
 * @param fromNs since the epoch
 * @param toNs since the epoch
 */
record RunTimes(long number, long fromNs, long toNs) {
    /** In the order of the runs. */
    static List<RunTimes> of(List<RecorderRun> runs, List<SlotInfo> slots) {
        List<RunTimes> times = new ArrayList<>();
        for (RecorderRun run : runs) {
            times.add(widened(run, slots));
        }
        return times;
    }

    private static RunTimes widened(RecorderRun run, List<SlotInfo> slots) {
        long fromNs = run.startedNs();
        long toNs = run.lastAliveNs();
        for (SlotInfo slot : slots) {
            if (slot.run() == run.number() && slot.hasRecords()) {
                fromNs = Math.min(fromNs, slot.firstTimestampNs());
                toNs = Math.max(toNs, slot.lastTimestampNs());
            }
        }
        return new RunTimes(run.number(), fromNs, toNs);
    }
}
