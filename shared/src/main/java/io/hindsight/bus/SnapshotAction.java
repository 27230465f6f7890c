package io.hindsight.bus;

/** What may be asked at {@link Addresses#SNAPSHOTS}. The name is the value of {@link Addresses#ACTION_HEADER}. */
public enum SnapshotAction {
    /** {@link io.hindsight.api.SnapshotRequest} → {@link io.hindsight.api.Snapshot}; header {@code idempotency-key} and {@code requested-by} optional. */
    CREATE,
    /** {@link io.hindsight.api.SnapshotQuery} → {@link io.hindsight.api.SnapshotPage}. */
    LIST,
    /** {@code {"id": …}} → {@link io.hindsight.api.Snapshot}. */
    GET,
    /** {@code {"id": …}} → {@link io.hindsight.api.Snapshot}: cancelled, or as it was if already ended. */
    CANCEL,
    /** {@code {"id": …}} → empty. */
    DELETE,
    /** {@code {"id": …}} → {@link io.hindsight.api.VerifyReport}. */
    VERIFY,
    /** {@code {"id": …}} → the manifest as it lies in the file. */
    MANIFEST,
    /** Empty → {@link io.hindsight.api.ScrubStatus}. */
    SCRUB_STATUS,
    /** {@link LockRequest} → {@link io.hindsight.api.Snapshot}. */
    LOCK,
    /** {@link io.hindsight.api.RetentionQuery} → {@link io.hindsight.api.RetentionPlan}. */
    RETENTION,
    /** Empty → {@link io.hindsight.api.VolumeStatus}. */
    VOLUME,
    /**
     * {@link io.hindsight.api.BatchRequest} → {@link io.hindsight.api.Batch}; headers as of CREATE. Refused as a whole where one request is wrong: the failure has
     * {@code items} that name each and its field.
     */
    BATCH,
    /** {@code {"id": …}} → {@link io.hindsight.api.Batch}. */
    GET_BATCH,
    /** {@code {"id": …}} → {@link io.hindsight.api.Batch}: all its snapshots that had not ended are cancelled. */
    CANCEL_BATCH
}
