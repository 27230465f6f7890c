package io.hindsight.agent.kubernetes;

import java.time.Duration;

/**
 * How often the API server is asked.
 *
 * @param first bound of the wait after a first failure, and after a watch that ended as watches do
 * @param longest bound of the wait after many
 * @param watchFor how long a watch lasts before it is opened anew where it stopped, less up to a quarter, so that not all agents do so at once; whole seconds
 * @param goodAfter a watch that lasted so long was a good one: the next break is a new one
 * @param pageSize objects on a page of a list
 */
record WatchPace(Duration first, Duration longest, Duration watchFor, Duration goodAfter, int pageSize) {
    /** What agents use. */
    static final WatchPace DEFAULTS =
            new WatchPace(
                    Duration.ofSeconds(1), Duration.ofSeconds(60), Duration.ofMinutes(5), Duration.ofSeconds(10), 100);
}
