package io.hindsight.agent.os;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.hindsight.event.OsEvent.Kind;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/** The programs' counters, where they count: each only grows. Numbers that are read one after the other agree only once nothing happens any more. */
final class EbpfCounters {
    private static final VarHandle COUNTER = JAVA_LONG.varHandle();

    private final MemorySegment state;

    EbpfCounters(MemorySegment state) {
        this.state = state;
    }

    /** Events of the kind, told or not. */
    long produced(Kind kind) {
        return sum(EbpfStateDescriptor.PRODUCED_OFFSET, kind);
    }

    /** Events of the kind that are lost because the ring buffer was full. */
    long ringFull(Kind kind) {
        return sum(EbpfStateDescriptor.RING_FULL_OFFSET, kind);
    }

    /** Events of the kind that are lost by the rate limit. */
    long rateLimited(Kind kind) {
        return sum(EbpfStateDescriptor.RATE_LIMITED_OFFSET, kind);
    }

    /** Of every kind. */
    long produced() {
        return EbpfStateDescriptor.KINDS.stream().mapToLong(this::produced).sum();
    }

    /** Of every kind. */
    long ringFull() {
        return EbpfStateDescriptor.KINDS.stream().mapToLong(this::ringFull).sum();
    }

    /** Of every kind. */
    long rateLimited() {
        return EbpfStateDescriptor.KINDS.stream().mapToLong(this::rateLimited).sum();
    }

    private long sum(int row, Kind kind) {
        long offset = row + (long) EbpfStateDescriptor.KINDS.indexOf(kind) * Long.BYTES;
        long sum = 0;
        for (int slot = 0; slot < EbpfStateDescriptor.SLOTS; slot++) {
            sum += (long) COUNTER.getAcquire(state, offset + (long) slot * EbpfStateDescriptor.SLOT_LENGTH);
        }
        return sum;
    }
}
