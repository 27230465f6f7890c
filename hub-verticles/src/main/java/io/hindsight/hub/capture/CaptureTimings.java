package io.hindsight.hub.capture;

import java.time.Duration;

/**
 * How patiently agents are told. Immutable.
 *
 * @param answer how long an agent has to answer an order: it compiles the filter, and puts it into the kernel
 * @param again a node that says that it follows another revision is told again after this time, not sooner
 * @param longestPause after several failures it is longer, up to this
 */
record CaptureTimings(Duration answer, Duration again, Duration longestPause) {
    static final CaptureTimings DEFAULTS =
            new CaptureTimings(Duration.ofSeconds(10), Duration.ofSeconds(5), Duration.ofMinutes(1));

    /** From one order to the next after so many failures, nanoseconds. */
    long pauseNs(int failures) {
        long doubled = again.toNanos() << Math.clamp(failures - 1L, 0, 10);
        return Math.min(doubled, longestPause.toNanos());
    }
}
