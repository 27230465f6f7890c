package io.hindsight.agent.capture;

import io.hindsight.chunk.DropCause;
import java.lang.foreign.MemorySegment;

/** Of a test that sends no tags, and loses nothing. */
public abstract class StrictSink implements PacketSink {
    @Override
    public void taggedPacket(
            CaptureInterface networkInterface,
            long timestampNs,
            int direction,
            MemorySegment data,
            long offset,
            int capturedLength,
            int originalLength,
            int tagOffset,
            int tpid,
            int tci) {
        throw new AssertionError("nobody sends tags");
    }

    @Override
    public void dropped(DropCause cause, long count) {
        throw new AssertionError("dropped " + count + " by " + cause + ": the test's kernel ring is too small");
    }

    @Override
    public void faulted(long lost) {
        throw new AssertionError("lost=" + lost);
    }
}
