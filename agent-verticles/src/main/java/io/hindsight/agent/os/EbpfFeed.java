package io.hindsight.agent.os;

import io.hindsight.agent.os.ebpf.BpfObject;
import io.hindsight.agent.os.ebpf.BpfRing;
import io.hindsight.agent.os.ebpf.BpfSetup;
import io.hindsight.agent.os.ebpf.KernelClock;
import io.hindsight.api.NodeStatus.ProgramStatus;
import io.hindsight.chunk.DropCause;
import io.hindsight.event.OsEvent;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Events from programs in the kernel ({@code src/main/ebpf/hindsight.bpf.c}). Everything but {@link #programs} belongs to the thread of the source.
 *
 * <p>Each event that the programs see is handed over or counted as lost: at rest, {@link #produced()} is what {@link #poll} has handed over and {@link
 * #takeLost} has told, together.
 */
public final class EbpfFeed implements OsEventFeed {
    private static final String NAME = "ebpf";
    private static final String OBJECT = "hindsight.bpf.o";
    private static final String RING_MAP = "events";
    private static final String STATE_SECTION = ".bss";
    private static final String SETTINGS_SECTION = ".rodata.settings";

    /** After as many the caller commits. */
    private static final int BATCH_LENGTH = 1_024;

    private static final long GATHER_NS = 1_000_000;

    /** Where as much waits to be read, nothing is waited for: some 500 events. */
    private static final long ENOUGH_BYTES = 1 << 16;

    /** The kernel is asked how many runs it missed so often at most: that is a system call for each program. */
    private static final long MISSED_INTERVAL_NS = 1_000_000_000L;

    private final BpfObject object;
    private final BpfRing ring;
    private final MemorySegment state;
    private final EbpfCounters counters;
    private final KernelClock clock = new KernelClock();
    private final EbpfRecordReader records = new EbpfRecordReader(clock);
    private final Map<DropCause, Long> lostTaken = new EnumMap<>(DropCause.class);
    private long missedRuns;
    private long missedAskedNs = System.nanoTime();
    private boolean detached;
    private boolean closed;

    private EbpfFeed(BpfObject object, BpfRing ring, MemorySegment state) {
        this.object = object;
        this.ring = ring;
        this.state = state;
        this.counters = new EbpfCounters(state);
    }

    /**
     * Puts the programs into the kernel. May take a few hundred milliseconds.
     *
     * @throws io.hindsight.error.HindsightException MISSING_PRIVILEGE or UNSUPPORTED_PLATFORM where none of them runs: why, and what to do
     */
    public static EbpfFeed open() {
        return open(shippedObject(), EbpfLimits.DEFAULT);
    }

    static EbpfFeed open(byte[] image, EbpfLimits limits) {
        BpfObject object =
                BpfObject.attach(
                        image,
                        new BpfSetup(
                                Map.of(RING_MAP, limits.ringBytes()), Map.of(SETTINGS_SECTION, limits.settings())));
        try {
            BpfRing ring = new BpfRing(object.mapFd(RING_MAP), limits.ringBytes());
            try {
                return new EbpfFeed(object, ring, object.mapSection(STATE_SECTION, EbpfStateDescriptor.STATE_LENGTH));
            } catch (RuntimeException e) {
                ring.close();
                throw e;
            }
        } catch (RuntimeException e) {
            object.close();
            throw e;
        }
    }

    /** The object that was compiled of the sources. */
    static byte[] shippedObject() {
        try (InputStream object = EbpfFeed.class.getResourceAsStream(OBJECT)) {
            return Objects.requireNonNull(object, OBJECT).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + OBJECT, e);
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int poll(Consumer<OsEvent> events, int timeoutMs) {
        requireOpen();
        if (timeoutMs > 0 && ring.backlogBytes() < ENOUGH_BYTES && ring.await(timeoutMs)) {
            gather();
        }
        clock.refresh();
        return read(events);
    }

    /**
     * The kernel wakes the reader with the first record after the last one that was read. To sleep a little longer costs no event and makes a batch of those that
     * come together; else each of them would cost a wake-up, on both sides more than all the rest.
     */
    private static void gather() {
        LockSupport.parkNanos(GATHER_NS);
    }

    private int read(Consumer<OsEvent> events) {
        return ring.read((segment, offset, length) -> events.accept(records.read(segment, offset)), BATCH_LENGTH);
    }

    @Override
    public long takeLost(DropCause cause) {
        requireOpen();
        long lost = lost(cause);
        Long before = lostTaken.put(cause, lost);
        return lost - (before == null ? 0 : before);
    }

    private long lost(DropCause cause) {
        return switch (cause) {
            // A program that was not run told of nothing, and would have told of one event at most.
            case KERNEL -> counters.ringFull() + missedRuns();
            case RATE_LIMIT -> counters.rateLimited();
            case RING, OVERSIZE -> 0;
        };
    }

    /** Events since the start, told or lost. */
    long produced() {
        requireOpen();
        return counters.produced() + missedRuns();
    }

    private long missedRuns() {
        long now = System.nanoTime();
        if (!detached && now - missedAskedNs >= MISSED_INTERVAL_NS) {
            missedAskedNs = now;
            missedRuns = object.missedRuns();
        }
        return missedRuns;
    }

    /** Nothing more is produced; what was can still be polled. */
    void detach() {
        requireOpen();
        object.detach();
        missedRuns = object.missedRuns();
        detached = true; // that was the last word
    }

    @Override
    public List<ProgramStatus> programs() {
        return object.programs();
    }

    /** The mapped memory is gone after {@link #close}: to look at it would end the process. */
    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("closed");
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        ring.close();
        BpfObject.unmap(state);
        object.close();
    }
}
