package io.hindsight.hub.link;

import io.hindsight.bus.LinkProtocol;
import java.time.Duration;

/**
 * Every bound on links. An agent that breaks one is disconnected, which is counted and logged; it dials again.
 *
 * @param maxLinks open at once; more are refused with 429
 * @param maxMessageBytes of one message
 * @param maxPartialBytes of messages that have arrived in part, over all links
 * @param messageTimeout from a message's first frame to its last
 * @param framesPerSecond of one link in the long run
 * @param burstFrames at once
 * @param bytesPerSecond of one link in the long run
 * @param burstBytes at once
 * @param maxBacklogBytes that wait for a slow agent
 * @param pingInterval between the Hub's pings
 * @param silentFor an agent of which nothing comes for this long, not even an answer to a ping, is gone
 */
public record LinkLimits(
        int maxLinks,
        int maxMessageBytes,
        int maxPartialBytes,
        Duration messageTimeout,
        int framesPerSecond,
        int burstFrames,
        int bytesPerSecond,
        int burstBytes,
        int maxBacklogBytes,
        Duration pingInterval,
        Duration silentFor) {
    /** What holds where nothing else is said. */
    public static final LinkLimits DEFAULTS =
            new LinkLimits(
                    1_000,
                    LinkProtocol.MAX_MESSAGE_BYTES,
                    64 << 20,
                    Duration.ofSeconds(10),
                    100,
                    1_000,
                    1 << 20,
                    16 << 20,
                    8 << 20,
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(10));

    /** The same with other bounds on what waits in memory. */
    public LinkLimits withMemory(int links, int partialBytes, int backlogBytes) {
        return new LinkLimits(
                links,
                maxMessageBytes,
                partialBytes,
                messageTimeout,
                framesPerSecond,
                burstFrames,
                bytesPerSecond,
                burstBytes,
                backlogBytes,
                pingInterval,
                silentFor);
    }

    /** The same with other times. */
    public LinkLimits withTimes(Duration message, Duration ping, Duration silent) {
        return new LinkLimits(
                maxLinks,
                maxMessageBytes,
                maxPartialBytes,
                message,
                framesPerSecond,
                burstFrames,
                bytesPerSecond,
                burstBytes,
                maxBacklogBytes,
                ping,
                silent);
    }
}
