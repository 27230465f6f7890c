package io.hindsight.agent.events;

import io.hindsight.chunk.DropCause;

/** Where an {@link EventSource} puts what happened. Belongs to the source's one thread. */
public interface EventSink {
    /** The longest entry that is taken, in bytes; a longer one is counted as {@link DropCause#OVERSIZE}. */
    int maxEntryLength();

    /**
     * Records one event. It can be in a snapshot after {@link #commit}.
     *
     * @param timestampNs when it happened, by the node's wall clock, since the epoch: the entry's own time
     * @param entry of systemd's Journal Export Format ({@link io.hindsight.pcapng.JournalEntryWriter#toEntry})
     */
    void event(long timestampNs, byte[] entry);

    /** Events were lost. */
    void dropped(DropCause cause, long count);

    /** What was recorded until now may be read: after each batch. */
    void commit();

    /** Whether a checkpoint is to be written now: before the first event, and when so much has been recorded since the last that it may soon be recycled. */
    boolean isCheckpointDue();

    /**
     * The next event begins a checkpoint, in a chunk of its own. All records of a checkpoint have one time, and no other record comes between.
     *
     * @param bytes of all its entries together, about
     * @return false where the ring is too small for it: then none is written, and the status says so
     */
    boolean beginCheckpoint(long bytes);

    /** The checkpoint is whole. Commits. */
    void endCheckpoint();
}
