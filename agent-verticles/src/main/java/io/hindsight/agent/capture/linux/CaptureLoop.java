package io.hindsight.agent.capture.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.hindsight.agent.capture.PacketSink;
import io.hindsight.chunk.DropCause;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One capture thread: takes blocks off its socket's ring in turn, commits once each block, waits in {@code poll} when there is none, and
 * asks the kernel for its drop counter once a second.
 */
final class CaptureLoop implements Runnable, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CaptureLoop.class);
    private static final VarHandle STATUS = JAVA_INT.varHandle();
    private static final long NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final int STATISTICS_INTERVAL_MS = 1_000;
    private static final long STUCK_AFTER_NS = TimeUnit.SECONDS.toNanos(4);

    private final PacketSocket socket;
    private final MemorySegment ring;
    private final PacketSink sink;
    private final BlockReader reader;
    private final WakeUp wakeUp = new WakeUp();

    // The capture thread's.
    private final MemorySegment descriptors;
    private long nextBlock;
    private long drops;
    private long nextStatisticsNs = System.nanoTime();

    // Written by the capture thread once each block or second, read by any.
    private volatile long packets;
    private volatile long bytes;
    private volatile long kernelDrops;
    private volatile long lastTurnNs = System.nanoTime();
    private volatile long caughtUpNs = System.nanoTime();
    private volatile long blockOpenedNs;
    private volatile @Nullable String failure;
    private volatile boolean ended;

    private volatile boolean stopping;

    CaptureLoop(PacketSocket socket, LinkTable links, PacketSink sink, int snapLength) {
        this.socket = socket;
        this.ring = socket.ring();
        this.sink = sink;
        this.reader = new BlockReader(ring, links, sink, snapLength);
        this.descriptors = Arena.ofAuto().allocate(2L * PollDescriptor.LENGTH, Integer.BYTES);
        watch(0, socket.fd());
        watch(PollDescriptor.LENGTH, wakeUp.fd());
    }

    private void watch(long offset, int fd) {
        descriptors.set(JAVA_INT, offset + PollDescriptor.FD_OFFSET, fd);
        descriptors.set(JAVA_SHORT, offset + PollDescriptor.EVENTS_OFFSET, PollDescriptor.POLLIN);
    }

    @Override
    public void run() {
        try {
            while (!stopping) {
                takeBlockOrWait();
            }
            countDrops();
            sink.commit();
        } catch (Throwable e) { // whatever it was: this thread's end is reported, never silent
            failure = "Packet capture stopped: " + e.getMessage();
            LOG.error("Packet capture stopped.", e);
        } finally {
            ended = true;
        }
    }

    private void takeBlockOrWait() {
        // Before the look at the block: what was handed over before this moment has been seen when the look finds
        // nothing.
        long nowNs = System.nanoTime();
        lastTurnNs = nowNs;
        if (nowNs - nextStatisticsNs >= 0) {
            nextStatisticsNs = nowNs + NANOS_PER_SECOND;
            countDrops();
            commit();
        }
        if ((int) STATUS.getAcquire(ring, nextBlock + TpacketBlockDescriptor.STATUS_OFFSET)
                == TpacketBlockDescriptor.STATUS_KERNEL) {
            caughtUpNs = nowNs;
            await();
        } else {
            takeBlock(nextBlock);
            nextBlock =
                    nextBlock + PacketSocket.BLOCK_SIZE == ring.byteSize() ? 0 : nextBlock + PacketSocket.BLOCK_SIZE;
        }
    }

    /** Also where no packet comes: the sink may have to seal what it has open. */
    private void commit() {
        try {
            sink.commit();
        } catch (InternalError fault) { // how the JDK reports a page that cannot be had
            sink.faulted(0);
        }
    }

    private void takeBlock(long block) {
        long openedNs =
                Integer.toUnsignedLong(ring.get(JAVA_INT, block + TpacketBlockDescriptor.FIRST_SECONDS_OFFSET))
                                * NANOS_PER_SECOND
                        + ring.get(JAVA_INT, block + TpacketBlockDescriptor.FIRST_NANOS_OFFSET);
        handOver(block);
        STATUS.setRelease(ring, block + TpacketBlockDescriptor.STATUS_OFFSET, TpacketBlockDescriptor.STATUS_KERNEL);
        packets = reader.packets();
        bytes = reader.bytes();
        blockOpenedNs = openedNs;
    }

    /** A fault in the ring's storage costs packets, not the thread. */
    private void handOver(long block) {
        long before = reader.packets();
        try {
            reader.read(block);
            sink.commit();
        } catch (InternalError fault) { // how the JDK reports a page that cannot be had
            long inBlock = ring.get(JAVA_INT, block + TpacketBlockDescriptor.PACKET_COUNT_OFFSET);
            sink.faulted(Math.max(0, inBlock - (reader.packets() - before)));
        }
    }

    private void await() {
        int ready = LibC.poll(descriptors, STATISTICS_INTERVAL_MS);
        if (ready < 0 && ready != -SocketConstants.EINTR) {
            throw SystemCalls.failure("poll", -ready);
        }
        if (ready > 0) {
            checkSocket(descriptors.get(JAVA_SHORT, PollDescriptor.RESULT_OFFSET));
            if (descriptors.get(JAVA_SHORT, PollDescriptor.LENGTH + PollDescriptor.RESULT_OFFSET) != 0) {
                wakeUp.clear();
            }
        }
    }

    private void checkSocket(short events) {
        if ((events & PollDescriptor.POLLNVAL) != 0) {
            socket.lost();
            throw new HindsightException(
                    ErrorCode.IO_FAILED, "The capture socket was closed beneath the capture thread.");
        }
        if ((events & PollDescriptor.POLLERR) != 0) {
            int errno = socket.pendingError();
            if (errno == SocketConstants.ENETDOWN) {
                LOG.info("The interface that is recorded from went down; packets come again when it is up.");
            } else if (errno != 0) {
                throw SystemCalls.failure("The capture socket", errno);
            }
        }
    }

    private void countDrops() {
        long dropped = socket.takeDrops();
        if (dropped > 0) {
            sink.dropped(DropCause.KERNEL, dropped);
            drops += dropped;
            kernelDrops = drops;
        }
    }

    /**
     * Whether everything that was in the ring at {@code atNs} ({@code System.nanoTime()}), or everything stamped before {@code
     * timestampNs}, has been committed: the thread has found no further block since, or has taken a block that was opened later.
     */
    boolean isPast(long atNs, long timestampNs) {
        return caughtUpNs - atNs >= 0 || blockOpenedNs >= timestampNs;
    }

    boolean isRunning() {
        return !ended;
    }

    /** Why it does not record, or null. A thread turns at least once a second: one that does not is stuck. */
    @Nullable String failure() {
        if (failure != null || ended) {
            return failure;
        }
        long stillNs = System.nanoTime() - lastTurnNs;
        return stillNs < STUCK_AFTER_NS
                ? null
                : "A capture thread has been stuck for " + TimeUnit.NANOSECONDS.toSeconds(stillNs) + " s.";
    }

    long packets() {
        return packets;
    }

    long bytes() {
        return bytes;
    }

    long kernelDrops() {
        return kernelDrops;
    }

    PacketSocket socket() {
        return socket;
    }

    /** Makes the thread look at its ring again. Safe from any thread. */
    void wake() {
        wakeUp.signal();
    }

    /** Asks the thread to end. */
    void stop() {
        stopping = true;
        wakeUp.signal();
    }

    /** Frees the socket; the thread has ended. */
    @Override
    public void close() {
        socket.close();
        wakeUp.close();
    }
}
