package io.hindsight.hub.capture;

import io.hindsight.api.CapturePolicy;
import io.hindsight.api.CaptureState;
import java.time.Instant;

/**
 * What is remembered over a restart. Immutable.
 *
 * @param version {@value #VERSION}
 * @param state the policy in force
 * @param settings the Hub's settings when that was so: where they differ at a start, somebody has changed them since, and they win
 */
record StoredPolicy(int version, CaptureState state, CapturePolicy settings) {
    static final int VERSION = 1;
    static final String BY_CONFIGURATION = "configuration";

    StoredPolicy(CaptureState state, CapturePolicy settings) {
        this(VERSION, state, settings);
    }

    /** Of a Hub that remembers nothing. */
    static StoredPolicy ofSettings(long revision, CapturePolicy settings, Instant now) {
        return new StoredPolicy(new CaptureState(revision, settings, BY_CONFIGURATION, now), settings);
    }

    /** At a start with these settings: a change through the API holds until the settings are others than when it was made. */
    StoredPolicy startedWith(CapturePolicy now, Instant at) {
        if (now.equals(settings)) {
            return this;
        }
        return now.equals(state.policy()) ? new StoredPolicy(state, now) : ofSettings(state.revision() + 1, now, at);
    }
}
