package io.hindsight.agent.capture.replay;

import io.hindsight.agent.capture.CaptureInterface;
import io.hindsight.error.HindsightException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Steps over a file's packets in their order. After {@link #next} returned true, the other methods tell of the packet. One thread. */
interface PacketCursor {
    /**
     * Goes to the next packet.
     *
     * @return false at the file's end
     * @throws HindsightException INTEGRITY_VIOLATED, naming file and offset
     */
    boolean next();

    /** Where it was seen, or null where that interface is not recorded from. */
    @Nullable CaptureInterface networkInterface();

    long timestampNs();

    /** An {@code EnhancedPacketBlockDescriptor.DIRECTION_} value. */
    int direction();

    /** Where its bytes start in the file. */
    long dataOffset();

    int capturedLength();

    /** At least the captured length. */
    int originalLength();

    /** The interfaces met so far. */
    List<CaptureInterface> interfaces();
}
