package io.hindsight.agent;

import io.hindsight.agent.extract.ExtractSource;
import io.hindsight.api.NodeStatus.SourceStatus;

/** A source that is being recorded into a ring of its own. {@link #status}, {@link #restart} and {@link #close} block; the rest is for any thread. */
interface SourceRecorder extends AutoCloseable {
    /** To take snapshots from; another one after a restart that had to make the ring anew. */
    ExtractSource extractSource();

    /** How it is now; judges its health. Once a second, one call at a time. */
    SourceStatus status();

    /** Whether the last {@link #status} found that it should be restarted now. */
    boolean isRestartDue();

    /** Starts a fresh source, on the same ring where that can be. One call at a time; a failure is kept for the status. */
    void restart();

    /** Ends leases that have run out: once a second. */
    default void tick() {
        extractSource().ring().tick();
    }

    /** Stops the source, seals what is open, closes the ring. */
    @Override
    void close();
}
