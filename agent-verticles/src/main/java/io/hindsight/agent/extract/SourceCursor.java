package io.hindsight.agent.extract;

import io.hindsight.agent.ring.SlotInfo;

/** How far a stream has come in what a session has pinned of one source. Event-loop-confined, as the stream is. */
final class SourceCursor {
    /** Of a cursor at its end: behind every sequence. */
    static final long NONE = Long.MAX_VALUE;

    private final PlannedSource planned;
    private int position;

    /** At the first chunk behind a sequence. */
    SourceCursor(PlannedSource planned, long after) {
        this.planned = planned;
        while (sequence() <= after && position < planned.slots().size()) {
            position++;
        }
    }

    PlannedSource planned() {
        return planned;
    }

    boolean isAtEnd() {
        return position == planned.slots().size();
    }

    /** Of the next chunk; {@link #NONE} at the end. */
    long sequence() {
        return isAtEnd() ? NONE : slot().sequence();
    }

    /** Of the next chunk; not at the end. */
    SlotInfo slot() {
        return planned.slots().get(position);
    }

    /** Passes the next chunk. */
    PlannedChunk take() {
        PlannedChunk taken = new PlannedChunk(planned.source(), slot(), planned.window());
        position++;
        return taken;
    }
}
