package io.hindsight.agent.extract;

import io.hindsight.agent.ring.Ring;
import io.hindsight.agent.ring.SlotInfo;
import io.hindsight.chunk.ChunkFlag;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.time.TimeWindow;

/**
 * A ring to extract from, and how to have it up to date.
 *
 * @param ring where the records are
 * @param drain has everything committed that was seen before
 * @param live whether records have the time at which they are seen: once it has been drained nothing older comes; not so of a replay
 */
public record ExtractSource(Ring ring, Drain drain, boolean live) {
    /** Of what happens now. */
    public ExtractSource(Ring ring, Drain drain) {
        this(ring, drain, true);
    }

    /** Label of the source in messages. */
    public String label() {
        return ring.spec().source().label();
    }

    /**
     * What is wanted of this source for a window: of events all since the last checkpoint before it, so that it is known what began earlier and went
     * on; where that has been recycled, all there is.
     */
    TimeWindow withContext(TimeWindow window) {
        if (ring.spec().source() == ChunkSource.PACKETS) {
            return window;
        }
        long contextNs = Long.MAX_VALUE;
        for (SlotInfo slot : ring.slots()) {
            if (slot.hasRecords() && slot.firstTimestampNs() <= window.fromNs()) {
                boolean begins = (slot.flags() & ChunkFlag.CHECKPOINT.mask()) != 0;
                contextNs = begins ? slot.firstTimestampNs() : Math.min(contextNs, slot.firstTimestampNs());
            }
        }
        return new TimeWindow(Math.min(contextNs, window.fromNs()), window.toNs());
    }

    /** Waits for records that are still on their way. */
    @FunctionalInterface
    public interface Drain {
        /** As {@link io.hindsight.agent.capture.PacketSource#drain}; called on a worker. */
        boolean drain(long timeoutMs) throws InterruptedException;
    }
}
