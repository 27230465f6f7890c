package io.hindsight.hub.snapshot;

import java.time.Duration;

/**
 * How long a session waits.
 *
 * @param admission until the answer to a creation is sent, planned or not
 * @param plan for an agent's extent, beyond the window's end
 * @param request for an agent's answer to anything else
 * @param streamIdle for an agent that has credit to send something
 * @param lease of the agents' pins without a word from the Hub, at least: {@link #leaseFor}
 * @param resume for the nodes of an interrupted session to report again, at least: a Hub that has just started knows nobody
 */
public record SessionTimeouts(
        Duration admission, Duration plan, Duration request, Duration streamIdle, Duration lease, Duration resume) {
    /** What production uses. */
    public static final SessionTimeouts DEFAULTS =
            new SessionTimeouts(
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(15),
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(15),
                    Duration.ofSeconds(150),
                    Duration.ofSeconds(30));

    /** The longest that agents grant. */
    private static final Duration MAX_LEASE = Duration.ofHours(1);

    /**
     * How long agents keep their pins without a word. A node that is cut off just before its lease would have been renewed, which is after a
     * quarter of it, must still have them when the Hub has noticed, has waited with all its patience, and asks for a plan.
     */
    Duration leaseFor(Duration nodePatience) {
        Duration cutOff = nodePatience.plus(streamIdle).plus(plan);
        Duration needed = cutOff.multipliedBy(4).dividedBy(3);
        Duration longer = needed.compareTo(lease) > 0 ? needed : lease;
        return longer.compareTo(MAX_LEASE) > 0 ? MAX_LEASE : longer;
    }
}
