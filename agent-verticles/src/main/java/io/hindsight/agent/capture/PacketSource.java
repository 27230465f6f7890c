package io.hindsight.agent.capture;

import java.util.List;

/**
 * Captures packets and hands them to sinks, one {@link PacketSink} per capture thread, on threads of its own. Implementations:
 * {@code AfPacketSource} (Linux, FFM), {@code Pcap4jSource} (portable), {@code ReplaySource} (a file).
 *
 * <p>Thread-safe, except where a method says otherwise.
 */
public interface PacketSource extends AutoCloseable {
    /** Name for status and logs: {@code af_packet}, {@code pcap4j}, {@code replay}. */
    String name();

    /** How many sinks {@link #start} wants: its number of capture threads. */
    int writers();

    /**
     * Opens the interfaces and starts the capture threads. May block: call it on a worker. Returns when packets are being recorded.
     *
     * @param sinks exactly {@link #writers()}; each is used by one thread only
     * @throws io.hindsight.error.HindsightException MISSING_PRIVILEGE with the line that grants it; INVALID_FILTER with libpcap's words;
     *     IO_FAILED with the system call and errno
     */
    void start(List<PacketSink> sinks);

    /**
     * From now on only what this filter accepts is recorded. Before {@link #start}: from the first packet on. What came before under the filter before is recorded by that one,
     * and no packet is missed by the change: neither does capture stop nor does the kernel's buffer empty. When it returns, every socket has the filter. May block: call it on
     * a worker; one call at a time.
     *
     * @return the time just before the first socket had it, nanoseconds since 1970
     * @throws io.hindsight.error.HindsightException INVALID_FILTER where libpcap or the kernel refuses it, or it is too long for the kernel, which limits programs and the memory for
     *     them; IO_FAILED where the source has stopped; WRONG_STATE where this kind of source cannot change what it records. The filter before stays in force
     */
    long filter(CaptureFilter filter);

    /**
     * Whether a packet that the filter accepts comes within the time, as a look apart from the running capture shows. May block: call it on a worker. A source that cannot look twice
     * says no.
     */
    default boolean wouldRecord(long withinMs) {
        return false;
    }

    /** Counters and interfaces now. Cheap; never blocks. */
    SourceCounters counters();

    /**
     * Blocks until every packet that the kernel stamped before this call has been handed to its sink and committed, or the time-out ends.
     * Call it on a worker.
     *
     * @return false on time-out
     */
    boolean drain(long timeoutMs) throws InterruptedException;

    /** Whether packets have the time at which they are seen, as those of an interface have. */
    default boolean isLive() {
        return true;
    }

    /**
     * Stops the threads and frees everything; what was captured before is committed. A thread that does not end within seconds is left behind
     * with all that it may touch. Idempotent. May block.
     */
    @Override
    void close();

    /** Capture threads that are alive: 0 before {@link #start}, and after {@link #close} unless one is stuck. Its sink is still its own. */
    int liveThreads();
}
