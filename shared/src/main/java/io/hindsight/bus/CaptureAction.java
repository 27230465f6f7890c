package io.hindsight.bus;

/** What may be asked at {@link Addresses#CAPTURE}. The name is the value of {@link Addresses#ACTION_HEADER}. */
public enum CaptureAction {
    /** empty → {@link io.hindsight.api.CaptureState}. */
    GET,
    /** {@link io.hindsight.api.CapturePolicy} → {@link io.hindsight.api.CaptureState}: in force from now on, on every node. */
    SET
}
