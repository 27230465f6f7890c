package io.hindsight.agent.os;

import io.hindsight.api.NodeStatus.ProgramStatus;
import io.hindsight.chunk.DropCause;
import io.hindsight.event.OsEvent;
import java.util.List;
import java.util.function.Consumer;

/**
 * Where events of the operating system come from: eBPF ({@code EbpfFeed}) or netlink ({@code NetlinkFeed}). It tells what the kernel told it; {@code OsEventSource}
 * adds cgroup path and container. Everything but {@link #programs} belongs to the thread of the source.
 */
public interface OsEventFeed extends AutoCloseable {
    /** {@code ebpf} or {@code netlink}. */
    String name();

    /**
     * Hands over what has happened, in order as far as the kernel gives one; waits for the first event, but no longer than the time-out.
     *
     * @param events takes each; {@code process.cgroup} and {@code container} are left for it to fill
     * @return how many there were; at most a few thousand, so that the caller can commit
     */
    int poll(Consumer<OsEvent> events, int timeoutMs);

    /** Events lost of this cause since the last call: {@link DropCause#KERNEL} where a buffer was full, {@link DropCause#RATE_LIMIT}. */
    long takeLost(DropCause cause);

    /** What is in the kernel for it. Any thread. */
    List<ProgramStatus> programs();

    /** Frees everything. Idempotent. */
    @Override
    void close();
}
