package io.hindsight.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot as the API shows it, running or ended.
 *
 * @param id lower-case letters, digits and dashes, at most 64; name of its folder
 * @param name for people
 * @param state where it stands
 * @param createdAt when it was asked for
 * @param createdBy who asked: {@code local}, or the token's name
 * @param endedAt when it ended
 * @param from window: first instant
 * @param to window: first instant after
 * @param bytes bytes in its data files, so far
 * @param packets packet records, so far
 * @param records records that are not packets, so far
 * @param chunks chunks, so far
 * @param progress while it runs
 * @param nodes one entry per chosen node
 * @param merkleRoot hex, once sealed
 * @param error why it failed or is partial
 * @param verification how the newest verification ended, where there was one since it was sealed
 * @param lockUntil first instant at which it may be deleted; absent: it was never locked
 * @param endedEarly that its window was ended before its time; absent: it was not
 * @param batch id of the {@link Batch} that it is an item of; absent where it is of none
 */
public record Snapshot(
        String id,
        String name,
        SnapshotState state,
        Instant createdAt,
        String createdBy,
        @Nullable Instant endedAt,
        Instant from,
        Instant to,
        long bytes,
        long packets,
        long records,
        long chunks,
        @Nullable Progress progress,
        List<SnapshotNode> nodes,
        @Nullable String merkleRoot,
        @Nullable Problem error,
        @Nullable Verification verification,
        @Nullable Instant lockUntil,
        @Nullable EarlyEnd endedEarly,
        @Nullable String batch) {
    public Snapshot {
        nodes = List.copyOf(nodes);
    }

    /** Not verified since it was sealed, and not locked. */
    public Snapshot(
            String id,
            String name,
            SnapshotState state,
            Instant createdAt,
            String createdBy,
            @Nullable Instant endedAt,
            Instant from,
            Instant to,
            long bytes,
            long packets,
            long records,
            long chunks,
            @Nullable Progress progress,
            List<SnapshotNode> nodes,
            @Nullable String merkleRoot,
            @Nullable Problem error) {
        this(
                id,
                name,
                state,
                createdAt,
                createdBy,
                endedAt,
                from,
                to,
                bytes,
                packets,
                records,
                chunks,
                progress,
                nodes,
                merkleRoot,
                error,
                null,
                null,
                null,
                null);
    }

    /** With the outcome of a verification. */
    public Snapshot with(@Nullable Verification outcome) {
        return with(outcome, lockUntil, endedEarly, batch);
    }

    /** Locked until then, or not. */
    public Snapshot lockedUntil(@Nullable Instant until) {
        return with(verification, until, endedEarly, batch);
    }

    /** With a window that was ended early, or was not. */
    public Snapshot endedEarly(@Nullable EarlyEnd end) {
        return with(verification, lockUntil, end, batch);
    }

    /** An item of the batch, or of none. */
    public Snapshot inBatch(@Nullable String batchId) {
        return with(verification, lockUntil, endedEarly, batchId);
    }

    private Snapshot with(
            @Nullable Verification outcome, @Nullable Instant until, @Nullable EarlyEnd end, @Nullable String batchId) {
        return new Snapshot(
                id,
                name,
                state,
                createdAt,
                createdBy,
                endedAt,
                from,
                to,
                bytes,
                packets,
                records,
                chunks,
                progress,
                nodes,
                merkleRoot,
                error,
                outcome,
                until,
                end,
                batchId);
    }

    /**
     * How far it is.
     *
     * @param bytesExpected upper bound, known after planning; 0 before
     * @param bytesDone written
     * @param bytesDurable on disk
     * @param bytesPerSecond over the last second or so
     * @param etaMs milliseconds until all is written at this rate, the window's end waited for; absent while the rate is not known
     * @param recordingUntil the window's end, while it lies ahead: what is expected are bytes that have been recorded so far; absent once the window is over
     */
    public record Progress(
            long bytesExpected,
            long bytesDone,
            long bytesDurable,
            double bytesPerSecond,
            @Nullable Long etaMs,
            @Nullable Instant recordingUntil) {
        /** Of a window that is over. */
        public Progress(
                long bytesExpected, long bytesDone, long bytesDurable, double bytesPerSecond, @Nullable Long etaMs) {
            this(bytesExpected, bytesDone, bytesDurable, bytesPerSecond, etaMs, null);
        }
    }

    /**
     * A stable code and a sentence.
     *
     * @param code name of an {@link io.hindsight.error.ErrorCode}
     * @param detail whole sentence
     */
    public record Problem(String code, String detail) {}
}
