package io.hindsight.hub.bridge;

import io.hindsight.hub.link.LinkLimits;
import java.time.Duration;

/**
 * Every bound on programs at the bridge. A program that breaks one of its connection is disconnected; one that asks for too much is told.
 *
 * @param maxSockets open at once, of WebSockets and of TCP connections each
 * @param maxMessageBytes of one message
 * @param maxPartialBytes of messages that have arrived in part, over all connections
 * @param messageTimeout from a message's first frame to its last, and by TCP to the first message that says who it is
 * @param messagesPerSecond messages, and frames, of one connection in the long run
 * @param burstMessages at once
 * @param bytesPerSecond of one WebSocket in the long run
 * @param burstBytes at once
 * @param maxSocketBacklogBytes that wait for one slow program
 * @param maxBacklogBytes that wait for slow programs, over all connections
 * @param pingInterval between the Hub's pings
 * @param silentFor a program of which nothing comes for this long, not even an answer to a ping, is gone
 * @param maxRegistrations of one connection
 * @param maxUnanswered requests of one connection that wait for the Hub
 * @param answerTimeout for the Hub's answer
 * @param verifyTimeout the same for a verification
 */
public record BridgeLimits(
        int maxSockets,
        int maxMessageBytes,
        int maxPartialBytes,
        Duration messageTimeout,
        int messagesPerSecond,
        int burstMessages,
        int bytesPerSecond,
        int burstBytes,
        int maxSocketBacklogBytes,
        int maxBacklogBytes,
        Duration pingInterval,
        Duration silentFor,
        int maxRegistrations,
        int maxUnanswered,
        Duration answerTimeout,
        Duration verifyTimeout) {
    /** What holds where nothing else is said. */
    public static final BridgeLimits DEFAULTS =
            new BridgeLimits(
                    200,
                    1 << 20,
                    16 << 20,
                    Duration.ofSeconds(10),
                    200,
                    1_000,
                    1 << 20,
                    4 << 20,
                    8 << 20,
                    64 << 20,
                    Duration.ofSeconds(15),
                    Duration.ofSeconds(45),
                    16,
                    64,
                    Duration.ofSeconds(30),
                    Duration.ofHours(12));

    /** Longest address, and longest address for an answer, that a message may name. */
    public static final int MAX_ADDRESS_LENGTH = 128;

    /** The part that is about frames, as links have it. */
    LinkLimits sockets() {
        return new LinkLimits(
                maxSockets,
                maxMessageBytes,
                maxPartialBytes,
                messageTimeout,
                messagesPerSecond,
                burstMessages,
                bytesPerSecond,
                burstBytes,
                maxSocketBacklogBytes,
                pingInterval,
                silentFor);
    }
}
