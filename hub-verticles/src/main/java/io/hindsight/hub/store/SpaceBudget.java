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
    private final long quotaBytes;

    // Guarded by this: bytes that each snapshot has yet to write.
    private final Map<String, Long> outstanding = new HashMap<>();

    // Guarded by this: bytes that each running snapshot was promised altogether, and that each sealed one takes.
    private final Map<String, Long> promised = new HashMap<>();
    private final Map<String, Long> kept = new HashMap<>();

    /**
     * @param usableBytes asks the volume
     * @param reserveFreeBytes never taken
     * @param quotaBytes that all snapshots may take together; 0: no quota
     */
    public SpaceBudget(LongSupplier usableBytes, long reserveFreeBytes, long quotaBytes) {
        this.usableBytes = usableBytes;
        this.reserveFreeBytes = reserveFreeBytes;
        this.quotaBytes = quotaBytes;
    }

    /**
     * Promises room to a snapshot.
     *
     * @throws HindsightException INSUFFICIENT_STORAGE with needed and free bytes, where there is not so much
     */
    public synchronized void reserve(String snapshotId, long neededBytes) {
        // In this order: bytes written in between are counted twice, never missed.
        requireQuota(snapshotId, neededBytes);
        long toCome = sum(outstanding);
        long free = Math.max(0, usableBytes.getAsLong() - toCome - reserveFreeBytes);
        if (neededBytes > free) {
            throw new HindsightException(
                    ErrorCode.INSUFFICIENT_STORAGE,
                    "The snapshot volume lacks room: needed="
                            + neededBytes
                            + " free="
                            + free
                            + " bytes (promised to running"
                            + " snapshots="
                            + toCome
                            + ", kept free="
                            + reserveFreeBytes
                            + ").");
        }
        outstanding.put(snapshotId, neededBytes);
        promised.put(snapshotId, neededBytes);
    }

    /**
     * Promises more room to a snapshot that has some.
     *
     * @throws HindsightException INSUFFICIENT_STORAGE with needed and free bytes, where there is not so much; what it has it keeps
     */
    public synchronized void extend(String snapshotId, long moreBytes) {
        if (!outstanding.containsKey(snapshotId)) {
            return; // it has ended meanwhile
        }
        long has = outstanding.get(snapshotId);
        long promisedBefore = promised.getOrDefault(snapshotId, 0L);
        outstanding.remove(snapshotId);
        try {
            // As a new promise for all that is yet to come; the quota counts what it has written as well.
            requireQuota(snapshotId, promisedBefore + moreBytes);
            reserve(snapshotId, has + moreBytes);
        } catch (HindsightException noRoom) {
            outstanding.put(snapshotId, has);
            throw noRoom;
        }
        promised.put(snapshotId, promisedBefore + moreBytes);
    }

    /** Takes back what a running snapshot was promised and turned out not to need. */
    public synchronized void giveBack(String snapshotId, long bytes) {
        outstanding.computeIfPresent(snapshotId, (id, left) -> Math.max(0, left - bytes));
        promised.computeIfPresent(snapshotId, (id, all) -> Math.max(0, all - bytes));
    }

    private void requireQuota(String snapshotId, long neededBytes) {
        long running = sum(promised) - promised.getOrDefault(snapshotId, 0L);
        long left = Math.max(0, quotaBytes - sum(kept) - running);
        if (quotaBytes > 0 && neededBytes > left) {
            throw new HindsightException(
                    ErrorCode.INSUFFICIENT_STORAGE,
                    "The quota of the snapshot volume does not allow it: needed="
                            + neededBytes
                            + " left="
                            + left
                            + " bytes (quota="
                            + quotaBytes
                            + ", sealed snapshots="
                            + sum(kept)
                            + ", promised to running snapshots="
                            + running
                            + "). Delete snapshots, or raise quota.");
        }
    }

    private static long sum(Map<String, Long> bytes) {
        return bytes.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Takes bytes that were written off what the snapshot has yet to write. */
    public synchronized void written(String snapshotId, long bytes) {
        outstanding.computeIfPresent(snapshotId, (id, left) -> Math.max(0, left - bytes));
    }

    /** The snapshot has ended. */
    public synchronized void release(String snapshotId) {
        outstanding.remove(snapshotId);
        promised.remove(snapshotId);
    }

    /** A sealed snapshot takes so much. */
    public synchronized void keep(String snapshotId, long bytes) {
        kept.put(snapshotId, bytes);
    }

    /** A sealed snapshot is gone. */
    public synchronized void gone(String snapshotId) {
        kept.remove(snapshotId);
    }

    /** What a sealed snapshot takes; 0 where it is not known. */
    public synchronized long keptBytes(String snapshotId) {
        return kept.getOrDefault(snapshotId, 0L);
    }

    /** What all sealed snapshots take. */
    public synchronized long keptBytes() {
        return sum(kept);
    }

    /** What running snapshots may take altogether. */
    public synchronized long promisedBytes() {
        return sum(promised);
    }

    /** That all snapshots may take together; 0: no quota. */
    public long quotaBytes() {
        return quotaBytes;
    }

    /** Promised and not yet written. */
    public synchronized long outstandingBytes() {
        return sum(outstanding);
    }
}
