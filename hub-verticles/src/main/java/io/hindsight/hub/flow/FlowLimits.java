package io.hindsight.hub.flow;

import java.time.Duration;

/**
 * Bounds of one computation of flows. What lies beyond is counted and told ({@link io.hindsight.api.FlowPage.Coverage}).
 *
 * @param maxFlows flows that are listed
 * @param maxObservations of all listed flows together: a flow that is seen at three points has three
 * @param maxHandshakes that are measured, over all points
 * @param maxFingerprints of flows that are not listed, to count them
 * @param timeout after which the computation ends with TIMED_OUT
 */
public record FlowLimits(int maxFlows, int maxObservations, int maxHandshakes, int maxFingerprints, Duration timeout) {
    /** What holds where nothing else is said: at most about 200 MiB while packets are read. */
    public static final FlowLimits DEFAULTS =
            new FlowLimits(1 << 18, 1 << 19, 1 << 21, UnlistedFlows.MAX_FINGERPRINTS, Duration.ofMinutes(10));
}
