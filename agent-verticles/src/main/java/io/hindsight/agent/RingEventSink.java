package io.hindsight.agent;

import io.hindsight.agent.events.EventSink;
import io.hindsight.agent.ring.RingWriter;
import io.hindsight.chunk.DropCause;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes events into a ring, and says when a checkpoint is due: at first; when a part of the ring has been filled since the last, so that the ring always
 * holds a whole group of checkpoint and events; and some time after events were lost, because what is known may have been wrong since.
 *
 * <p>A group is four times as long as its checkpoint, within {@link #SHORTEST_GROUP_PART} and {@link #LONGEST_GROUP_PART} of the ring: the shorter, the less
 * a snapshot holds from before its window; the longer, the less of the ring goes to checkpoints.
 *
 * <p>Belongs to the source's thread, except {@link #problem}.
 */
final class RingEventSink implements EventSink {
    private static final Logger LOG = LoggerFactory.getLogger(RingEventSink.class);
    private static final int SHORTEST_GROUP_PART = 64;
    private static final int LONGEST_GROUP_PART = 4;
    private static final int EVENTS_FOR_EACH_CHECKPOINT_BYTE = 4;
    private static final long AFTER_LOSS_NS = TimeUnit.SECONDS.toNanos(10);

    private final RingWriter writer;
    private final long capacityBytes;
    private boolean hasCheckpoint;
    private boolean inCheckpoint;
    private boolean refused;
    private boolean lostSinceCheckpoint;
    private long checkpointStartBytes;
    private long checkpointBytes;
    private long bytesAfterCheckpoint;
    private long checkpointNs;

    private volatile @Nullable String problem;

    RingEventSink(RingWriter writer, long capacityBytes) {
        this.writer = writer;
        this.capacityBytes = capacityBytes;
    }

    /** Why what is recorded is less than it should be, a whole sentence; null where it is not. Any thread. */
    @Nullable String problem() {
        return problem;
    }

    @Override
    public int maxEntryLength() {
        return writer.maxEntryLength();
    }

    @Override
    public void event(long timestampNs, byte[] entry) {
        try {
            writer.journalEntry(timestampNs, entry);
        } catch (InternalError fault) { // how the JDK reports a page that cannot be had
            faulted(fault, 1);
        }
    }

    @Override
    public void dropped(DropCause cause, long count) {
        if (count > 0) {
            lostSinceCheckpoint = true;
            writer.dropped(cause, count);
        }
    }

    @Override
    public void commit() {
        try {
            writer.commit();
        } catch (InternalError fault) {
            faulted(fault, 0);
        }
    }

    private void faulted(InternalError fault, long lost) {
        LOG.error("The ring of events cannot be had from its disk.", fault);
        lostSinceCheckpoint = true;
        hasCheckpoint = hasCheckpoint && !inCheckpoint;
        writer.faulted(lost);
    }

    @Override
    public boolean isCheckpointDue() {
        if (!hasCheckpoint) {
            return !refused || groupIsFull();
        }
        boolean mayBeWrong = lostSinceCheckpoint && System.nanoTime() - checkpointNs >= AFTER_LOSS_NS;
        return mayBeWrong || groupIsFull();
    }

    private boolean groupIsFull() {
        long group =
                Math.clamp(
                        EVENTS_FOR_EACH_CHECKPOINT_BYTE * checkpointBytes,
                        capacityBytes / SHORTEST_GROUP_PART,
                        capacityBytes / LONGEST_GROUP_PART);
        return writer.counters().ringBytes() - bytesAfterCheckpoint >= group;
    }

    @Override
    public boolean beginCheckpoint(long bytes) {
        long limit = capacityBytes / LONGEST_GROUP_PART;
        bytesAfterCheckpoint = writer.counters().ringBytes();
        checkpointNs = System.nanoTime();
        refused = bytes > limit;
        if (refused) {
            hasCheckpoint = false;
            problem =
                    "A checkpoint of what is known would take bytes="
                            + bytes
                            + " of a ring of "
                            + capacityBytes
                            + ", limit="
                            + limit
                            + ": a snapshot does not know what began before its window. Set a larger storage-size.";
            return false;
        }
        commit();
        problem = null;
        try {
            writer.beginCheckpoint();
        } catch (InternalError fault) {
            faulted(fault, 0);
        }
        inCheckpoint = true;
        hasCheckpoint = true;
        lostSinceCheckpoint = false;
        checkpointStartBytes = writer.counters().ringBytes();
        return true;
    }

    @Override
    public void endCheckpoint() {
        commit();
        inCheckpoint = false;
        bytesAfterCheckpoint = writer.counters().ringBytes();
        checkpointBytes = bytesAfterCheckpoint - checkpointStartBytes;
    }
}
