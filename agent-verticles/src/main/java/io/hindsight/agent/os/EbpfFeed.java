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

    private final BpfObject object;
    private final BpfRing ring;
    private final MemorySegment state;
    private final EbpfCounters counters;
    private final KernelClock clock = new KernelClock();
    private final EbpfRecordReader records = new EbpfRecordReader(clock);
    private final Map<DropCause, Long> lostTaken = new EnumMap<>(DropCause.class);
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
        clock.refresh();
        int count = read(events);
        if (count > 0 || timeoutMs == 0 || !ring.await(timeoutMs)) {
            return count;
        }
        clock.refresh();
        return read(events);
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
            case KERNEL -> counters.ringFull() + object.missedRuns();
            case RATE_LIMIT -> counters.rateLimited();
            case RING, OVERSIZE -> 0;
        };
    }

    /** Events since the start, told or lost. */
    long produced() {
        requireOpen();
        return counters.produced() + object.missedRuns();
    }

    /** Nothing more is produced; what was can still be polled. */
    void detach() {
        requireOpen();
        object.detach();
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
