package io.hindsight.hub.bridge;

import io.hindsight.hub.link.LinkLimits;
import java.time.Duration;

/**
 * Every bound on programs at the bridge.
 *
 * @param sockets of each connection, and how many of one kind, WebSocket or TCP, there may be
 * @param maxBacklogBytes that wait for slow programs, over all connections
 * @param maxRegistrations of one connection
 * @param maxUnanswered requests of one connection that wait for the Hub
 * @param messagesPerSecond of one connection in the long run; one SockJS frame may hold several
 * @param burstMessages at once
 * @param answerTimeout for the Hub's answer
 * @param verifyTimeout the same for a verification
 */
public record BridgeLimits(
        LinkLimits sockets,
        long maxBacklogBytes,
        int maxRegistrations,
        int maxUnanswered,
        int messagesPerSecond,
        int burstMessages,
        Duration answerTimeout,
        Duration verifyTimeout) {
    /** Longest address, and longest address for an answer, that a message may name. */
    public static final int MAX_ADDRESS_LENGTH = 128;

    /** What holds where nothing else is said. */
    public static final BridgeLimits DEFAULTS =
            new BridgeLimits(
                    new LinkLimits(
                            200,
                            1 << 20,
                            16 << 20,
                            Duration.ofSeconds(10),
                            200,
                            1_000,
                            1 << 20,
                            4 << 20,
                            8 << 20,
                            Duration.ofSeconds(15),
                            Duration.ofSeconds(45)),
                    64L << 20,
                    16,
                    64,
                    200,
                    1_000,
                    Duration.ofSeconds(30),
                    Duration.ofHours(12));

    /** The same with other bounds on connections. */
    public BridgeLimits withSockets(LinkLimits others) {
        return new BridgeLimits(
                others,
                maxBacklogBytes,
                maxRegistrations,
                maxUnanswered,
                messagesPerSecond,
                burstMessages,
                answerTimeout,
                verifyTimeout);
    }

    /** The same with other bounds on what one connection asks. */
    public BridgeLimits withRequests(int registrations, int unanswered, Duration answer) {
        return new BridgeLimits(
                sockets,
                maxBacklogBytes,
                registrations,
                unanswered,
                messagesPerSecond,
                burstMessages,
                answer,
                verifyTimeout);
    }
}
