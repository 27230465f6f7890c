package io.hindsight.agent.os.ebpf;

import io.hindsight.agent.capture.linux.LibC;
import io.hindsight.agent.capture.linux.PollDescriptor;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * Reads a {@code BPF_MAP_TYPE_RINGBUF} from its mapped pages (kernel/bpf/ringbuf.c), without a call into C for each record and without call-backs
 * out of it. Belongs to one thread.
 *
 * <pre>
 * offset           length   what                                                              access
 * 0                1 page   first 8 bytes: how far the reader has come                        written here, by release store
 * 1 page           1 page   first 8 bytes: how far the kernel has given out room              read by acquire load
 * 2 pages          2 size   records; the second half shows the first again, so none is torn   read
 *
 * A record begins at a multiple of 8:
 * 0                4        length of the data; bit 31: not finished; bit 30: to be passed over   read by acquire load
 * 4                4        the kernel's own
 * 8                         data
 * </pre>
 *
 * <p>The kernel clears bit 31 with a full barrier after the data is written; the acquire load of the length pairs with it. The reader's position is
 * stored after the record was read, by release, so that the kernel does not write over what is still being looked at. Waiting cannot miss a
 * record: poll(2) compares both positions after it has queued itself.
 */
public final class BpfRing implements AutoCloseable {
    private static final int BUSY = 1 << 31;
    private static final int DISCARDED = 1 << 30;
    private static final int HEADER_LENGTH = 8;

    private static final VarHandle POSITION = ValueLayout.JAVA_LONG.varHandle();
    private static final VarHandle LENGTH = ValueLayout.JAVA_INT.varHandle();

    private final MemorySegment poll = Arena.ofAuto().allocate(PollDescriptor.LENGTH, Integer.BYTES);
    private final MemorySegment readerPage;
    private final MemorySegment kernelPages;
    private final int pageSize;
    private final long sizeBytes;
    private long position;

    /**
     * Maps the ring behind a map's descriptor, which stays its owner's.
     *
     * @param sizeBytes the map's size, a power of two
     */
    public BpfRing(int fd, long sizeBytes) {
        poll.set(ValueLayout.JAVA_INT, PollDescriptor.FD_OFFSET, fd);
        poll.set(ValueLayout.JAVA_SHORT, PollDescriptor.EVENTS_OFFSET, PollDescriptor.POLLIN);
        this.sizeBytes = sizeBytes;
        this.pageSize = LibC.pageSize();
        this.readerPage =
                KernelCalls.map(
                        fd, 0, pageSize, KernelCalls.PROT_READ | KernelCalls.PROT_WRITE, "ring buffer, reader's page");
        try {
            this.kernelPages =
                    KernelCalls.map(fd, pageSize, pageSize + 2 * sizeBytes, KernelCalls.PROT_READ, "ring buffer");
        } catch (HindsightException e) {
            KernelCalls.unmap(readerPage);
            throw e;
        }
        this.position = (long) POSITION.getAcquire(readerPage, 0L);
    }

    /** Takes a record where it lies; afterwards the kernel may write over it. */
    @FunctionalInterface
    public interface RecordReader {
        /** The record is {@code length} bytes of the segment from the offset on, a multiple of 8. */
        void read(MemorySegment segment, long offset, int length);
    }

    /** Reads what is finished, oldest first, at most so many records; returns how many. */
    public int read(RecordReader reader, int limit) {
        long end = (long) POSITION.getAcquire(kernelPages, 0L);
        int count = 0;
        while (position < end && count < limit) {
            long header = pageSize + (position & (sizeBytes - 1));
            int word = (int) LENGTH.getAcquire(kernelPages, header);
            if ((word & BUSY) != 0) {
                break;
            }
            int length = bounded(word & ~DISCARDED);
            if ((word & DISCARDED) == 0) {
                reader.read(kernelPages, header + HEADER_LENGTH, length);
                count++;
            }
            position += HEADER_LENGTH + (length + 7L & -8L);
            POSITION.setRelease(readerPage, 0L, position);
        }
        return count;
    }

    private int bounded(int length) {
        if (length > sizeBytes - HEADER_LENGTH) {
            throw new HindsightException(
                    ErrorCode.INTERNAL,
                    "The ring buffer holds a record of length=" + length + " in sizeBytes=" + sizeBytes + ".");
        }
        return length;
    }

    /** Room that is given out and has not been read. */
    public long backlogBytes() {
        return (long) POSITION.getAcquire(kernelPages, 0L) - position;
    }

    /** Waits for a record that has not been read; false where the time-out ended first. */
    public boolean await(int timeoutMs) {
        int ready = LibC.poll(poll, timeoutMs);
        return ready != -KernelCalls.EINTR && KernelCalls.require(ready, "poll(ring buffer)") > 0;
    }

    @Override
    public void close() {
        KernelCalls.unmap(readerPage);
        KernelCalls.unmap(kernelPages);
    }
}
