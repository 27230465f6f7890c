package io.hindsight.agent.ring;

import io.hindsight.chunk.DropCause;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/** What a writer has done since it was made. The writer's thread adds; any thread reads. */
public final class WriterCounters {
    private final AtomicLong records = new AtomicLong();
    private final AtomicLong capturedBytes = new AtomicLong();
    private final AtomicLong ringBytes = new AtomicLong();
    private final AtomicLongArray drops = new AtomicLongArray(DropCause.values().length);

    void publish(long totalRecords, long totalCapturedBytes, long totalRingBytes) {
        records.setRelease(totalRecords);
        capturedBytes.setRelease(totalCapturedBytes);
        ringBytes.setRelease(totalRingBytes);
    }

    /** One writer: load and store, no locked instruction. */
    void drop(DropCause cause, long count) {
        drops.setRelease(cause.position(), drops.getPlain(cause.position()) + count);
    }

    /** Records committed. */
    public long records() {
        return records.getAcquire();
    }

    /** Bytes of the records' data, without framing. */
    public long capturedBytes() {
        return capturedBytes.getAcquire();
    }

    /** Bytes taken in the ring. */
    public long ringBytes() {
        return ringBytes.getAcquire();
    }

    /** Records lost of this cause. */
    public long drops(DropCause cause) {
        return drops.getAcquire(cause.position());
    }
}
