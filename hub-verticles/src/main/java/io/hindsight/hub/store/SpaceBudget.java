package io.hindsight.hub.store;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Room on the snapshot volume, promised before the first byte is written: what is usable, less what running snapshots have yet to write,
 * less what is never taken. Thread-safe; {@link #reserve} asks the file system and so blocks.
 */
public final class SpaceBudget {
    private final LongSupplier usableBytes;
    private final long reserveFreeBytes;

    // Guarded by this: bytes that each snapshot has yet to write.
    private final Map<String, Long> outstanding = new HashMap<>();

    /**
     * @param usableBytes asks the volume
     * @param reserveFreeBytes never taken
     */
    public SpaceBudget(LongSupplier usableBytes, long reserveFreeBytes) {
        this.usableBytes = usableBytes;
        this.reserveFreeBytes = reserveFreeBytes;
    }

    /**
     * Promises room to a snapshot.
     *
     * @throws HindsightException INSUFFICIENT_STORAGE with needed and free bytes, where there is not so much
     */
    public synchronized void reserve(String snapshotId, long neededBytes) {
        // In this order: bytes written in between are counted twice, never missed.
        long promised = outstanding.values().stream().mapToLong(Long::longValue).sum();
        long free = Math.max(0, usableBytes.getAsLong() - promised - reserveFreeBytes);
        if (neededBytes > free) {
            throw new HindsightException(
                    ErrorCode.INSUFFICIENT_STORAGE,
                    "The snapshot volume lacks room: needed="
                            + neededBytes
                            + " free="
                            + free
                            + " bytes (promised to running"
                            + " snapshots="
                            + promised
                            + ", kept free="
                            + reserveFreeBytes
                            + ").");
        }
        outstanding.put(snapshotId, neededBytes);
    }

    /** Takes bytes that were written off what the snapshot has yet to write. */
    public synchronized void written(String snapshotId, long bytes) {
        outstanding.computeIfPresent(snapshotId, (id, left) -> Math.max(0, left - bytes));
    }

    /** The snapshot has ended. */
    public synchronized void release(String snapshotId) {
        outstanding.remove(snapshotId);
    }

    /** Promised and not yet written. */
    public synchronized long outstandingBytes() {
        return outstanding.values().stream().mapToLong(Long::longValue).sum();
    }
}
