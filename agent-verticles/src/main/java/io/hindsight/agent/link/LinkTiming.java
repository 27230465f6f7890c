package io.hindsight.agent.link;

import java.time.Duration;

/**
 * How patient a link is. Immutable.
 *
 * @param dial until the Hub has answered a dial
 * @param ping between two pings
 * @param silence without a sign of life, or with a socket that takes nothing: then the link is closed and dialled anew
 * @param answer without an answer to heartbeats that were sent: then too
 * @param firstWait bound of the first wait before a dial
 * @param longestWait bound of all waits
 * @param proof the link is good, and the next break a new one, after this time
 */
public record LinkTiming(
        Duration dial,
        Duration ping,
        Duration silence,
        Duration answer,
        Duration firstWait,
        Duration longestWait,
        Duration proof) {
    /** What is used. */
    public static final LinkTiming DEFAULTS =
            new LinkTiming(
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(15),
                    Duration.ofMillis(200),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(10));
}
