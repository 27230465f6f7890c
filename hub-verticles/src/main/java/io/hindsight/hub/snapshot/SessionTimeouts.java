package io.hindsight.hub.snapshot;

import java.time.Duration;

/**
 * How long a session waits.
 *
 * @param admission until the answer to a creation is sent, planned or not
 * @param plan for an agent's extent, beyond the window's end
 * @param request for an agent's answer to anything else
 * @param streamIdle for an agent that has credit to send something
 * @param lease of the agents' pins without a word from the Hub
 * @param resume for the nodes of an interrupted session to report again
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
                    Duration.ofSeconds(60),
                    Duration.ofSeconds(30));
}
