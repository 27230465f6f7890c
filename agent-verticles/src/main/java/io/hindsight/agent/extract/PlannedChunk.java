package io.hindsight.agent.extract;

import io.hindsight.agent.ring.ReadingStart;
import io.hindsight.agent.ring.SlotInfo;
import io.hindsight.agent.ring.SlotState;
import io.hindsight.pcapng.InterfaceBlocks;
import io.hindsight.time.TimeWindow;

/**
 * A pinned chunk as it was when the window was planned. What is sent of an open chunk is what was committed then: the same bytes however
 * often it is sent.
 *
 * @param source whose ring
 * @param slot its directory entry at that moment
 * @param window of its source: records outside are left out
 */
record PlannedChunk(ExtractSource source, SlotInfo slot, TimeWindow window) {
    long sequence() {
        return slot.sequence();
    }

    boolean isOpen() {
        return slot.state() == SlotState.OPEN;
    }

    /** See {@link io.hindsight.agent.ring.Ring#beginReading}. */
    ReadingStart beginReading() {
        return source.ring().beginReading(slot.index(), sequence());
    }

    void endReading() {
        source.ring().endReading(slot.index());
    }

    /** Bytes it takes at most, when it is cut and has statistics added. */
    long maxLengthBytes() {
        return (long) slot.committedLength() + InterfaceBlocks.maxStatisticsLength();
    }
}
