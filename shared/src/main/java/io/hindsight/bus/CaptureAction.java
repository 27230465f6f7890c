package io.hindsight.bus;

/** What may be asked at {@link Addresses#CAPTURE}. The name is the value of {@link Addresses#ACTION_HEADER}. */
public enum CaptureAction {
    /** empty → {@link io.hindsight.api.CaptureOverview}, which reads as {@link io.hindsight.api.CaptureState} too. */
    GET,
    /** {@link io.hindsight.api.CapturePolicy} → {@link io.hindsight.api.CaptureOverview}: in force from now on, on every node. */
    SET,
    /** {@link ListeningAt}, not answered: where the Hub is reached, which agents leave out. */
    LISTENING
}
