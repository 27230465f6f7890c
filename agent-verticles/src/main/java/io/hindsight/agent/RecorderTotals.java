package io.hindsight.agent;

import io.hindsight.agent.ring.WriterCounters;
import io.hindsight.chunk.DropCause;
import java.util.HashMap;
import java.util.Map;

/**
 * What was recorded and lost, summed over writers. Immutable.
 *
 * @param records committed
 * @param capturedBytes of their data, without framing
 * @param ringBytes taken in the ring
 * @param drops by label; every cause is there
 */
record RecorderTotals(long records, long capturedBytes, long ringBytes, Map<String, Long> drops) {
    static final RecorderTotals NONE = new RecorderTotals(0, 0, 0, noDrops());

    RecorderTotals {
        drops = Map.copyOf(drops);
    }

    private static Map<String, Long> noDrops() {
        Map<String, Long> none = new HashMap<>();
        for (DropCause cause : DropCause.values()) {
            none.put(cause.label(), 0L);
        }
        return none;
    }

    RecorderTotals plus(WriterCounters writer) {
        Map<String, Long> sum = new HashMap<>(drops);
        for (DropCause cause : DropCause.values()) {
            sum.merge(cause.label(), writer.drops(cause), Long::sum);
        }
        return new RecorderTotals(
                records + writer.records(),
                capturedBytes + writer.capturedBytes(),
                ringBytes + writer.ringBytes(),
                sum);
    }
}
