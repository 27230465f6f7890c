package io.hindsight.agent.events;

import io.hindsight.api.NodeStatus.ProgramStatus;
import io.hindsight.chunk.ChunkSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Watches something and hands what happens to a sink, on one thread of its own. Implementations: {@code OsEventSource}, {@code KubernetesEventSource}.
 *
 * <p>Thread-safe, except where a method says otherwise.
 */
public interface EventSource extends AutoCloseable {
    /** What its records are. */
    ChunkSource source();

    /** Name for status and logs: {@code ebpf}, {@code netlink}, {@code kubernetes}, {@code kubernetes-cluster}. */
    String name();

    /**
     * Starts the thread. May block: call it on a worker. Returns when events are being recorded, or, of a source that reaches over the network, are
     * being tried for.
     *
     * @param sink used by that thread alone
     * @throws io.hindsight.error.HindsightException MISSING_PRIVILEGE or UNSUPPORTED_PLATFORM, INVALID_CONFIGURATION, IO_FAILED: what, and what to do
     */
    void start(EventSink sink);

    /** Why it does not record as it should, a whole sentence; null while it does. Cheap; never blocks. */
    @Nullable String problem();

    /** What it has put into the kernel; empty where that is nothing. */
    List<ProgramStatus> programs();

    /**
     * Blocks until everything that happened before this call and was heard of has been handed over and committed, or the time-out ends. Call it on a worker.
     *
     * @return false on time-out
     */
    boolean drain(long timeoutMs) throws InterruptedException;

    /** Ends the thread and frees everything; what was recorded is committed. Idempotent. May block for a few seconds. */
    @Override
    void close();

    /** Whether its thread lives: false before {@link #start} and after {@link #close}, unless it is stuck. */
    boolean isAlive();
}
